import numpy as np
import pytest

from sim.dynamics import (
    ExactFeedback,
    FictitiousPlay,
    Floored,
    SimultaneousBestResponse,
    State,
    fictitious_play_exponent,
    simulate,
)
from sim.equilibrium import homogeneous_equilibrium
from sim.simplex import total_variation

RULE = FictitiousPlay()


@pytest.mark.parametrize("seed", range(4))
def test_keeps_the_laws_of_every_rule(random_game, checks, seed):
    checks.every(RULE, random_game(seed))


@pytest.mark.parametrize("attraction", [1.0, 15.0], ids=["mild", "boundary"])
def test_an_equilibrium_is_a_fixed_point(random_game, checks, attraction):
    game = random_game(4).with_incentives(attractiveness=attraction)
    checks.rest(RULE, game, homogeneous_equilibrium(game).mixture)
    checks.rest(Floored(RULE, 0.02), game, homogeneous_equilibrium(game, 0.02).mixture)


def test_plays_the_best_response_to_the_average_of_all_rounds(random_game, checks):
    game = random_game(6)
    path = checks.path_of(game, RULE, checks.start_of(game), 9)
    for played in range(9):
        average = path[: played + 1].mean(axis=0)
        best = game.best_responses(average)
        assert np.allclose(path[played + 1], best, atol=1e-12)
        # A best response never does worse against what it answers than staying with one's own average.
        for account in range(game.accounts):
            answered = average.copy()
            answered[account] = best[account]
            assert game.payoffs(answered)[account] >= game.payoffs(average)[account] - 1e-13


def test_memory_is_the_average_before_the_present_round(random_game, checks):
    game = random_game(2)
    state = State(checks.start_of(game))
    profiles = []
    for played in range(5):
        profiles.append(state.profile)
        state = RULE.step(state, ExactFeedback(game, played), np.random.default_rng(0))
        assert state.memory.shape == (1, game.accounts, game.dimension)
        assert np.allclose(state.memory[0], np.mean(profiles, axis=0), atol=1e-15)


def test_settles_where_simultaneous_best_response_cycles(interior_game, checks):
    game = interior_game(0.45, accounts=6)
    target, start = homogeneous_equilibrium(game).mixture, checks.start_of(game)
    cycling = checks.path_of(game, SimultaneousBestResponse(), start, 400)
    settled = checks.path_of(game, RULE, start, 400)
    assert total_variation(cycling[-1], target).max() > 0.1
    assert total_variation(settled[-1], target).max() <= 0.01


@pytest.mark.slow
@pytest.mark.parametrize("kappa", [0.3, 0.6])
def test_the_average_falls_like_the_stated_power(interior_game, kappa):
    game = interior_game(kappa, accounts=4, seed=3)
    target = homogeneous_equilibrium(game).mixture
    exponent = fictitious_play_exponent(game)
    assert exponent == pytest.approx(1 - kappa, abs=1e-9)
    push = np.zeros((4, 4))
    push[0], push[1] = [0.05, -0.05, 0.02, -0.02], [-0.05, 0.05, -0.02, 0.02]
    path = simulate(game, RULE, target + push, 2000, np.random.default_rng(0))
    averages = np.cumsum(path, axis=0) / np.arange(1, 2002)[:, None, None]
    error = np.abs(averages - target).max(axis=(1, 2))
    slope = np.log(error[2000] / error[500]) / np.log(2000 / 500)
    assert slope == pytest.approx(-exponent, abs=0.05)


@pytest.mark.slow
def test_bad_rock_paper_scissors_never_settles(checks):
    # Losses outweigh wins (negative diagonal): Shapley's game. The exponent says so, and so does play.
    game = checks.circular_game(0.05, symmetric=-0.6)
    assert fictitious_play_exponent(game) < 0
    path = checks.path_of(game, RULE, checks.start_of(game), 1500)
    averages = np.cumsum(path, axis=0) / np.arange(1, 1502)[:, None, None]
    late = averages[500:].mean(axis=1)
    assert np.ptp(late, axis=0).min() > 0.1
    good = checks.circular_game(0.15, symmetric=0.3)
    assert fictitious_play_exponent(good) > 0
    calm = checks.path_of(good, RULE, checks.start_of(good), 1500)
    settled = (np.cumsum(calm, axis=0) / np.arange(1, 1502)[:, None, None])[500:].mean(axis=1)
    assert np.ptp(settled, axis=0).max() < 0.002
