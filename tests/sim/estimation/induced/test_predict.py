"""Predicted equilibria: right where payoffs are exact, as uncertain as the log, and able to be wrong."""

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.dynamics import simulate
from sim.dynamics.best_response import SequentialBestResponse
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.estimation.induced import PlayLog, compare, exploration, fit_full, fit_scalar, predict
from sim.randomness import generator
from sim.simplex import total_variation


def log_of(play, rounds, seed=0):
    profiles = exploration(play.accounts, len(play.table.groups), profiles=rounds, seed=seed)
    return PlayLog.of_play(profiles, play.payoffs(profiles, generator(seed, round=0, agent=-1, purpose="play")))


def exact(game, rounds=60):
    profiles = exploration(game.accounts, game.dimension, profiles=rounds)
    return PlayLog.of_play(profiles, np.stack([game.payoffs(profile) for profile in profiles]))


def test_exact_payoffs_leave_no_doubt(kernels):
    game = kernels().game
    truth = homogeneous_equilibrium(game).mixture
    for fit in (fit_full(exact(game)), fit_scalar(exact(game), game)):
        found = predict(fit, accounts=6, draws=50)
        np.testing.assert_allclose(found.mixture, truth, atol=1e-6)
        assert (found.region.high - found.region.low).max() < 1e-6
        assert found.stability == pytest.approx(homogeneous_equilibrium(game).stability, rel=1e-5)
        assert compare(found, truth).inside


@pytest.mark.parametrize("fitted", [fit_full, None])
def test_regions_hold_the_truth_shrink_with_rounds_and_reject_what_is_wrong(kernels, fitted):
    play = kernels()
    truth = homogeneous_equilibrium(play.game).mixture
    widths = []
    for rounds in (60, 540):
        log = log_of(play, rounds, seed=1)
        fit = fit_full(log) if fitted is fit_full else fit_scalar(log, play.game)
        found = predict(fit, accounts=6, draws=100)
        assert compare(found, truth).inside
        widths.append(float(np.mean(found.region.high - found.region.low)))
        wrong = truth + np.array([0.3, -0.15, -0.15])
        verdict = compare(found, wrong)
        assert not verdict.inside
        assert verdict.excess > 1
        assert verdict.distance == pytest.approx(float(total_variation(wrong, found.mixture)))
    assert 1.9 < widths[0] / widths[1] < 4.5  # nine times the rounds: a third of the width


def test_play_under_the_true_game_ends_in_the_region(kernels):
    play = kernels()
    found = predict(fit_full(log_of(play, 200)), accounts=6, draws=100)
    start = exploration(6, 3, profiles=1, seed=9)[0]
    end = simulate(play.game, SequentialBestResponse(sweep=True), start, 60, np.random.default_rng(0))[-1]
    verdict = compare(found, end.mean(axis=0))
    assert verdict.inside
    assert verdict.distance < 0.05


def test_a_group_left_out_in_every_draw_must_be_left_out():
    game = AlignmentGame(
        attractiveness=np.array([0.6, 0.4, 0.0]),
        inconsistency=0.3 * np.eye(3),
        similarity=np.eye(3),
        incentives=Incentives(2.0, 1.0, 0.1),
        accounts=4,
    )
    profiles = exploration(4, 3, profiles=200)
    paid = np.stack([game.payoffs(p) for p in profiles]) + 0.02 * np.random.default_rng(0).normal(size=(200, 4))
    found = predict(fit_scalar(PlayLog.of_play(profiles, paid), game), accounts=4, draws=100)
    assert found.mixture[2] == 0
    assert found.deviation[2] == 0
    assert not found.interior
    inside = np.array([*found.mixture[:2], 0.0])
    assert compare(found, inside).inside
    assert not compare(found, inside + np.array([-0.02, 0.0, 0.02])).inside
    kept = predict(fit_scalar(PlayLog.of_play(profiles, paid), game), accounts=4, draws=100, floor=0.05)
    assert kept.mixture[2] == pytest.approx(0.05)


def test_error_of_the_played_point_widens_the_region(kernels):
    found = predict(fit_full(log_of(kernels(), 60)), accounts=6, draws=100)
    edge = found.mixture + 1.2 * found.radius * found.deviation * np.array([1, 0, 0])
    edge = edge - np.array([0, 1, 0]) * (edge.sum() - 1)
    assert not compare(found, edge).inside
    scatter = 0.05 * np.array([1, -1, 0])
    noisy = np.stack([edge + scatter, edge - scatter, edge])
    assert compare(found, noisy).inside
    np.testing.assert_allclose(compare(found, noisy).played, edge)


def test_draws_are_keyed_by_their_seed(kernels):
    fit = fit_full(log_of(kernels(), 60))
    first, again, other = (predict(fit, accounts=6, draws=60, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.draws, again.draws)
    assert not np.array_equal(first.draws, other.draws)


def test_crowds_that_attract_are_refused_or_counted(kernels):
    """With a reward for being alike, many draws have no unique equilibrium; the fit says so instead of choosing one."""
    play = kernels(incentives=Incentives(1.0, 0.2, 0.0))
    log = log_of(play, 60)
    reward = 2.0 * np.sum(log.mixtures * log.others, axis=1)
    profiles, paid = log.mixtures.reshape(60, 6, 3), (log.payoffs + reward).reshape(60, 6)
    with pytest.raises(InputError, match=r"unique|concave"):
        predict(fit_full(PlayLog.of_play(profiles, paid)), accounts=6, draws=50)


def test_bad_arguments_are_named(kernels):
    fit = fit_full(log_of(kernels(), 60))
    for arguments, match in (
        ({"draws": 3}, "draws"),
        ({"confidence": 1.0}, "confidence"),
        ({"floor": 0.5}, "floor"),
    ):
        with pytest.raises(InputError, match=match):
            predict(fit, accounts=6, **arguments)
    found = predict(fit, accounts=6, draws=50)
    with pytest.raises(InputError, match="played"):
        compare(found, [0.5, 0.5])
