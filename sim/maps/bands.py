"""The excluded region without a grid: on every ray of fixed bD / bI it is one interval of bA / bI, in closed form.

The equilibrium depends on the ratios t = bD / bI and s = bA / bI only, and while it is interior it is linear in s:
w = w0(t) + s g(t) (theory of the alignment game, section 4). So the interior points of a ray are an interval of s, and
those among them with w_d below the threshold are one too. The three planes of the paper are windows of the one plane
(t, s); a region can fall apart in it only where the interval closes along t.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, finite_array, non_negative, positive, read_only
from sim.errors import InputError
from sim.maps.terms import validated_game


@dataclass(frozen=True, eq=False)
class Bands:
    """Where each group is excluded, ray by ray; crowding averaged over the other accounts, as in maps.

    Attributes:
        ratios: t = bD / bI of each ray, rising, (n,).
        interior: Ends of the interior interval of s = bA / bI on each ray, (n, 2); equal if there is none.
        low: Where the excluded interval of each group begins, (n, D).
        high: Where it ends, (n, D); at most `low` if there is none, infinite if it has no end.
    """

    ratios: Array
    interior: Array
    low: Array
    high: Array

    def pieces(self, group: int) -> int:
        """Connected parts of the excluded region of a group (by index), over the ratios given.

        The ends of the interval move continuously with the ratio, so rays next to each other that both have one belong
        together, however thin it is.
        """
        there = self.low[:, group] < self.high[:, group]
        return int(there[0]) + int(np.sum(there[1:] & ~there[:-1]))


def exclusion_bands(
    *,
    attractiveness: ArrayLike,
    inconsistency: ArrayLike,
    similarity: ArrayLike,
    ratios: ArrayLike | None = None,
    threshold: float = 0.05,
    reach: float = 1e4,
) -> Bands:
    """The excluded interval of every group on every ray, from one bordered system a ray.

    Args:
        attractiveness: a, (D,).
        inconsistency: C, (D, D), positive definite on the tangent space, so that every ray has one equilibrium.
        similarity: S, (D, D), positive semidefinite there.
        ratios: bD / bI, rising, (n,); 8001 from 1e-4 to 1e4 on a log scale if not given: those that maps from 0.01 to
            100 show.
        threshold: Weight below which a group counts as excluded.
        reach: Largest bA / bI looked at, above 0; infinity for no end.

    Raises:
        InputError: Bad input; the message names the field.

    >>> bands = exclusion_bands(
    ...     attractiveness=[0.5, 0.3, 0.2], inconsistency=np.diag([0.3, 0.3, 0.6]), similarity=np.eye(3), ratios=[1, 2]
    ... )
    >>> bands.low[:, 2].round(3).tolist(), bands.high[:, 2].round(3).tolist(), bands.pieces(2)
    ([3.25, 5.375], [4.0, 6.5], 1)
    """
    game = validated_game(attractiveness, inconsistency, similarity, None)
    steps = np.logspace(-4, 4, 8001) if ratios is None else finite_array("ratios", ratios, ndim=1)
    if steps.size == 0 or steps.min() < 0 or (np.diff(steps) <= 0).any():
        raise InputError("ratios", f"{steps.size} values", "expected at least one, >= 0 and rising")
    level = positive("threshold", threshold)
    start, slope = _lines(game.attractiveness, game.inconsistency, game.similarity, steps)
    low, high = _positive_between(start, slope, reach)
    bottom, top = low.max(axis=1), high.min(axis=1)
    top = np.maximum(bottom, top)
    # Below the threshold: where threshold - w_d is positive.
    under, over = _positive_between(level - start, -slope, reach)
    return Bands(
        ratios=read_only(steps),
        interior=read_only(np.stack([bottom, top], axis=1)),
        low=read_only(np.maximum(under, bottom[:, None])),
        high=read_only(np.minimum(over, top[:, None])),
    )


class PlaneShares(NamedTuple):
    """Shares of the plane of log bA and log bI.

    Attributes:
        excluded: Where each group is excluded, (D,).
        interior: Where the equilibrium is interior.
    """

    excluded: Array
    interior: float


def plane_shares(
    *,
    attractiveness: ArrayLike,
    inconsistency: ArrayLike,
    similarity: ArrayLike,
    diversity: float,
    window: tuple[float, float] = (1e-2, 1e2),
    threshold: float = 0.05,
    rays: int = 400,
) -> PlaneShares:
    """Areas of a map over bA and bI at fixed bD, exact along bA, by the midpoint rule along bI.

    A grid counts cells; where bD = 0 the border of the interior equilibria runs along its diagonal, and a whole
    diagonal of cells goes in or out with a digit.

    Args:
        attractiveness: As of `exclusion_bands`, and so the rest.
        inconsistency: See there.
        similarity: See there.
        diversity: bD >= 0.
        window: Least and largest value of bA and of bI, above 0.
        threshold: See there.
        rays: Values of bI.

    Raises:
        InputError: Bad input; the message names the field.

    >>> shares = plane_shares(
    ...     attractiveness=[0.5, 0.3, 0.2], inconsistency=np.diag([0.3, 0.3, 0.6]), similarity=np.eye(3), diversity=1.0
    ... )
    >>> shares.excluded.round(4).tolist(), round(shares.interior, 4)
    ([0.0, 0.0, 0.0227], 0.7163)
    """
    least, largest = positive("window[0]", window[0]), positive("window[1]", window[1])
    edges = np.linspace(np.log(largest), np.log(least), rays + 1)
    own = np.exp((edges[1:] + edges[:-1]) / 2)
    level = non_negative("diversity", diversity)
    bands = exclusion_bands(
        attractiveness=attractiveness,
        inconsistency=inconsistency,
        similarity=similarity,
        ratios=level / own if level > 0 else [0.0],
        threshold=threshold,
        reach=2 * largest / least,
    )

    def covered(low: Array, high: Array) -> Array:
        ends = [np.clip(end * own[:, None], least, largest) for end in (low, high)]
        lengths: Array = np.maximum(np.log(ends[1]) - np.log(ends[0]), 0.0)
        share: Array = lengths.mean(axis=0) / np.log(largest / least)
        return share

    inside = covered(bands.interior[:, :1], bands.interior[:, 1:])
    return PlaneShares(excluded=covered(bands.low, bands.high), interior=float(inside[0]))


def _lines(pull: Array, own: Array, crowd: Array, ratios: Array) -> tuple[Array, Array]:
    """w0 and g of every ray, (n, D) each, from the bordered system [A e; e' 0]."""
    size = pull.size
    bordered = np.zeros((ratios.size, size + 1, size + 1))
    bordered[:, :size, :size] = 2 * own + ratios[:, None, None] * crowd
    bordered[:, :size, size] = bordered[:, size, :size] = 1.0
    right = np.zeros((size + 1, 2))
    right[size, 0] = 1.0
    right[:size, 1] = pull
    try:
        solved = np.linalg.solve(bordered, np.broadcast_to(right, (ratios.size, *right.shape)))
    except np.linalg.LinAlgError as error:
        remedy = "2 bI C + bD S is singular on the tangent space; use a definite C, such as gram+spread"
        raise InputError("inconsistency", "singular matrix", remedy) from error
    lines = np.asarray(solved[:, :size], np.float64)
    return lines[:, :, 0], lines[:, :, 1]


def _positive_between(start: Array, slope: Array, reach: float) -> tuple[Array, Array]:
    """Ends of {s in (0, reach): start + s slope > 0}, entry by entry; the first not below the second if empty."""
    with np.errstate(divide="ignore", invalid="ignore"):
        zero = np.clip(np.where(slope == 0, np.inf, -start / slope), 0.0, reach)
    rising, falling = slope > 0, slope < 0
    low = np.where(rising, zero, np.where(~falling & (start <= 0), reach, 0.0))
    high = np.where(falling, zero, reach)
    return low, high
