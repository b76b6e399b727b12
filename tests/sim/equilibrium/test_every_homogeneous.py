"""All homogeneous equilibria: their number, their indices, and ties that are said and not dropped."""

import nashpy
import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import every_homogeneous_equilibrium, exploitability, homogeneous_equilibrium
from sim.errors import InputError


def game_of(pull, own, crowd, *, directed=False, accounts=3):
    return AlignmentGame(
        attractiveness=np.asarray(pull, float),
        inconsistency=np.asarray(own, float),
        similarity=np.asarray(crowd, float),
        incentives=Incentives(1, 1, 1),
        accounts=accounts,
        directed=directed,
    )


@pytest.mark.parametrize("dimension", [2, 3, 4, 6, 8])
def test_negative_definite_reaches_every_support(dimension):
    game = game_of(0.01 * np.sin(np.arange(dimension)), np.eye(dimension), -5 * np.eye(dimension))
    found = every_homogeneous_equilibrium(game)
    assert len(found.equilibria) == 2**dimension - 1
    assert found.generic
    assert found.index_sum == 1
    assert all(each.index == (-1) ** (len(each.support) - 1) for each in found.equilibria)


@pytest.mark.parametrize("seed", range(120))
def test_odd_number_indices_sum_to_one_and_each_is_certified(seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 7))
    factor, crowd = rng.normal(size=(2, size, size))
    directed = bool(seed % 2)
    game = game_of(
        rng.normal(size=size), 0.05 * factor @ factor.T, 2 * crowd if directed else crowd + crowd.T, directed=directed
    )
    found = every_homogeneous_equilibrium(game)
    assert found.generic
    assert len(found.equilibria) % 2 == 1
    assert found.index_sum == 1
    for each in found.equilibria:
        assert each.gap <= 1e-12
        gain = exploitability(game, np.tile(each.mixture, (3, 1)))
        assert gain <= each.gap + 1e-14


@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning:nashpy")
@pytest.mark.parametrize("seed", range(8))
def test_misses_none_that_support_enumeration_of_the_bimatrix_game_finds(seed):
    # nashpy itself loses some to rounding (it warns of an even number), so it must find a subset.
    rng = np.random.default_rng(seed)
    crowd = rng.normal(size=(3, 3))
    game = game_of(rng.normal(size=3), 0.1 * np.eye(3), crowd + crowd.T)
    payoff = game.attractiveness[:, None] - game.consensus_matrix
    theirs = [
        row
        for row, column in nashpy.Game(payoff, payoff.T).support_enumeration(tol=1e-12)
        if np.allclose(row, column, atol=1e-9)
    ]
    ours = [each.mixture for each in every_homogeneous_equilibrium(game).equilibria]
    assert len(ours) >= len(theirs)
    assert len(ours) == len(theirs) or len(theirs) % 2 == 0
    assert all(min(np.abs(each - other).max() for other in ours) <= 1e-9 for each in theirs)


@pytest.mark.parametrize("seed", range(20))
def test_finds_the_one_of_a_concave_game(random_game, seed):
    game = random_game(seed).with_incentives(attractiveness=4.0)
    found = every_homogeneous_equilibrium(game).equilibria
    assert len(found) == 1
    assert np.allclose(found[0].mixture, homogeneous_equilibrium(game).mixture, atol=1e-12)


def test_a_tie_is_reported():
    # Both groups at slope zero on the vertex: the second is about to enter.
    found = every_homogeneous_equilibrium(game_of([2, 0], np.eye(2), np.zeros((2, 2))))
    assert not found.generic
    assert [(each.ties, each.index) for each in found.equilibria] == [((1,), 0)]


def test_a_continuum_is_reported_with_its_ends():
    found = every_homogeneous_equilibrium(game_of([1, 1, 0], np.zeros((3, 3)), np.zeros((3, 3))))
    assert [(each.support, each.continuum) for each in found.equilibria] == [
        ((0, 1), True),
        ((0,), False),
        ((1,), False),
    ]
    assert np.allclose(found.equilibria[0].mixture, [0.5, 0.5, 0])
    assert not found.generic


def test_more_than_sixteen_groups_are_refused():
    with pytest.raises(InputError, match="at most 16"):
        every_homogeneous_equilibrium(game_of(np.zeros(17), np.eye(17), np.eye(17)))
