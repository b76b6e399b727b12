"""The test of the quadratic form: quiet where payoffs are quadratic, loud where they aren't."""

import numpy as np
import pytest

from sim.estimation.induced import PlayLog, exploration, form_test
from sim.randomness import generator


def logs(kernels, extra, runs, rounds=60, first=0):
    """Logs of kernel payoffs plus something else that an account's own and the others' mixtures earn."""
    play = kernels()
    for run in range(first, first + runs):
        rng = generator(run, round=0, agent=-1, purpose="form")
        profiles = exploration(6, 3, profiles=rounds, seed=run)
        others = (profiles.sum(axis=1, keepdims=True) - profiles) / 5
        yield PlayLog.of_play(profiles, play.payoffs(profiles, rng) + extra(profiles, others))


def nothing(own, others):
    return 0.0


def cube(own, others):
    return 1.5 * own[..., 0] ** 3


def threshold(own, others):
    return 0.25 * np.tanh(12 * (own[..., 1] - 0.5))


def crowd_squared(own, others):
    return 3.0 * np.sum(own * others**2, axis=-1)


@pytest.mark.parametrize("extra", [cube, threshold, crowd_squared])
def test_payoffs_that_are_not_quadratic_are_rejected(kernels, extra):
    rejected = [form_test(log).rejected() for log in logs(kernels, extra, 5, rounds=150)]
    assert sum(rejected) >= 4


def test_quadratic_payoffs_are_not(kernels):
    found = [form_test(log) for log in logs(kernels, nothing, 8)]
    assert sum(bool(test.rejected()) for test in found) <= 2
    assert all(test.cubic.restrictions == 7 for test in found)  # 60 clusters carry seven of the nine directions
    assert all(test.reset.restrictions == 2 for test in found)


def test_any_quadratic_and_any_effect_of_the_others_is_no_reason_to_reject(kernels):
    def other_game(own, others):
        return 2 * own[..., 0] * own[..., 1] - 3 * own[..., 2] * others[..., 0] + 5 * others[..., 1]

    first = next(logs(kernels, nothing, 1))
    second = next(logs(kernels, other_game, 1))
    assert form_test(second).cubic.statistic == pytest.approx(form_test(first).cubic.statistic)


def test_exact_payoffs_are_quadratic_or_not_without_doubt(kernels):
    game = kernels().game
    profiles = exploration(6, 3, profiles=80, seed=0)
    paid = np.stack([game.payoffs(profile) for profile in profiles])
    assert form_test(PlayLog.of_play(profiles, paid)).p_value == 1.0
    assert form_test(PlayLog.of_play(profiles, paid + profiles[:, :, 0] ** 3)).p_value < 1e-6


def test_a_log_too_short_is_no_verdict(kernels):
    log = next(logs(kernels, nothing, 1, rounds=6))
    assert form_test(log).rejected() is None
    assert np.isnan(form_test(log).p_value)


def test_accounts_alike_do_not_break_the_test(kernels):
    """Where the quadratic columns themselves can't be told apart, what they span is still tested."""
    profiles = np.repeat(exploration(2, 3, profiles=120, seed=3)[:, :1], 6, axis=1)
    rng = generator(0, round=0, agent=-1, purpose="alike")
    paid = kernels().payoffs(profiles, rng)
    assert form_test(PlayLog.of_play(profiles, paid)).p_value > 0.01
    assert form_test(PlayLog.of_play(profiles, paid + 4 * profiles[:, :, 0] ** 3)).rejected()


@pytest.mark.slow
def test_size_and_power_over_many_logs(kernels):
    runs = 400
    null = [form_test(log) for log in logs(kernels, nothing, runs, first=1000)]
    # Three standard errors of a share of 5% in 400 runs are 3.3%.
    for name in ("cubic", "reset"):
        assert np.mean([getattr(test, name).p_value < 0.05 for test in null]) < 0.083
    assert np.mean([bool(test.rejected()) for test in null]) < 0.083
    assert np.mean([test.cubic.p_value < 0.05 for test in null]) > 0.015
    power = [bool(form_test(log).rejected()) for log in logs(kernels, cube, 100, rounds=150, first=5000)]
    assert np.mean(power) > 0.9
