from itertools import pairwise

import numpy as np
import pytest

from sim.dynamics import AsynchronousBestResponse, ExactFeedback, State, asynchronous_rate, simulate
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.simplex import total_variation

RULES = [AsynchronousBestResponse(), AsynchronousBestResponse(updates=1)]
both = pytest.mark.parametrize("rule", RULES, ids=["M a round", "one a round"])


@both
@pytest.mark.parametrize("seed", range(4))
def test_keeps_the_laws_of_every_rule(random_game, checks, rule, seed):
    checks.every(rule, random_game(seed))


@both
@pytest.mark.parametrize("attraction", [1.0, 15.0], ids=["mild", "boundary"])
def test_an_equilibrium_is_a_fixed_point(random_game, checks, rule, attraction):
    game = random_game(3).with_incentives(attractiveness=attraction)
    checks.rest(rule, game, homogeneous_equilibrium(game).mixture)


@pytest.mark.parametrize("seed", range(4))
def test_no_move_lowers_the_movers_utility_or_the_potential(random_game, checks, seed):
    game = random_game(seed, kappa=2.0)
    path = checks.path_of(game, RULES[1], checks.start_of(game), 40)
    assert np.diff([game.potential(profile) for profile in path]).min() >= -1e-13
    for before, after in pairwise(path):
        movers = np.flatnonzero((before != after).any(axis=1))
        assert movers.size <= 1
        assert (game.payoffs(after)[movers] >= game.payoffs(before)[movers] - 1e-13).all()


def test_order_comes_from_the_generator_with_replacement(random_game):
    game = random_game(1, accounts=6)
    start = np.random.default_rng(0).dirichlet(np.ones(game.dimension), 6)
    seen = set()
    for seed in range(30):
        moved = AsynchronousBestResponse(6).step(State(start), ExactFeedback(game), np.random.default_rng(seed)).profile
        seen.add(tuple((moved != start).any(axis=1)))
    assert len(seen) > 5
    assert min(sum(moved) for moved in seen) < 6


def test_converges_to_the_homogeneous_equilibrium_below_stability_one_only(interior_game, checks):
    for kappa, limit in ((0.6, True), (1.4, False)):
        game = interior_game(kappa)
        path = checks.path_of(game, RULES[0], checks.start_of(game), 150)
        distance = total_variation(path[-1], homogeneous_equilibrium(game).mixture).max()
        assert (distance <= 1e-9) == limit


@pytest.mark.slow
def test_expected_mean_shrinks_at_the_stated_rate(interior_game):
    # Fact: the mean of the accounts decays by exp(-(1 + k)) per M moves; exactly (1 - (1 + k)/M)^M.
    game = interior_game(0.05, accounts=8, seed=1)
    target = homogeneous_equilibrium(game).mixture
    push = 1e-3 * np.array([1.0, -1.0, 0.5, -0.5])
    means = []
    for seed in range(600):
        path = simulate(
            game, AsynchronousBestResponse(), np.tile(target + push, (8, 1)), 1, np.random.default_rng(seed)
        )
        means.append((path[1] - target).mean(axis=0))
    measured = np.linalg.norm(np.mean(means, axis=0)) / np.linalg.norm(push)
    predicted = asynchronous_rate(game)
    assert predicted.consensus > np.exp(-1.4)
    assert measured == pytest.approx(predicted.consensus, rel=0.12)


def test_bad_number_of_moves_is_named():
    for bad in (0, 1.5):
        with pytest.raises(InputError) as caught:
            AsynchronousBestResponse(bad)
        assert caught.value.field == "updates"
