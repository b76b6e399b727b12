"""Honest intervals: over seeds, and for a single run from its noise over accounts and over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from sim.arrays import Array
from sim.convergence.verdict import Interval
from sim.simplex import total_variation

ROUNDING = 1e-9
"""Half-width of last resort: a deterministic run is known to rounding, not exactly."""
_FEW_ACCOUNTS = 5
"""Below this, scatter over accounts says too little and noise over time has to speak alone."""
_BATCHES = 8


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """How well the end of one run is known.

    Attributes:
        mixture: Half-widths of the population mixture, jointly at the stated level, shape (D,).
        distance: Half-width of the distance from the prediction averaged over accounts.
        specialised: Whether accounts differ by more than noise: their scatter is then a finding.
    """

    mixture: Array
    distance: float
    specialised: bool


def interval_over_seeds(values: Array, confidence: float) -> Interval:
    """Student t interval of the mean of one number per seed, shape (seeds,), seeds >= 2; clipped at zero."""
    mean = float(values.mean())
    quantile = float(stats.t.ppf((1 + confidence) / 2, values.size - 1))
    half = float(quantile * values.std(ddof=1) / np.sqrt(values.size)) + ROUNDING
    return Interval(mean, max(mean - half, 0.0), mean + half)


def uncertainty_of_run(window: Array, prediction: Array, tolerance: float, confidence: float) -> Uncertainty:
    """Uncertainty of the window means of one run.

    Two readings of the noise, and the wider wins in every coordinate:
    - scatter over accounts of their window means, t quantile with M - 1 degrees of freedom, from 5 accounts.
      It sees noise of single accounts however slowly it decays, but not noise that all accounts share.
      Accounts that specialise scatter without any noise, so then it is left out;
    - movement over time of the population mean (`time_half_width`), which sees shared noise.
    Both are Bonferroni-corrected over the D coordinates. Drift between the halves of the window that noise
    does not explain is added, because a run that still moves has not shown where it will end.

    Args:
        window: Last rounds of the run, shape (W, M, D), W >= 8.
        prediction: Predicted mixture, shape (D,), or (M, D) for accounts that differ.
        tolerance: Largest distance that counts as agreement.
        confidence: Joint level.
    """
    _, accounts, dimension = window.shape
    # Differences between accounts that were predicted are not scatter.
    aligned = window - (prediction - prediction.mean(axis=0)) if prediction.ndim == 2 else window
    population, settled = window.mean(axis=1), aligned.mean(axis=0)
    distances = total_variation(window, prediction).mean(axis=1)[:, None]
    own_distances = total_variation(window.mean(axis=0), prediction)[:, None]
    joint, single = 1 - (1 - confidence) / (2 * dimension), (1 + confidence) / 2
    half, slack = time_half_width(population, joint), time_half_width(distances, single)
    specialised = _are_specialised(aligned, tolerance)
    if accounts >= _FEW_ACCOUNTS and not specialised:
        half = np.maximum(half, _half_width(settled, joint))
        slack = np.maximum(slack, _half_width(own_distances, single))
    return Uncertainty(
        mixture=half + _unexplained_drift(population, half) + ROUNDING,
        distance=float((slack + _unexplained_drift(distances, slack))[0]) + ROUNDING,
        specialised=specialised,
    )


def time_half_width(series: Array, level: float) -> Array:
    """Half-width for the mean of an autocorrelated series, shape (W, K) -> (K,).

    The wider of two: 8 batch means with their t quantile; and a first-order autoregression, pooled over the
    columns and corrected for its small-sample bias, which stands in where batches are too short to be
    independent.

    Args:
        series: Rounds by coordinates.
        level: One-sided level of the quantile.
    """
    rounds = series.shape[0]
    batches = np.stack([part.mean(axis=0) for part in np.array_split(series, _BATCHES)])
    deviations = series - series.mean(axis=0)
    variance = np.mean(deviations**2, axis=0)
    total = float(variance.sum())
    if total <= ROUNDING**2:
        return np.zeros(series.shape[1])
    carried = float(np.sum(deviations[1:] * deviations[:-1])) / (total * (rounds - 1))
    # Kendall (1954): removing the mean makes the estimate too small by (1 + 3 phi) / W.
    persistence = min(max(carried + (1 + 3 * carried) / rounds, 0.0), 1.0 - 4.0 / rounds)
    effective = max(rounds * (1 - persistence) / (1 + persistence), 2.0)
    spread = np.sqrt(variance / (effective - 1))
    autoregressive = float(stats.t.ppf(level, max(effective - 1, 2.0))) * spread
    wider: Array = np.maximum(_half_width(batches, level), autoregressive)
    return wider


def _are_specialised(window: Array, tolerance: float) -> bool:
    """Whether accounts lie farther apart than each moves: noise around a common mean cannot do that."""
    settled = window.mean(axis=0)
    apart = float(total_variation(settled, settled.mean(axis=0)).mean())
    between = float(settled.var(axis=0, ddof=1).sum()) if settled.shape[0] > 1 else 0.0
    within = float(window.var(axis=0, ddof=1).sum(axis=1).mean())
    return apart > tolerance and between > within


def _unexplained_drift(series: Array, half: Array) -> Array:
    middle = series.shape[0] // 2
    drift = np.abs(series[middle:].mean(axis=0) - series[:middle].mean(axis=0))
    excess: Array = np.maximum(drift - 2 * half, 0.0)
    return excess


def _half_width(samples: Array, level: float) -> Array:
    count = samples.shape[0]
    half: Array = float(stats.t.ppf(level, count - 1)) * samples.std(axis=0, ddof=1) / np.sqrt(count)
    return half
