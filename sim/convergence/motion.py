"""How a run moves: does it recur, does it drift, how fast did it contract."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import Array
from sim.simplex import total_variation

_LONGEST_STRETCH = 1024
"""Rounds searched for a cycle; a longer window is cut to its end."""
_RECURS = 0.25
"""A lag at which the run is this much closer to itself than at shorter lags is a period."""
_ROUNDING = 1e-13


@dataclass(frozen=True)
class Motion:
    """Movement within the window, in total variation.

    Attributes:
        amplitude: Mean distance of the population mixture from its mean, later half of the window.
        own_amplitude: Mean distance of single accounts from their own means, later half of the window.
        drift: Distance between the population's means over the two halves of the window.
        own_drift: The same, averaged over single accounts.
        period: Shortest lag in rounds after which the run repeats itself, or None.
    """

    amplitude: float
    own_amplitude: float
    drift: float
    own_drift: float
    period: int | None


def describe_motion(window: Array, tolerance: float) -> Motion:
    """Measure the movement of one run in its window, shape (W, M, D).

    Args:
        window: Last rounds of the run, W >= 4.
        tolerance: Amplitude up to which movement is not a cycle.
    """
    population = window.mean(axis=1, keepdims=True)
    middle = window.shape[0] // 2
    amplitude, own_amplitude = _amplitude(population[middle:]), _amplitude(window[middle:])
    period = None
    for series, size in ((population, amplitude), (window, own_amplitude)):
        if period is None and size > tolerance:
            period = recurrence(series)
    return Motion(
        amplitude=amplitude,
        own_amplitude=own_amplitude,
        drift=_drift(population, middle),
        own_drift=_drift(window, middle),
        period=period,
    )


def recurrence(series: Array) -> int | None:
    """Period of a series of profiles, shape (W, M, D), or None.

    The self-distance r(p) = mean_t TV(x_{t+p}, x_t) of a cycle rises and then falls back at its period; that
    of drift only rises, and that of noise rises to a plateau and stays there.
    """
    recent = series[-_LONGEST_STRETCH:]
    lags = range(1, recent.shape[0] // 2 + 1)
    distances = np.array([float(total_variation(recent[p:], recent[:-p]).mean()) for p in lags])
    if distances.size < 2:
        return None
    highest = np.maximum.accumulate(distances)
    returned = (distances[1:] <= _RECURS * highest[:-1]) & (highest[:-1] >= distances.max() / 2)
    if not returned.any():
        return None
    at = int(np.argmax(returned)) + 1
    while at + 1 < distances.size and distances[at + 1] < distances[at]:
        at += 1
    return at + 1


def contraction_rate(trajectory: Array, window_rounds: int) -> float | None:
    """Geometric factor per round by which a run approached its limit, or None if no transient can be read.

    Least squares of log distance to the window mean against time, over the later part of the transient (the
    lower half of its range on the log scale, where the slowest mode is alone), above the level of movement
    inside the window.

    Args:
        trajectory: One run, shape (rounds + 1, M, D).
        window_rounds: Length of the window at its end.
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
        slope = np.polyfit(np.arange(begin, end), np.log(distances[begin:end]), 1)[0]
        return float(np.exp(slope))
    return None


def _amplitude(series: Array) -> float:
    return float(total_variation(series, series.mean(axis=0)).mean())


def _drift(series: Array, middle: int) -> float:
    return float(total_variation(series[middle:].mean(axis=0), series[:middle].mean(axis=0)).mean())
