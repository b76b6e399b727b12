"""One equilibrium of accounts that differ, certified by a computation that shares no code with the solver."""

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.population import Population, solve_population


@pytest.fixture
def largest_gain(best_response, linear_term):
    return lambda *given: gain_on_the_definition(best_response, linear_term, *given)


def gain_on_the_definition(best_response, linear_term, population, mixtures, floor=0.0):
    """Exploitability on the definition."""
    kinds = np.broadcast_to(population.kinds, population.accounts)
    gains = []
    for m in range(population.accounts):
        curvature, linear = population.curvatures[kinds[m]], linear_term(population, mixtures, m)
        move = best_response(population, mixtures, m, floor) - mixtures[m]
        gains.append((linear - curvature @ mixtures[m]) @ move - move @ curvature @ move / 2)
    return max(gains)


@pytest.mark.parametrize("floor", [0.0, 0.05])
@pytest.mark.parametrize("dimension", [2, 5, 12])
@pytest.mark.parametrize("crowding", [(0.3, True), (3.0, True), (3.0, False)], ids=["mild", "strong", "asymmetric"])
def test_complete_graph(make_population, largest_gain, dimension, crowding, floor):
    crowd, symmetric = crowding
    for accounts in (2, 7, 60):
        population = make_population(accounts, accounts, dimension, kinds=accounts, crowd=crowd, symmetric=symmetric)
        found = solve_population(population, floor=floor)
        assert found.converged
        assert found.exploitability <= 1e-12
        assert largest_gain(population, found.mixtures, floor) <= 1e-12
        assert found.mixtures.min() >= floor
        assert np.abs(found.mixtures.sum(axis=1) - 1).max() <= 1e-12


@pytest.mark.parametrize("seed", range(4))
def test_sparse_graph(make_population, largest_gain, seed):
    population = make_population(seed, 50, 4, sparse=True, symmetric=True)
    found = solve_population(population)
    assert found.converged
    assert found.newton_steps == 0
    assert largest_gain(population, found.mixtures) <= 1e-12


def test_a_few_sweeps_at_most_where_the_equilibrium_is_unique(make_population):
    found = solve_population(make_population(1, 3000, 6, kinds=3000, symmetric=True))
    assert found.converged
    assert found.sweeps <= 10
    assert found.newton_steps <= 20
    assert (found.mixtures == 0).mean() > 0.1


def test_identical_accounts_find_the_homogeneous_equilibrium():
    rng = np.random.default_rng(0)
    factor = rng.normal(size=(4, 4)) / 2
    game = AlignmentGame(
        attractiveness=rng.normal(size=4),
        inconsistency=factor @ factor.T + 0.3 * np.eye(4),
        similarity=np.eye(4),
        incentives=Incentives(1.0, 1.0, 0.5),
        accounts=20,
    )
    population = Population(
        linear=game.attractiveness,
        curvatures=2 * game.inconsistency,
        similarity=game.similarity,
        accounts=20,
        price=game.crowding_weight,
    )
    start = rng.dirichlet(np.ones(4), size=20)
    target = homogeneous_equilibrium(game).mixture
    assert np.abs(solve_population(population, start).mixtures - target).max() <= 1e-9


def test_strong_crowding_has_specialists_and_still_certifies(make_population, largest_gain):
    """Far above kappa = 1 the equilibrium is not unique; what is found is one nevertheless."""
    for seed in range(5):
        population = make_population(seed, 6, 4, kinds=6, crowd=60.0, symmetric=True)
        found = solve_population(population, np.random.default_rng(seed).dirichlet(np.ones(4), size=6))
        assert found.converged
        assert largest_gain(population, found.mixtures) <= 1e-12


def test_flat_accounts_among_others(make_population, largest_gain):
    good = make_population(1, 30, 4, kinds=3, symmetric=True)
    curvatures = good.curvatures.copy()
    curvatures[1] = 0.0
    population = Population(
        linear=good.linear, curvatures=curvatures, similarity=np.eye(4), kinds=good.kinds, price=good.price
    )
    found = solve_population(population)
    assert found.newton_steps == 0
    gain = largest_gain(population, found.mixtures)
    assert gain <= found.exploitability + 1e-15
    assert found.converged == (found.exploitability <= 1e-12)


def test_an_equilibrium_is_returned_as_it_is(make_population):
    population = make_population(2, 20, 4, symmetric=True)
    rest = solve_population(population).mixtures
    again = solve_population(population, rest)
    assert np.array_equal(again.mixtures, rest)
    assert (again.sweeps, again.newton_steps) == (0, 0)


def test_no_stable_equilibrium_is_said_so():
    """Rock, paper, scissors between two accounts, hardly curved: best responses go round in circles."""
    population = Population(
        linear=np.zeros(3),
        curvatures=1e-9 * np.eye(3),
        similarity=np.array([[0.0, 1.0, -1.0], [-1.0, 0.0, 1.0], [1.0, -1.0, 0.0]]),
        accounts=2,
        price=1.0,
        neighbours=([0, 1, 2], [1, 0]),
    )
    found = solve_population(population, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], max_sweeps=30)
    assert not found.converged
    assert found.sweeps == 30
    assert found.exploitability > 0.1


def test_one_account_and_bad_arguments(make_population):
    alone = Population(linear=[1.0, 0.0, 0.0], curvatures=np.eye(3), similarity=np.eye(3), price=5.0)
    assert solve_population(alone).mixtures == pytest.approx(np.array([[1.0, 0.0, 0.0]]))
    population = make_population(0)
    for arguments, field in (
        ({"tolerance": 0.0}, "tolerance"),
        ({"floor": -0.1}, "floor"),
        ({"max_sweeps": -1}, "max_sweeps"),
        ({"start": np.zeros((2, 2))}, "mixtures"),
    ):
        with pytest.raises(InputError) as caught:
            solve_population(population, **arguments)
        assert caught.value.field == field
