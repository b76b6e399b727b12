"""Periods are found under noise and for accounts that swap places; noise, drift and spirals have none."""

import numpy as np
import pytest

from sim.diagnosis import describe_motion, recurrence


def one_account(first_weights):
    weights = np.asarray(first_weights, dtype=float)
    return np.stack([weights, 1 - weights], axis=-1)[:, None, :]


def autoregression(rng, rounds, *coefficients):
    series = np.zeros(rounds + 200)
    for t in range(2, rounds + 200):
        past = sum(c * series[t - 1 - k] for k, c in enumerate(coefficients))
        series[t] = past + rng.normal()
    return series[200:]


@pytest.mark.parametrize("period", [2, 3, 7, 20])
def test_finds_the_period_of_a_cycle(period):
    rounds = np.arange(120)
    assert recurrence(one_account(0.5 + 0.3 * np.cos(2 * np.pi * rounds / period))) == period


@pytest.mark.parametrize("period", [2, 3, 7, 20])
def test_finds_the_period_under_noise_half_its_size(period):
    rounds, found = np.arange(120), []
    for seed in range(20):
        noise = 0.1 * np.random.default_rng(seed).normal(size=120)
        found.append(recurrence(one_account(0.5 + 0.2 * np.sqrt(2) * np.cos(2 * np.pi * rounds / period) + noise)))
    # Noise may move the top of a long and flat wave by a round.
    slack = 1 if period >= 20 else 0
    assert sum(p is not None and abs(p - period) <= slack for p in found) >= 18, found


def test_a_period_between_two_rounds_is_found_nearby():
    assert recurrence(one_account(0.5 + 0.3 * np.cos(2 * np.pi * np.arange(150) / 7.3))) == 7


def test_accounts_with_periods_of_their_own_return_together_after_the_common_multiple():
    rounds = np.arange(80)
    paths = [one_account(0.5 + 0.3 * np.cos(2 * np.pi * rounds / period)) for period in (2, 3)]
    assert recurrence(np.concatenate(paths, axis=1)) == 6


def test_drift_and_noise_do_not_recur():
    rng = np.random.default_rng(0)
    assert recurrence(one_account(np.linspace(0.1, 0.9, 100))) is None
    assert recurrence(one_account(rng.uniform(0.2, 0.8, size=200))) is None
    slow = 0.5 + 0.02 * np.cumsum(rng.normal(size=200))
    assert recurrence(one_account(np.clip(slow, 0, 1))) is None


@pytest.mark.parametrize(
    "coefficients",
    [(0.0,), (0.9,), (0.99,), (-0.8,), (2 * 0.85 * np.cos(2 * np.pi / 6), -(0.85**2))],
    ids=["white", "red", "nearly a walk", "overshooting", "noisy spiral"],
)
@pytest.mark.parametrize("rounds", [20, 60, 150])
def test_noise_of_any_colour_seldom_passes_for_a_cycle(coefficients, rounds):
    false = [
        recurrence(one_account(0.5 + 0.05 * autoregression(np.random.default_rng(seed), rounds, *coefficients)))
        for seed in range(40)
    ]
    assert sum(period is not None for period in false) <= 3, false


def test_motion_tells_a_cycle_of_the_population_from_accounts_that_swap_places():
    swapping = np.stack([np.roll(np.eye(2), shift, axis=0) for shift in range(40)])
    together = np.stack([np.roll(np.eye(2)[:1], shift, axis=1).repeat(2, axis=0) for shift in range(40)])
    of_accounts, of_all = describe_motion(swapping, 0.05), describe_motion(together, 0.05)
    assert (of_accounts.period, of_accounts.population_rests) == (2, True)
    assert (of_all.period, of_all.population_rests) == (2, False)
    assert of_accounts.amplitude == pytest.approx(0)
