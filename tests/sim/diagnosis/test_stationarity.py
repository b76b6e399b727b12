"""The test of stationarity keeps its size and has power, by simulation with fixed seeds."""

import numpy as np
import pytest
from scipy import integrate

from sim.diagnosis import stationarity
from sim.diagnosis.stationarity import cramer_von_mises
from sim.errors import InputError


def noise(rng, rounds, persistence, coordinates):
    series = rng.normal(size=(rounds + 60, coordinates))
    for t in range(1, rounds + 60):
        series[t] += persistence * series[t - 1]
    return series[60:] * np.sqrt(1 - persistence**2)


def share_rejected(rounds, persistence, *, drift=0.0, coordinates=1, repeats=200):
    rng = np.random.default_rng(0)
    trend = drift * np.linspace(-0.5, 0.5, rounds)[:, None]
    tests = [stationarity(noise(rng, rounds, persistence, coordinates) + trend) for _ in range(repeats)]
    return np.mean([not test.stationary for test in tests])


@pytest.mark.parametrize(("quantile", "value"), [(0.90, 0.347), (0.95, 0.463), (0.975, 0.574), (0.99, 0.739)])
def test_limit_law_has_the_published_quantiles(quantile, value):
    # Table 1 of Kwiatkowski, Phillips, Schmidt and Shin (1992).
    assert cramer_von_mises(value) == pytest.approx(quantile, abs=1e-3)


def test_limit_law_has_the_mean_of_a_squared_bridge():
    mean, _ = integrate.quad(lambda x: 1 - cramer_von_mises(x), 0, 20)
    assert mean == pytest.approx(1 / 6, abs=1e-4)


@pytest.mark.parametrize("persistence", [-0.5, 0.0, 0.5, 0.8])
@pytest.mark.parametrize("coordinates", [1, 4])
def test_size(persistence, coordinates):
    assert share_rejected(100, persistence, coordinates=coordinates) <= 0.10


def test_power_grows_with_the_drift():
    shares = [share_rejected(100, 0.5, drift=drift) for drift in (0.0, 1.0, 2.0, 4.0)]
    assert shares == sorted(shares)
    assert shares[2] >= 0.75
    assert shares[3] >= 0.95


def test_short_windows_find_drift_that_dwarfs_the_noise():
    assert share_rejected(12, 0.0, drift=8.0) >= 0.9


def test_rest_and_pure_drift():
    rest, drift = stationarity(np.full((20, 3), 0.2)), stationarity(np.linspace(0, 1, 40)[:, None])
    assert rest.stationary
    assert rest.p_value == 1
    assert drift.p_value < 1e-3


def test_persistence_costs_effective_rounds():
    rng = np.random.default_rng(1)
    test = stationarity(noise(rng, 2000, 0.8, 1))
    assert test.persistence == pytest.approx(0.8, abs=0.05)
    assert test.effective_rounds == pytest.approx(2000 / 9, rel=0.3)


@pytest.mark.parametrize("series", [np.zeros((5, 2)), np.zeros(20), np.full((20, 1), np.nan)])
def test_bad_series_are_refused(series):
    with pytest.raises(InputError, match="series"):
        stationarity(series)
