"""How fast a run contracted, and whether that is the spectral radius theory predicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from sim.arrays import Array
from sim.errors import InputError
from sim.simplex import total_variation

_ROUNDING = 1e-13
_MARGIN = 0.05
"""Share by which the predicted and the fitted decay per round may differ beyond the interval."""
_LEAST_RATE = 1e-3
"""A run that contracts faster has arrived before a rate can be read."""


@dataclass(frozen=True)
class FittedRate:
    """Geometric factor per round by which one run approached its limit.

    Attributes:
        rate: The factor; below 1.
        low: Lower end of its interval.
        high: Upper end.
        first: First round that was fitted.
        last: Last round that was fitted.
    """

    rate: float
    low: float
    high: float
    first: int
    last: int


@dataclass(frozen=True)
class RateCheck:
    """The fitted contraction against the predicted one.

    Attributes:
        fitted: Contraction factor per round, geometric mean over runs.
        low: Lower end of its interval.
        high: Upper end.
        predicted: What theory says: the spectral radius of the linearised mean map, averaged (geometrically) over the
            rounds that were fitted.
        agrees: Whether the predicted rate lies in the interval, or differs by less than 5 % in its decay per round
            (the logarithm of the rate).
        runs: Number of runs that show a rate.
    """

    fitted: float
    low: float
    high: float
    predicted: float
    agrees: bool
    runs: int


def fitted_rate(trajectory: Array, window_rounds: int, confidence: float = 0.95) -> FittedRate | None:
    """Geometric factor per round by which a run approached its limit, or None if no transient can be read.

    Least squares of log distance to the window mean against time, over the later part of the transient (the
    lower half of its range on the log scale, where the slowest mode is alone), above the level of movement
    inside the window. The interval is the regression's, widened for first-order autocorrelation of the residuals,
    plus the difference between the slopes of the two halves: faster modes that have not died out bend the line.

    Args:
        trajectory: One run, shape (rounds + 1, M, D).
        window_rounds: Length of the window at its end.
        confidence: Level of the interval.
    """
    limit = trajectory[-window_rounds:].mean(axis=0)
    distances = total_variation(trajectory, limit).mean(axis=1)
    noise = max(float(distances[-window_rounds:].max()), _ROUNDING)
    for margin in (10.0, 3.0):
        above = distances > margin * noise
        end = int(np.argmin(above)) if not above.all() else above.size
        if end < 3 or distances[end - 1] > distances[0] / 2:
            continue
        turning = np.sqrt(distances[0] * distances[end - 1])
        late = np.flatnonzero(distances[:end] <= turning)
        begin = min(int(late[0]) if late.size else 0, end - 3)
        slope, half = _slope(np.log(distances[begin:end]), confidence)
        return FittedRate(
            rate=float(np.exp(slope)),
            low=float(np.exp(slope - half)),
            high=float(np.exp(slope + half)),
            first=begin,
            last=end - 1,
        )
    return None


def check_rate(fits: Sequence[FittedRate], predicted: ArrayLike) -> RateCheck | None:
    """Compare the rates fitted to several runs with the predicted one; None if no run shows a rate.

    The interval over runs is the wider of their mean interval (a bend is not averaged away) and the Student t
    interval of their scatter, at 95 %.

    Args:
        fits: The fitted rates.
        predicted: Spectral radius per round, >= 0; or one for every round, shape (rounds,), where steps decay.

    Raises:
        InputError: `predicted` is negative, not finite, or has fewer rounds than were fitted.
    """
    radii = np.asarray(predicted, dtype=np.float64)
    if radii.ndim > 1 or radii.size == 0 or not np.isfinite(radii).all() or radii.min() < 0:
        raise InputError("predicted_rate", predicted, "expected a number >= 0, or one for every round")
    if not fits:
        return None
    if radii.ndim and radii.size < max(fit.last for fit in fits):
        remedy = f"expected one number, or one for each of at least {max(fit.last for fit in fits)} rounds"
        raise InputError("predicted_rate", f"array of shape {radii.shape}", remedy)
    logs = np.log(np.maximum(np.atleast_1d(radii), _LEAST_RATE))
    # The step of round t leads from entry t to entry t + 1 of the trajectory.
    expected = np.mean([logs[fit.first : fit.last].mean() if radii.ndim else logs[0] for fit in fits])
    found = np.log(np.maximum([fit.rate for fit in fits], _LEAST_RATE))
    half = float(np.mean([np.log(fit.high / fit.low) / 2 for fit in fits]))
    if len(fits) > 1:
        scatter = float(stats.t.ppf(0.975, len(fits) - 1) * found.std(ddof=1) / np.sqrt(len(fits)))
        half = max(half, scatter)
    centre = float(found.mean())
    return RateCheck(
        fitted=float(np.exp(centre)),
        low=float(np.exp(centre - half)),
        high=float(np.exp(centre + half)),
        predicted=float(np.exp(expected)) if radii.any() else 0.0,
        agrees=bool(abs(centre - expected) <= half + _MARGIN * abs(expected)),
        runs=len(fits),
    )


def _slope(logs: Array, confidence: float) -> tuple[float, float]:
    """Slope of a line through equally spaced points, and the half-width of its interval."""
    count = logs.size
    clock = np.arange(count) - (count - 1) / 2
    spread = float(clock @ clock)
    slope = float(clock @ logs) / spread
    residuals = logs - logs.mean() - slope * clock
    left_over = float(residuals @ residuals)
    if left_over <= _ROUNDING:
        return slope, 1e-9
    carried = min(max(float(residuals[1:] @ residuals[:-1]) / left_over, 0.0), 0.9)
    error = np.sqrt(left_over / (count - 2) / spread * (1 + carried) / (1 - carried))
    half = float(stats.t.ppf((1 + confidence) / 2, count - 2) * error)
    if count >= 6:
        early, late = (np.polyfit(np.arange(part.size), part, 1)[0] for part in np.array_split(logs, 2))
        half += abs(float(late - early))
    return slope, half
