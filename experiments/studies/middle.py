"""Who survives when an incentive is turned all the way up: ranks, and how sure a rank correlation is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from sim.arrays import Array
from sim.estimation import GameTerms
from sim.maps import Slice, incentive_slice
from sim.randomness import generator


@dataclass(frozen=True, eq=False)
class TwoSlices:
    """The paper's two slices of one game.

    Attributes:
        inconsistency: Varying bI at bA = bD = 1.
        attractiveness: Varying bA at bI = bD = 1.
    """

    inconsistency: Slice
    attractiveness: Slice

    @property
    def survival(self) -> Array:
        """Share of the points of both slices at which each group reaches the threshold, boundary included, (D,)."""
        both = np.concatenate([self.inconsistency.mixtures, self.attractiveness.mixtures])
        share: Array = np.mean(both >= self.inconsistency.threshold, axis=0)
        return share


def two_slices(terms: GameTerms, values: Array, threshold: float, groups: tuple[str, ...] | None = None) -> TwoSlices:
    """Solve both slices over the same values."""

    def along(name: str) -> Slice:
        grid = {"attractiveness": 1.0, "inconsistency": 1.0, "diversity": 1.0} | {name: values}
        return incentive_slice(**terms._asdict(), grid=grid, threshold=threshold, groups=groups)

    return TwoSlices(along("inconsistency"), along("attractiveness"))


def middle_rank(terms: GameTerms) -> Array:
    """How far in the middle a group is: minus its distance from the middle rank in a, and in C_dd, (D,).

    >>> terms = GameTerms(np.array([0.1, 0.5, 0.4]), np.diag([3.0, 1.0, 2.0]), np.eye(3))
    >>> middle_rank(terms).tolist()
    [-2.0, -2.0, 0.0]
    """
    centre = (terms.attractiveness.size + 1) / 2
    ranks = np.stack([rankdata(terms.attractiveness), rankdata(np.diag(terms.inconsistency))])
    middle: Array = 0.0 - np.abs(ranks - centre).sum(axis=0)
    return middle


def correlation(first: Array, second: Array) -> float:
    """Kendall's tau-b (M. G. Kendall, Biometrika 33, 1945); 0 where one of the two has no order at all.

    >>> round(correlation(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 2.0])), 6)
    0.816497
    """
    return float(_tau(_order(first), _order(second)))


def permutation_p(pairs: Sequence[tuple[Array, Array]], *, draws: int, seed: int) -> float:
    """One-sided p of the mean correlation over data sets, the first of each pair shuffled within its data set.

    Args:
        pairs: Per data set a score and the survival of its groups, (D,) each.
        draws: Number of shuffles; p is never below 1 / (draws + 1).
        seed: Of the shuffles.

    >>> rising = [(np.arange(5.0), np.arange(5.0))] * 3
    >>> permutation_p(rising, draws=999, seed=0) < 0.01
    True
    """
    rng = generator(seed, round=0, agent=-1, purpose="permutation of ranks")
    seen, shuffled = np.zeros(()), np.zeros(draws)
    for score, survival in pairs:
        order, against = _order(score), _order(survival)
        seen += _tau(order, against)
        mixed = rng.permuted(np.tile(np.arange(score.size), (draws, 1)), axis=1)
        shuffled += _tau(order[mixed[:, :, None], mixed[:, None, :]], against)
    return float((1 + np.sum(shuffled >= seen - 1e-9)) / (draws + 1))


def _order(values: Array) -> Array:
    """Sign of the difference of every two values, (D, D); what differs by rounding only is tied."""
    signs: Array = np.sign(np.round(values[:, None] - values[None, :], 12))
    return signs


def _tau(first: Array, second: Array) -> Array:
    """tau-b of orders, (..., D, D) and (D, D)."""
    scale = np.sqrt(np.sum(first**2, axis=(-2, -1)) * np.sum(second**2))
    agreement = np.sum(first * second, axis=(-2, -1))
    tau: Array = np.where(scale > 0, agreement / np.where(scale > 0, scale, 1.0), 0.0)
    return tau
