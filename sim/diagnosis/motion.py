"""How a run moves in its window: how far, does it drift, does it repeat itself."""

from __future__ import annotations

from dataclasses import dataclass

from sim.arrays import Array
from sim.diagnosis.recurrence import recurrence
from sim.simplex import total_variation


@dataclass(frozen=True)
class Motion:
    """Movement within the window, in total variation.

    Attributes:
        amplitude: Mean distance of the population mixture from its mean, later half of the window.
        own_amplitude: Mean distance of single accounts from their own means, later half of the window.
        drift: Distance between the population's means over the two halves of the window.
        own_drift: The same, averaged over single accounts.
        period: Shortest lag in rounds after which the run repeats itself, or None.
        population_rests: Whether the period is that of single accounts only, around a mean that stays within the
            tolerance: accounts that swap places.
    """

    amplitude: float
    own_amplitude: float
    drift: float
    own_drift: float
    period: int | None
    population_rests: bool


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
        population_rests=period is not None and amplitude <= tolerance,
    )


def _amplitude(series: Array) -> float:
    return float(total_variation(series, series.mean(axis=0)).mean())


def _drift(series: Array, middle: int) -> float:
    return float(total_variation(series[middle:].mean(axis=0), series[:middle].mean(axis=0)).mean())
