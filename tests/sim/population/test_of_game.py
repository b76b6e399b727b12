"""A game given to the kernels is the same game."""

import networkx as nx
import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.dynamics import ExactFeedback
from sim.equilibrium import heterogeneous_equilibrium, homogeneous_equilibrium, unilateral_gains
from sim.equilibrium.exploitability import gain_of
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame
from sim.population import exploitability, simultaneous_step, solve_population
from sim.population import unilateral_gains as kernel_gains
from sim.population.of_game import population_of

ACCOUNTS = 1000


def game_on(network, *, crowding="mean"):
    """Accounts that differ in everything; a few have no cost of inconsistency at all."""
    rng = np.random.default_rng(7)
    factors = rng.normal(size=(3, 4, 4)) / 2
    incentives = 10 ** rng.uniform(-0.5, 0.5, size=(ACCOUNTS, 3))
    incentives[:5, 1] = 0.0
    return HeterogeneousGame(
        attractiveness=0.3 * rng.normal(size=(ACCOUNTS, 4)),
        inconsistency=factors @ factors.transpose(0, 2, 1) + 0.2 * np.eye(4),
        kinds=rng.integers(0, 3, ACCOUNTS),
        similarity=np.eye(4),
        incentives=incentives,
        network=network,
        crowding=crowding,
    )


@pytest.fixture(params=["everyone", "graph"])
def game(request):
    graph = nx.random_regular_graph(4, ACCOUNTS, seed=3)
    return game_on(None if request.param == "everyone" else graph)


def test_best_responses_and_gains_are_those_of_the_game(game):
    profile = np.random.default_rng(0).dirichlet(np.ones(4), ACCOUNTS)
    assert np.abs(ExactFeedback(game).best_responses(profile) - game.best_responses(profile)).max() <= 1e-12
    gradients = game.gradients(profile)
    one_by_one = [gain_of(game.curvature(m), gradients[m], profile[m]) for m in range(ACCOUNTS)]
    assert np.abs(unilateral_gains(game, profile) - one_by_one).max() <= 1e-12


def test_equilibrium_of_many_accounts_is_certified_in_units_of_utility(game):
    found = heterogeneous_equilibrium(game)
    gradients = game.gradients(found.profile)
    one_by_one = [gain_of(game.curvature(m), gradients[m], found.profile[m]) for m in range(ACCOUNTS)]
    assert max(one_by_one) <= 1e-11  # 1e-12 of the largest coefficient
    assert found.exploitability == pytest.approx(max(one_by_one), abs=1e-13)


def test_identical_accounts_settle_at_the_homogeneous_equilibrium():
    game = AlignmentGame(
        attractiveness=np.array([0.3, 0.1, 0.0, -0.4]),
        inconsistency=np.diag([1.0, 0.8, 1.2, 1.0]),
        similarity=np.eye(4),
        incentives=Incentives(2.0, 1.0, 0.5),
        accounts=ACCOUNTS,
    )
    accounts = population_of(game)
    solved = solve_population(accounts.population)
    assert solved.converged
    assert np.abs(solved.mixtures - homogeneous_equilibrium(game).mixture).max() <= 1e-12
    assert exploitability(accounts.population, solved.mixtures) <= 1e-14


def test_summed_crowding_reaches_the_kernels():
    game = game_on(None, crowding="sum")
    profile = np.random.default_rng(1).dirichlet(np.ones(4), ACCOUNTS)
    accounts = population_of(game)
    moved = simultaneous_step(accounts.population, profile).mixtures
    for account in (0, 6, 500):
        assert np.abs(moved[account] - game.best_response(account, profile)).max() <= 1e-12
    gains = accounts.stakes * kernel_gains(accounts.population, profile)
    assert gains[6] == pytest.approx(unilateral_gains(game, profile)[6], abs=1e-12)


def test_other_games_are_refused():
    with pytest.raises(InputError, match="AlignmentGame or a HeterogeneousGame"):
        population_of(object())
