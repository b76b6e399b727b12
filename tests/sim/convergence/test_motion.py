import numpy as np
import pytest

from sim.convergence.intervals import interval_over_seeds, time_half_width
from sim.convergence.motion import contraction_rate, recurrence


def one_account(first_weights):
    weights = np.asarray(first_weights, dtype=float)
    return np.stack([weights, 1 - weights], axis=-1)[:, None, :]


@pytest.mark.parametrize("period", [2, 3, 7, 20])
def test_finds_the_period_of_a_cycle(period):
    rounds = np.arange(120)
    assert recurrence(one_account(0.5 + 0.3 * np.cos(2 * np.pi * rounds / period))) == period


def test_drift_and_noise_do_not_recur():
    rng = np.random.default_rng(0)
    assert recurrence(one_account(np.linspace(0.1, 0.9, 100))) is None
    assert recurrence(one_account(rng.uniform(0.2, 0.8, size=200))) is None
    slow = 0.5 + 0.02 * np.cumsum(rng.normal(size=200))
    assert recurrence(one_account(np.clip(slow, 0, 1))) is None


@pytest.mark.parametrize("rate", [0.05, 0.5, 0.9, 0.97])
def test_recovers_a_known_rate(rate):
    path = one_account(0.5 + 0.4 * rate ** np.arange(1200))
    assert contraction_rate(path, 300) == pytest.approx(rate, abs=1e-3)


def test_no_transient_no_rate():
    assert contraction_rate(one_account(np.full(50, 0.3)), 12) is None


def test_time_half_width_covers_the_mean_of_correlated_noise():
    rng, hits = np.random.default_rng(1), 0
    for _ in range(200):
        series = np.zeros(220)
        for t in range(1, 220):
            series[t] = 0.8 * series[t - 1] + rng.normal()
        window = series[20:, None]
        hits += bool(abs(window.mean()) <= time_half_width(window, 0.975)[0])
    assert hits >= 180


def test_interval_over_seeds_is_student():
    interval = interval_over_seeds(np.array([0.01, 0.02, 0.03]), 0.95)
    assert interval.estimate == pytest.approx(0.02)
    assert interval.high - interval.estimate == pytest.approx(4.302653 * 0.01 / np.sqrt(3), rel=1e-5)
    assert interval.low == 0.0
