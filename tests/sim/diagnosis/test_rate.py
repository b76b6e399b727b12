"""A fitted rate has an honest interval, and the check against theory can fail."""

import numpy as np
import pytest

from sim.diagnosis import FittedRate, check_rate, fitted_rate
from sim.errors import InputError


def one_account(first_weights):
    weights = np.asarray(first_weights, dtype=float)
    return np.stack([weights, 1 - weights], axis=-1)[:, None, :]


@pytest.mark.parametrize("rate", [0.05, 0.5, 0.9, 0.97])
def test_recovers_a_known_rate(rate):
    fit = fitted_rate(one_account(0.5 + 0.4 * rate ** np.arange(1200)), 300)
    assert fit.rate == pytest.approx(rate, abs=1e-3)
    assert fit.low <= fit.rate <= fit.high
    assert fit.first < fit.last
    assert check_rate([fit], rate).agrees
    assert not check_rate([fit], rate**1.3).agrees
    assert not check_rate([fit], rate**0.7).agrees


def test_no_transient_no_rate():
    assert fitted_rate(one_account(np.full(50, 0.3)), 12) is None
    assert check_rate([], 0.5) is None


def test_the_interval_covers_under_noise():
    rng, covered = np.random.default_rng(0), 0
    for _ in range(100):
        noise = np.zeros(400)
        for t in range(1, 400):
            noise[t] = 0.6 * noise[t - 1] + 0.002 * rng.normal()
        fit = fitted_rate(one_account(0.5 + 0.4 * 0.93 ** np.arange(400) + noise), 100)
        covered += fit.low <= 0.93 <= fit.high
    assert covered >= 85


def test_a_second_mode_that_has_not_died_out_widens_the_interval():
    rounds = np.arange(400)
    fit = fitted_rate(one_account(0.5 + 1e-6 * 0.9**rounds + 0.4 * 0.8**rounds), 100)
    assert 0.81 < fit.rate < 0.85
    assert fit.high > 0.89
    assert check_rate([fit], 0.9).agrees


def test_a_rate_for_every_round_is_averaged_over_the_rounds_that_were_fitted():
    fit = FittedRate(rate=0.5, low=0.49, high=0.51, first=2, last=4)
    radii = np.array([0.9, 0.9, 0.4, 0.625, 0.9])
    check = check_rate([fit], radii)
    assert check.predicted == pytest.approx(np.sqrt(0.4 * 0.625))
    assert check.agrees


def test_scatter_over_runs_widens_the_interval():
    fits = [FittedRate(rate, rate * 0.999, rate * 1.001, 0, 9) for rate in (0.6, 0.7, 0.8)]
    check = check_rate(fits, 0.75)
    assert check.runs == 3
    assert check.low < 0.6
    assert check.agrees
    assert not check_rate(fits, 0.2).agrees


@pytest.mark.parametrize("predicted", [-0.1, np.nan, [], [[0.5]], [0.5, 0.5]])
def test_bad_predictions_are_named(predicted):
    with pytest.raises(InputError, match="predicted_rate"):
        check_rate([FittedRate(0.5, 0.4, 0.6, 0, 9)], predicted)
