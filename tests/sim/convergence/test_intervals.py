import numpy as np
import pytest

from sim.convergence.intervals import interval_over_seeds, time_half_width


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
