"""Asymmetric similarity: the homogeneous equilibrium is a variational inequality, not a maximum."""

from dataclasses import replace

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import crowding_modes, every_homogeneous_equilibrium, homogeneous_equilibrium, stability_number
from sim.equilibrium.monotone import solve_monotone
from sim.errors import InputError
from sim.simplex import sample_uniform

SKEW = np.array([[0.0, 1.0, -1.0], [-1.0, 0.0, 1.0], [1.0, -1.0, 0.0]])


def directed(seed, *, dimension=None, pull=1.0, accounts=4):
    rng = np.random.default_rng(seed)
    size = dimension or int(rng.integers(2, 9))
    own, crowd, turn = rng.normal(size=(3, size, size)) / np.sqrt(size)
    return AlignmentGame(
        attractiveness=rng.normal(size=size),
        inconsistency=own @ own.T + 0.4 * np.eye(size),
        similarity=crowd @ crowd.T + 2 * (turn - turn.T),
        incentives=Incentives(pull, 1.0, 1.0),
        accounts=accounts,
        directed=True,
    )


@pytest.mark.parametrize("seed", range(60))
def test_certified_and_the_only_one_of_the_enumeration(seed):
    game = directed(seed, pull=(0.1, 1.0, 5.0)[seed % 3])
    found = homogeneous_equilibrium(game)
    every = every_homogeneous_equilibrium(game)
    assert found.exploitability <= 1e-14
    assert len(every.equilibria) == 1
    assert np.allclose(every.equilibria[0].mixture, found.mixture, atol=1e-12)
    system = np.ones((game.dimension + 1,) * 2)
    system[:-1, :-1], system[-1, -1] = game.consensus_matrix, 0
    bordered = np.linalg.solve(system, np.append(game.incentives.attractiveness * game.attractiveness, 1))
    assert np.allclose(found.relaxed, bordered[:-1], atol=1e-11)
    assert found.interior == (bordered[:-1].min() > 1e-12) == (found.mixture.min() > 1e-12)


@pytest.mark.parametrize("seed", range(40))
def test_pivoting_solves_large_and_skewed_inequalities_with_a_floor(seed):
    rng = np.random.default_rng(seed)
    size, floor = int(rng.integers(2, 41)), (0.0, 0.01)[seed % 2]
    factor, turn = rng.normal(size=(2, size, size))
    matrix = 0.1 * factor @ factor.T / size + 0.01 * np.eye(size) + 3 * (turn - turn.T)
    pull = rng.normal(size=size) * 10 ** rng.uniform(-2, 3)
    mixture = solve_monotone(matrix, pull, floor)
    gradient = pull - matrix @ mixture
    assert mixture.min() >= floor
    assert mixture.sum() == pytest.approx(1, abs=1e-13)
    gap = (mixture - floor) @ (gradient.max() - gradient)
    assert gap <= 1e-13 * (np.abs(pull).max() + np.abs(matrix).max())
    for other in sample_uniform(rng, size, 20):
        assert gradient @ (floor + (1 - size * floor) * other - mixture) <= gap + 1e-10


def test_a_symmetric_similarity_gives_the_same_either_way(random_game):
    game = random_game(4).with_incentives(attractiveness=5.0)
    tilt = np.arange(game.dimension, dtype=float)
    as_directed = replace(game, directed=True)
    assert np.array_equal(homogeneous_equilibrium(as_directed).mixture, homogeneous_equilibrium(game).mixture)
    # u 1' - 1 u' is a constant pull -bD u on everybody.
    shifted = replace(game, directed=True, similarity=game.similarity + tilt[:, None] - tilt[None, :])
    price = game.incentives
    moved = replace(game, attractiveness=game.attractiveness - price.diversity / price.attractiveness * tilt)
    found = homogeneous_equilibrium(shifted)
    assert np.allclose(found.mixture, homogeneous_equilibrium(moved).mixture, atol=1e-12)
    gradients = shifted.gradients(np.tile(found.mixture, (game.accounts, 1)))
    assert found.multiplier == pytest.approx(gradients.max(), abs=1e-12)


def test_skew_similarity_with_own_cost_has_imaginary_modes_and_no_kappa():
    game = AlignmentGame(
        attractiveness=np.zeros(3),
        inconsistency=np.eye(3),
        similarity=SKEW,
        incentives=Incentives(1, 1, 2),
        accounts=5,
        directed=True,
    )
    assert np.allclose(crowding_modes(game), [1j * np.sqrt(3), -1j * np.sqrt(3)])
    assert stability_number(game) == pytest.approx(0, abs=1e-12)
    assert homogeneous_equilibrium(game).unique


def test_not_monotone_is_refused_with_the_way_out():
    game = AlignmentGame(
        attractiveness=np.zeros(3),
        inconsistency=np.zeros((3, 3)),
        similarity=SKEW,
        incentives=Incentives(1, 1, 1),
        accounts=2,
        directed=True,
    )
    with pytest.raises(InputError, match=r"symmetric part of .* eigenvalue .*every_homogeneous_equilibrium"):
        homogeneous_equilibrium(game)
    only = every_homogeneous_equilibrium(game).equilibria
    assert len(only) == 1
    assert np.allclose(only[0].mixture, 1 / 3)
