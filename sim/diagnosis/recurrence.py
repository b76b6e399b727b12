"""Does a run repeat itself, and after how many rounds: exactly, nearly, or under noise."""

from __future__ import annotations

import numpy as np

from sim.arrays import Array
from sim.simplex import total_variation

_LONGEST_STRETCH = 1024
"""Rounds searched for a cycle; a longer window is cut to its end."""
_RECURS = 0.25
"""A lag at which the run is this much closer to itself than at shorter lags is a period."""
_RECURS_ONCE = 0.1
"""The same for lags that fit fewer than three times into the window."""
_LEAST_NOISY = 24
"""Rounds below which noise cannot be told from a cycle."""
_SHARE = 0.5
"""Least share of the movement that a cycle under noise must explain."""
_LASTS = 0.75
"""Share of its autocorrelation that a cycle keeps over many periods; noisy spirals lose theirs."""
_ALONE = 0.8
"""Autocorrelation that convinces where the window holds too few periods to see whether it lasts."""
_STANDARD_ERRORS = 3.0


def recurrence(series: Array) -> int | None:
    """Period of a series of profiles, shape (W, M, D), or None.

    Two readings, the first that finds a period wins:
    - the self-distance r(p) = mean_t TV(x_{t+p}, x_t) of a cycle rises and then falls back at its period; that of drift
      only rises, and that of noise rises to a plateau and stays there. It finds periods that are not whole numbers of
      rounds by the whole number nearest to them;
    - under noise that fills the valley, the autocorrelation: it comes back at the period, in the steps as well as in
      the levels (a random walk has none in its steps), and does not fade over further periods (a noisy spiral's does).
      Needs 24 rounds and three periods.
    Accounts with several periods are found by the time after which all of them return together.
    """
    recent = series[-_LONGEST_STRETCH:]
    return _by_distance(recent) or _by_autocorrelation(recent.reshape(recent.shape[0], -1))


def _by_distance(recent: Array) -> int | None:
    lags = range(1, recent.shape[0] // 2 + 1)
    distances = np.array([float(total_variation(recent[p:], recent[:-p]).mean()) for p in lags])
    if distances.size < 2:
        return None
    highest = np.maximum.accumulate(distances)
    # A return that was seen once only has to be nearer: few pairs of rounds come close by chance.
    seen_twice = np.arange(2, distances.size + 1) <= recent.shape[0] // 3
    bar = np.where(seen_twice, _RECURS, _RECURS_ONCE)
    returned = (distances[1:] <= bar * highest[:-1]) & (highest[:-1] >= distances.max() / 2)
    if not returned.any():
        return None
    at = int(np.argmax(returned)) + 1
    while at + 1 < distances.size and distances[at + 1] < distances[at]:
        at += 1
    # Noise can lift the period itself above the bar and leave a multiple below it.
    for earlier in range(1, at):
        lowest_here = distances[earlier] <= min(distances[earlier - 1], distances[earlier + 1])
        if lowest_here and distances[earlier] <= min(1.5 * distances[at], highest[earlier - 1] / 2):
            return earlier + 1
    return at + 1


def _by_autocorrelation(levels: Array) -> int | None:
    rounds = levels.shape[0]
    if rounds < _LEAST_NOISY:
        return None
    clock = np.arange(rounds) - (rounds - 1) / 2
    centred = levels - levels.mean(axis=0)
    centred = centred - np.outer(clock, clock @ centred / (clock @ clock))
    if not np.any(np.abs(np.diff(levels, axis=0)) > 1e-12):
        return None
    level = autocorrelation(centred, rounds // 2)
    lags = np.arange(2, rounds // 3 + 1)
    peak = (level[lags] >= level[lags - 1]) & (level[lags] >= level[lags + 1])
    lowest = np.minimum.accumulate(level)[lags - 1]
    good = peak & (level[lags] >= _SHARE) & (lowest <= level[lags] / 2)
    lasting = [int(lag) for lag in lags[good] if _lasts(level, int(lag)) and _beats_a_walk(levels, int(lag))]
    if not lasting:
        return None
    best = max(level[lag] for lag in lasting)
    return next(lag for lag in lasting if level[lag] >= 0.8 * best)


def autocorrelation(series: Array, longest: int) -> Array:
    """Autocorrelation of a centred series over all its coordinates together, shape (T, K) -> (longest + 1,)."""
    rounds = series.shape[0]
    power = float(np.sum(series**2)) / rounds
    products = [float(np.sum(series[lag:] * series[: rounds - lag])) / (rounds - lag) for lag in range(longest + 1)]
    correlations: Array = np.array(products) / max(power, 1e-300)
    return correlations


def _beats_a_walk(levels: Array, lag: int) -> bool:
    """Whether steps over a quarter of the period recur, which those of a random walk, apart in time, never do."""
    quarter = max(lag // 4, 1)
    steps = levels[quarter:] - levels[:-quarter]
    steps = steps - steps.mean(axis=0)
    # Overlapping steps of a walk are correlated in a triangle, whose squares sum to (2 quarter + 1 / quarter) / 3.
    count = (steps.shape[0] - lag) * _independent_coordinates(steps) / ((2 * quarter + 1 / quarter) / 3)
    return bool(autocorrelation(steps, lag)[lag] >= _STANDARD_ERRORS / np.sqrt(count))


def _lasts(level: Array, lag: int) -> bool:
    """Whether the autocorrelation is kept over further periods, on average over the later half of them."""
    times = (level.size - 1) // lag
    if times < 2:
        return bool(level[lag] >= _ALONE)
    kept = []
    for k in range(times // 2 + 1, times + 1):
        # A period between two whole numbers shifts its multiples by up to half a round each.
        slack = min(k // 2, (lag - 1) // 2)
        kept.append(level[k * lag - slack : k * lag + slack + 1].max())
    return bool(np.mean(kept) >= _LASTS * level[lag])


def _independent_coordinates(series: Array) -> float:
    gram = series @ series.T if series.shape[0] < series.shape[1] else series.T @ series
    return float(np.trace(gram) ** 2 / np.sum(gram**2))
