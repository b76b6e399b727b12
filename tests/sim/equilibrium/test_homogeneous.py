from dataclasses import replace

import daqp
import nashpy
import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import exploitability, homogeneous_equilibrium
from sim.errors import InputError
from sim.simplex import restricted_to_tangent, sample_uniform


def bordered(game):
    size = game.dimension
    system = np.ones((size + 1, size + 1))
    system[:size, :size] = game.consensus_matrix
    system[size, size] = 0
    return np.linalg.solve(system, np.append(game.incentives.attractiveness * game.attractiveness, 1.0))


@pytest.mark.parametrize("seed", range(300))
def test_closed_form_is_an_equilibrium(random_game, seed):
    game = random_game(seed)
    found = homogeneous_equilibrium(game)
    solution = bordered(game)
    assert np.allclose(found.relaxed, solution[:-1], atol=1e-11)
    assert found.exploitability <= 1e-14
    assert found.interior == (solution[:-1].min() > 1e-12)
    if found.interior:
        assert np.allclose(found.mixture, found.relaxed, atol=1e-12)
        assert found.multiplier == pytest.approx(solution[-1], abs=1e-11)


@pytest.mark.parametrize("seed", range(40))
def test_boundary_agrees_with_an_independent_solver(random_game, seed):
    game = random_game(seed).with_incentives(attractiveness=8.0)
    size = game.dimension
    floor = 0.02 * (seed % 2)
    weights, _, flag, _ = daqp.solve(
        game.consensus_matrix,
        -game.incentives.attractiveness * game.attractiveness,
        np.ones((1, size)),
        np.append(np.full(size, 2.0), 1.0),
        np.append(np.full(size, floor), 1.0),
        primal_tol=1e-11,
    )
    assert flag == 1
    assert np.allclose(homogeneous_equilibrium(game, floor).mixture, weights, atol=1e-7)


@pytest.mark.parametrize("seed", range(12))
def test_it_is_a_symmetric_equilibrium_of_the_bimatrix_game(random_game, seed):
    game = random_game(seed, dimension=3 + seed % 2).with_incentives(attractiveness=3.0)
    payoff = (
        game.incentives.attractiveness * game.attractiveness[:, None] * np.ones((1, game.dimension))
        - game.consensus_matrix
    )
    symmetric = [
        row
        for row, column in nashpy.Game(payoff, payoff.T).support_enumeration(tol=1e-12)
        if np.allclose(row, column, atol=1e-9)
    ]
    mixture = homogeneous_equilibrium(game).mixture
    assert len(symmetric) == 1
    assert np.allclose(symmetric[0], mixture, atol=1e-9)


def test_only_two_ratios_of_the_incentives_matter(random_game):
    game = random_game(7)
    price = game.incentives
    doubled = replace(
        game, incentives=Incentives(2 * price.attractiveness, 2 * price.inconsistency, 2 * price.diversity)
    )
    assert np.allclose(homogeneous_equilibrium(doubled).mixture, homogeneous_equilibrium(game).mixture, atol=1e-14)


def test_large_diversity_with_identity_similarity_is_uniform(interior_game):
    mixture = homogeneous_equilibrium(interior_game(1.0).with_incentives(diversity=1e6)).mixture
    assert np.allclose(mixture, 0.25, atol=1e-5)


def test_floor_is_kept_and_certified(random_game):
    game = random_game(2, dimension=4).with_incentives(attractiveness=30.0)
    free, floored = homogeneous_equilibrium(game), homogeneous_equilibrium(game, floor=0.05)
    assert free.mixture.min() == 0.0
    assert floored.mixture.min() == 0.05
    assert floored.exploitability <= 1e-12
    profile = np.tile(floored.mixture, (game.accounts, 1))
    assert exploitability(game, profile) > 1e-3


def test_unique_means_no_profile_has_more_potential(random_game):
    game = random_game(11, accounts=3, kappa=0.8)
    found = homogeneous_equilibrium(game)
    assert found.unique
    assert found.stability == pytest.approx(0.8)
    top = game.potential(np.tile(found.mixture, (3, 1)))
    others = sample_uniform(np.random.default_rng(0), game.dimension, (500, 3))
    assert max(game.potential(profile) for profile in others) <= top + 1e-12


def test_not_unique_above_stability_one(random_game):
    assert not homogeneous_equilibrium(random_game(11, accounts=3, kappa=1.2)).unique


def flat_game(pull, own):
    return AlignmentGame(
        attractiveness=np.array(pull),
        inconsistency=own,
        similarity=np.zeros((3, 3)),
        incentives=Incentives(1, 1, 0),
        accounts=2,
    )


def test_singular_game_with_many_solutions_returns_the_one_nearest_to_uniform():
    found = homogeneous_equilibrium(flat_game([1.0, 1.0, 1.0], np.zeros((3, 3))))
    assert not found.regular
    assert not found.unique
    assert found.interior
    assert np.allclose(found.mixture, 1 / 3)
    assert np.allclose(found.relaxed, 1 / 3)


def test_singular_game_without_relaxed_solution_stays_finite():
    # Attractiveness rises along a direction without curvature: only the boundary stops it.
    found = homogeneous_equilibrium(flat_game([1.0, 0.0, 0.0], np.diag([0.0, 0.0, 1.0]) * 0))
    assert not found.regular
    assert not found.interior
    assert np.array_equal(found.mixture, [1.0, 0.0, 0.0])
    assert np.isfinite(found.relaxed).all()


def test_results_are_read_only(random_game):
    with pytest.raises(ValueError, match="read-only"):
        homogeneous_equilibrium(random_game(0)).mixture[0] = 1.0


def test_indefinite_problem_is_refused_with_its_eigenvalue():
    game = AlignmentGame(
        attractiveness=np.zeros(2),
        inconsistency=np.eye(2),
        similarity=-4 * np.eye(2),
        incentives=Incentives(1, 1, 1),
        accounts=2,
    )
    assert np.linalg.eigvalsh(restricted_to_tangent(game.consensus_matrix))[0] == pytest.approx(-2)
    with pytest.raises(InputError, match="eigenvalue -2 on the tangent space"):
        homogeneous_equilibrium(game)
