"""Does a window of a noisy run drift, or does it only fluctuate?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sim.arrays import Array, finite_array
from sim.errors import InputError

_LEAST_ROUNDS = 8
_FLAT = 1e-12


@dataclass(frozen=True)
class Stationarity:
    """Outcome of the test that a series has a constant level.

    Attributes:
        p_value: Probability of so much wandering if the level is constant, Bonferroni-corrected over coordinates.
        statistic: Largest KPSS statistic over coordinates.
        persistence: First-order autocorrelation that was allowed for, pooled over coordinates.
        effective_rounds: Number of independent rounds the series is worth.
        stationary: Whether the level may be constant: p_value >= level.
    """

    p_value: float
    statistic: float
    persistence: float
    effective_rounds: float
    stationary: bool


def stationarity(series: ArrayLike, level: float = 0.05) -> Stationarity:
    """Test the null hypothesis that a series, shape (T, K), fluctuates around a constant level.

    KPSS statistic (Kwiatkowski, Phillips, Schmidt and Shin 1992), sum_t S_t^2 / (T^2 v), with S_t the partial sums of
    the deviations and v their long-run variance. v comes from a first-order autoregression around a straight line,
    pooled over coordinates, its bias corrected and its persistence kept below 1 - 1/sqrt(T) so that the test keeps its
    power (Sul, Phillips and Choi 2005). Without drift the statistic follows the Cramer-von Mises law.

    Simulated at level 0.05: drift is called in 3 to 7 % of windows of 100 rounds of constant level up to persistence
    0.8 (12 % at 0.9); in 10 rounds in 3 % without persistence but 20 % at 0.8. A drift by four standard deviations is
    found in at least 90 % of windows of 100 rounds.

    Args:
        series: Rounds by coordinates, T >= 8.
        level: Probability of calling a constant level drift, in (0, 1).

    Raises:
        InputError: Too few rounds, non-finite values, or a level outside (0, 1).
    """
    values = finite_array("series", series, ndim=2)
    rounds = values.shape[0]
    if rounds < _LEAST_ROUNDS or values.shape[1] == 0:
        raise InputError("series", f"array of shape {values.shape}", f"expected (T, K) with T >= {_LEAST_ROUNDS}")
    if not 0 < level < 1:
        raise InputError("level", level, "expected a number in (0, 1)")
    deviations = values - values.mean(axis=0)
    moving = np.abs(deviations).max(axis=0) > _FLAT
    if not moving.any():
        return Stationarity(1.0, 0.0, 0.0, float(rounds), True)
    deviations = deviations[:, moving]
    persistence = _persistence(deviations)
    innovations = deviations[1:] - persistence * deviations[:-1]
    longrun = np.maximum(np.mean(innovations**2, axis=0) / (1 - persistence) ** 2, _FLAT**2)
    statistics = np.sum(np.cumsum(deviations, axis=0) ** 2, axis=0) / (rounds**2 * longrun)
    largest = float(statistics.max())
    # The coordinates of a mixture sum to zero deviation: one of them is not a test of its own.
    tests = max(int(moving.sum()) - 1, 1)
    p_value = min(tests * (1.0 - cramer_von_mises(largest)), 1.0)
    return Stationarity(
        p_value=p_value,
        statistic=largest,
        persistence=persistence,
        effective_rounds=max(rounds * (1 - persistence) / (1 + persistence), 1.0),
        stationary=p_value >= level,
    )


def cramer_von_mises(value: float) -> float:
    """Limit distribution of the KPSS level statistic: the integral of a squared Brownian bridge.

    Series of Anderson and Darling (1952), equation 4.35, summed to rounding.
    """
    if value <= 1e-3:
        return 0.0
    terms = np.arange(20)
    factor = 4.0 * terms + 1.0
    exponent = factor**2 / (16.0 * value)
    weights = special.gamma(terms + 0.5) / (special.gamma(terms + 1.0) * np.pi**1.5) * np.sqrt(factor)
    # kve carries exp(+x): what is left of the two exponentials is exp(-2x).
    total = np.sum(weights * np.exp(-2 * exponent) * special.kve(0.25, exponent)) / np.sqrt(value)
    return float(min(max(total, 0.0), 1.0))


def _persistence(deviations: Array) -> float:
    """First-order autocorrelation around a straight line: around a level, drift itself would pass for persistence."""
    rounds = deviations.shape[0]
    clock = np.arange(rounds) - (rounds - 1) / 2
    bent = deviations - np.outer(clock, clock @ deviations / (clock @ clock))
    size = float(np.sum(bent**2))
    if size <= _FLAT * float(np.sum(deviations**2)):
        return 0.0
    # Coordinates are weighed by their size: the small ones are rounding as often as not.
    carried = float(np.sum(bent[1:] * bent[:-1]) / size)
    corrected = carried + (2 + 4 * carried) / rounds
    return float(min(max(corrected, 0.0), 1.0 - 1.0 / np.sqrt(rounds)))
