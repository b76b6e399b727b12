"""The Pareto front of engagement against representation over the levers: what the one costs in the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import xlogy

from sim.alignment_game import Incentives
from sim.arrays import Array, finite_array, read_only, whole_number
from sim.design.closed_form import Centred, levels_at
from sim.design.safe import checked_threshold
from sim.errors import InputError
from sim.estimation.draws import GameDraws
from sim.estimation.estimator import GameTerms
from sim.maps.exclusion_map import exclusion_map

_RATIOS = np.log(np.logspace(-4, 4, 161))


@dataclass(frozen=True, eq=False, kw_only=True)
class Front:
    """Incentives that nothing else beats in both, by rising representation.

    Attributes:
        incentives: bA, bI, bD of each point, (N, 3); only ratios count.
        mixtures: Equilibria, (N, D).
        engagement: a'w, (N,), falling.
        representation: The measure, (N,), rising.
        knee: Index of the point farthest beyond the straight line between the ends, both measures scaled to 0..1.
        bend: How far it lies beyond: 0 for a straight line, which has no knee; below 1.
    """

    incentives: Array
    mixtures: Array
    engagement: Array
    representation: Array
    knee: int
    bend: float


def engagement_front(terms: GameTerms, *, least: ArrayLike | None = None, points: int = 40) -> Front:
    """The most engagement that incentives can give while every group has at least some weight, for many such weights.

    Exact in bA: at a fixed ratio bD / bI the mixture is linear in bA, engagement rises along it (a'Pa >= 0), and the bA
    that keep every group form an interval known in closed form; so its upper end is best (theory of the
    alignment game, section 4). The ratio is scanned from 10^-4 to 10^4 and the best place refined; bD = 0 and bI = 0
    are tried too.

    Args:
        terms: a, C and S; crowding is averaged over the other accounts.
        least: Least weights asked for, each above 0 and below 1/D, (N,).
        points: How many, evenly from 0.001 to just below 1/D, if `least` is not given.

    Raises:
        InputError: Weights out of range, or no incentives reach any of them.
    """
    dimension = len(terms.attractiveness)
    if least is None:
        least = np.linspace(0.001, 0.999 / dimension, whole_number("points", points, minimum=3))
    levels = finite_array("least", least, ndim=1)
    if levels.size == 0 or levels.min() <= 0 or levels.max() >= 1 / dimension:
        raise InputError("least", levels.tolist(), f"expected weights above 0 and below 1/D = {1 / dimension:.6g}")
    centred = Centred.of(GameDraws.of([terms]))
    found = [each for each in (_best_at(terms, centred, float(level)) for level in levels) if each is not None]
    if not found:
        raise InputError("least", levels.min(), "no incentives give every group this weight; ask for less")
    incentives = np.array(found)
    mixtures = np.array([_solved(terms, *row) for row in incentives])
    return _front(incentives, mixtures, mixtures @ terms.attractiveness, mixtures.min(axis=1))


def most_engaging(terms: GameTerms, least: float) -> Incentives | None:
    """The incentives of most engagement at which every group has at least a weight; one point of `engagement_front`.

    Args:
        terms: a, C and S.
        least: The weight, above 0 and below 1/D.

    Returns:
        The incentives, the largest of bI and bD being 1; None if none give every group this weight.

    Raises:
        InputError: A weight out of range.
    """
    checked_threshold(least, len(terms.attractiveness))
    found = _best_at(terms, Centred.of(GameDraws.of([terms])), least)
    return None if found is None else Incentives(*found)


def swept_front(
    terms: GameTerms, representation: Callable[[Array], Array], *, pulls: ArrayLike, crowds: ArrayLike
) -> Front:
    """The front of any measure over a grid of bA and bD at bI = 1, every point solved exactly, boundary included.

    Args:
        terms: a, C and S.
        representation: The measure of mixtures (N, D), larger is better, (N,): `least_weights`, `effective_numbers`.
        pulls: Values of bA, (n1,).
        crowds: Values of bD, (n2,).

    Raises:
        InputError: As `exclusion_map`.
    """
    grid: dict[str, ArrayLike] = {"attractiveness": pulls, "inconsistency": 1.0, "diversity": crowds}
    found = exclusion_map(**terms._asdict(), grid=grid)
    across, up = np.meshgrid(*found.grid.values, indexing="ij")
    incentives = np.stack([across.ravel(), np.ones(across.size), up.ravel()], axis=1)
    mixtures = found.mixtures.reshape(-1, found.dimension)
    return _front(incentives, mixtures, mixtures @ terms.attractiveness, representation(mixtures))


def least_weights(mixtures: Array) -> Array:
    """Least weight of each mixture, (N,)."""
    least: Array = mixtures.min(axis=1)
    return least


def effective_numbers(mixtures: Array) -> Array:
    """Exponential of the entropy of each mixture, (N,): how many groups of equal weight are as diverse."""
    numbers: Array = np.exp(-xlogy(mixtures, mixtures).sum(axis=1))
    return numbers


def non_dominated(first: ArrayLike, second: ArrayLike) -> NDArray[np.intp]:
    """Indices of the points that no other beats: at least as good in both measures and better in one, by rising second.

    Of equal points the first stays.

    >>> non_dominated([3, 1, 2, 2], [1, 3, 2, 1]).tolist()
    [0, 2, 1]
    """
    one, two = finite_array("first", first, ndim=1), finite_array("second", second, ndim=1)
    if one.size != two.size:
        raise InputError("second", f"{two.size} values", f"expected {one.size}, one per point")
    order = np.lexsort((np.arange(one.size), -one, -two))  # best second first, of equals the best first
    ahead = np.concatenate([[-np.inf], np.maximum.accumulate(one[order])[:-1]])
    kept: NDArray[np.intp] = order[one[order] > ahead][::-1]
    return kept


class Knee(NamedTuple):
    """Where a front bends most: place of the point in it, and how far it lies beyond the line between the ends."""

    place: int
    bend: float


def knee(first: Array, second: Array) -> Knee:
    """The point of a front farthest beyond the line between its ends, both measures scaled to 0..1; of a line, any.

    >>> knee(np.array([1.0, 0.95, 0.5, 0.0]), np.array([0.0, 0.5, 0.8, 1.0]))
    Knee(place=1, bend=0.45)
    """
    scaled = [(each - each.min()) / max(float(np.ptp(each)), 1e-300) for each in (first, second)]
    beyond = scaled[0] + scaled[1] - 1
    place = int(np.argmax(beyond))
    return Knee(place, round(max(float(beyond[place]), 0.0), 12))


def _front(incentives: Array, mixtures: Array, engagement: Array, representation: Array) -> Front:
    kept = non_dominated(engagement, representation)
    turn = knee(engagement[kept], representation[kept])
    return Front(
        incentives=read_only(incentives[kept]),
        mixtures=read_only(mixtures[kept]),
        engagement=read_only(engagement[kept]),
        representation=read_only(representation[kept]),
        knee=turn.place,
        bend=turn.bend,
    )


def _best_at(terms: GameTerms, centred: Centred, level: float) -> tuple[float, float, float] | None:
    """Incentives of most engagement with every group at `level`; None if there are none."""
    none = float(terms.attractiveness.min()) - 1.0  # below any engagement, and a number that a search can handle

    def ends(own: float, crowd: float) -> tuple[float, float]:
        low, high = (float(each[0]) for each in levels_at(centred, own, crowd, level))
        if low > high:
            return none, 0.0
        # Without an upper end the mixture doesn't move with bA: any value will do.
        pull = high if np.isfinite(high) else low
        return _engagement(terms, centred, own, crowd, pull), pull

    def at(ratio: float) -> tuple[float, float]:
        # Dividing by the larger keeps numbers moderate.
        scale = float(np.exp(max(ratio, 0.0)))
        return ends(1 / scale, float(np.exp(ratio)) / scale)

    tried = np.array([at(ratio)[0] for ratio in _RATIOS])
    best = int(np.argmax(tried))
    choices = []
    if tried[best] > none:
        around = (_RATIOS[max(best - 1, 0)], _RATIOS[min(best + 1, _RATIOS.size - 1)])
        finer = float(minimize_scalar(lambda r: -at(r)[0], bounds=around, method="bounded", options={"xatol": 1e-9}).x)
        for ratio in (finer, float(_RATIOS[best])):
            value, pull = at(ratio)
            scale = float(np.exp(max(ratio, 0.0)))
            choices.append((value, (pull, 1 / scale, float(np.exp(ratio)) / scale)))
    for own, crowd in ((1.0, 0.0), (0.0, 1.0)):
        value, pull = ends(own, crowd)
        choices.append((value, (pull, own, crowd)))
    value, incentives = max(choices, key=lambda each: each[0])
    return incentives if value > none else None


def _engagement(terms: GameTerms, centred: Centred, own: float, crowd: float, pull: float) -> float:
    """Engagement in closed form where the equilibrium is interior."""
    matrix = own * centred.inconsistency[0] + crowd * centred.similarity[0]
    still = own * centred.own_pull[0] + crowd * centred.crowd_pull[0] + pull * centred.attractiveness[0]
    return float(terms.attractiveness.mean() + centred.attractiveness[0] @ np.linalg.solve(matrix, still))


def _solved(terms: GameTerms, pull: float, own: float, crowd: float) -> Array:
    grid: dict[str, ArrayLike] = {"attractiveness": [pull], "inconsistency": [own], "diversity": crowd}
    mixture: Array = exclusion_map(**terms._asdict(), grid=grid).mixtures[0, 0]
    return mixture
