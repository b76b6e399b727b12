"""Chaos from a trajectory alone: do its own near-returns part exponentially?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.spatial.distance import cdist

from sim.arrays import Array, finite_array, whole_number
from sim.diagnosis.recurrence import autocorrelation
from sim.errors import InputError

_LONGEST_STRETCH = 1024
_LEAST_ROUNDS = 50
_LEAST_STEPS = 3
"""Rounds for which the distance of near-returns must grow before it fills the attractor; noise fills it in one."""
_LARGEST_JUMP = 0.5
_LEAST_PREDICTABILITY = 0.9
_BLOCKS = 6
_ROUNDING = 1e-12


@dataclass(frozen=True)
class TrajectoryExponent:
    """What the near-returns of one trajectory say about its largest Lyapunov exponent.

    A hint rather than a measurement: it needs many returns (hundreds of rounds, a handful of dimensions), noise as
    large as the near-returns hides an exponent, and persistent noise can look deterministic for a while. Where the rule
    is known use `largest_lyapunov`.

    Attributes:
        exponent: Slope of the mean log distance of near-returns, per round.
        low: Lower end of its 95 % interval, from blocks of reference points.
        high: Upper end.
        steps: Rounds over which the distance grew before it filled the attractor.
        jump: Share of that growth that came in the first round: near 1 / steps for chaos, near 1 for noise.
        predictability: Share of the movement that the successor of the nearest return predicts one round ahead: near 1
            for a deterministic run, near 0 for white noise.
    """

    exponent: float
    low: float
    high: float
    steps: int
    jump: float
    predictability: float

    @property
    def deterministic(self) -> bool:
        """Whether near-returns stay near for a few rounds, as noise never lets them."""
        gradual = self.steps >= _LEAST_STEPS and self.jump <= _LARGEST_JUMP
        return gradual and self.predictability >= _LEAST_PREDICTABILITY

    @property
    def chaotic(self) -> bool:
        """Whether near-returns part exponentially: deterministic, with the whole interval above zero."""
        return self.deterministic and self.low > 0


def trajectory_exponent(trajectory: ArrayLike, *, delays: int = 1) -> TrajectoryExponent | None:
    """Largest Lyapunov exponent from a trajectory (Rosenstein, Collins and De Luca 1993), or None if it can't be read.

    Every round is paired with the nearest other round that is not close in time; the mean log distance of the pairs,
    followed forward, is fitted by a line until it comes within a factor e of the distance of unrelated rounds. The last
    1,024 rounds are used. The run should be past its transient: a drift has no returns.

    Args:
        trajectory: Profiles, shape (T, M, D), or any states, shape (T, K).
        delays: Number of consecutive rounds that make one state: 1 where the profile is the whole state, 2 or more for
            rules with memory.

    Returns:
        The estimate; None below 50 rounds, and for a run that rests or returns exactly.

    Raises:
        InputError: Not a trajectory, or `delays` below 1.
    """
    ndim = np.ndim(trajectory)
    if ndim not in (2, 3):
        raise InputError("trajectory", f"array with {ndim} axes", "expected (T, M, D) or (T, K)")
    values = finite_array("trajectory", trajectory, ndim=ndim)
    window = values.reshape(values.shape[0], -1)[-_LONGEST_STRETCH:]
    together = whole_number("delays", delays, minimum=1)
    if window.shape[0] < _LEAST_ROUNDS:
        return None
    points = np.hstack([window[k : window.shape[0] - together + 1 + k] for k in range(together)])
    count = points.shape[0]
    horizon = min(count // 5, 40)
    separate = _apart_in_time(points)
    distances = cdist(points, points)
    clock = np.arange(count)
    unrelated = np.abs(clock[:, None] - clock[None, :]) > separate
    if not unrelated[: count - horizon, : count - horizon].any() or float(distances[unrelated].max()) <= _ROUNDING:
        return None
    near = np.where(unrelated, distances, np.inf)[: count - horizon, : count - horizon]
    partner = near.argmin(axis=1)
    usable = np.flatnonzero((near[np.arange(partner.size), partner] > _ROUNDING) & np.isfinite(near.min(axis=1)))
    if usable.size < _LEAST_ROUNDS // 2:
        return None
    return _estimate(distances, unrelated, usable, partner[usable], horizon)


def _estimate(
    distances: Array, unrelated: NDArray[np.bool_], first: NDArray[np.int64], second: NDArray[np.int64], horizon: int
) -> TrajectoryExponent:
    ahead = np.arange(horizon + 1)
    logs = np.log(np.maximum(distances[first[:, None] + ahead, second[:, None] + ahead], _ROUNDING))
    curve = logs.mean(axis=0)
    ceiling = float(np.log(np.maximum(distances[unrelated], _ROUNDING)).mean()) - 1.0
    filled = np.flatnonzero(curve > ceiling)
    steps = int(filled[0]) if filled.size else horizon
    fitted = slice(0, max(steps, 1) + 1)

    def slope(rows: Array) -> float:
        return float(np.polyfit(ahead[fitted], rows.mean(axis=0)[fitted], 1)[0])

    blocks = np.array([slope(rows) for rows in np.array_split(logs, _BLOCKS)])
    half = float(stats.t.ppf(0.975, _BLOCKS - 1) * blocks.std(ddof=1) / np.sqrt(_BLOCKS))
    exponent = slope(logs)
    rise = float(curve[max(steps, 1)] - curve[0])
    jump = float(curve[1] - curve[0]) / rise if rise > 0 else 0.0
    missed = float(np.mean(distances[first + 1, second + 1] ** 2))
    return TrajectoryExponent(
        exponent=exponent,
        low=exponent - half,
        high=exponent + half,
        steps=steps,
        jump=jump,
        predictability=1.0 - missed / float(np.mean(distances[unrelated] ** 2)),
    )


def _apart_in_time(points: Array) -> int:
    """Rounds after which the run has forgotten where it was: nearer ones are neighbours in time, not returns."""
    carried = autocorrelation(points - points.mean(axis=0), points.shape[0] // 5)
    forgotten = np.flatnonzero(carried < 1 / np.e)
    return max(int(forgotten[0]) if forgotten.size else points.shape[0] // 5, 2)
