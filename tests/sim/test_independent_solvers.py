"""A thousand random games against two solvers that share no code with ours: daqp (dual active set) and Clarabel."""

from collections import Counter

import clarabel
import daqp
import numpy as np
import pytest
from scipy import sparse

from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import homogeneous_equilibrium, stability_number
from sim.simplex import tangent_basis

GAMES = 1000
KINDS = ("regular", "many groups excluded", "singular", "identical groups", "at an alpha root", "tie at the boundary")


def random_matrix(rng, size, rank):
    factor = rng.normal(size=(size, rank)) / np.sqrt(size)
    return factor @ factor.T


def game_of(seed):
    """One game, with its kind; sizes run over 2..50 and stability numbers over both sides of 1."""
    rng = np.random.default_rng(seed)
    kind = KINDS[seed % len(KINDS)]
    size = int(rng.integers(2, 51)) if seed % 5 == 0 else int(rng.integers(2, 9))
    own = random_matrix(rng, size, size) + 0.3 * np.eye(size)
    crowd = random_matrix(rng, size, size) + 0.1 * np.eye(size)
    pull, prices = 0.3 * rng.normal(size=size), 10 ** rng.uniform(-0.5, 0.5, size=3)
    if kind == "many groups excluded":
        prices[0] = 20.0
    elif kind == "singular":
        own, prices[2] = random_matrix(rng, size, max(size - 2, 0)), 0.0
    elif kind == "identical groups":
        crowd = np.eye(size)
        pull[0], own[0, :], own[:, 0] = pull[1], own[1, :], own[:, 1]
        own[0, 0] = own[1, 1]
        own += 0.1 * np.eye(size)
    game = AlignmentGame(
        attractiveness=pull,
        inconsistency=own,
        similarity=crowd,
        incentives=Incentives(*prices),
        accounts=int(rng.integers(2, 12)),
    )
    if kind == "at an alpha root":
        return kind, game.with_incentives(diversity=prices[2] / stability_number(game))
    if kind == "tie at the boundary":
        return kind, tied(game)
    if kind == "regular":
        return kind, game.with_incentives(diversity=prices[2] * 10 ** rng.uniform(-1, 1) / stability_number(game))
    return kind, game


def tied(game):
    """The same game with an attractiveness that leaves group 0 at weight zero and gradient of the others exactly."""
    target = np.append(0.0, np.full(game.dimension - 1, 1.0 / (game.dimension - 1)))
    pull = game.consensus_matrix @ target
    return AlignmentGame(
        attractiveness=pull / game.incentives.attractiveness,
        inconsistency=game.inconsistency,
        similarity=game.similarity,
        incentives=game.incentives,
        accounts=game.accounts,
    )


def by_daqp(matrix, pull):
    size = pull.size
    # An added constant changes nothing on the simplex and makes the matrix definite off the tangent space too.
    shifted = matrix + (abs(matrix).max() + 1.0) * np.ones((size, size))
    upper, lower = np.append(np.ones(size), 1.0), np.append(np.zeros(size), 1.0)
    sense = np.append(np.zeros(size), 5).astype(np.int32)
    found = daqp.solve(shifted, -pull, np.ones((1, size)), upper, lower, sense)
    assert found[2] == 1
    return np.asarray(found[0])


def by_clarabel(matrix, pull):
    size = pull.size
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-11
    constraints = sparse.csc_matrix(np.vstack([np.ones((1, size)), -np.eye(size)]))
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(size)]
    shifted = sparse.triu(matrix - min(np.linalg.eigvalsh(matrix)[0], 0.0) * np.ones((size, size)), format="csc")
    bounds = np.append(1.0, np.zeros(size))
    return np.array(clarabel.DefaultSolver(shifted, -pull, constraints, bounds, cones, settings).solve().x)


def value(matrix, pull, mixture):
    return pull @ mixture - mixture @ matrix @ mixture / 2


@pytest.mark.slow
def test_homogeneous_equilibria_agree_with_two_independent_solvers():
    counts = Counter()
    for seed in range(GAMES):
        kind, game = game_of(seed)
        matrix, pull = game.consensus_matrix, game.incentives.attractiveness * game.attractiveness
        ours = homogeneous_equilibrium(game)
        counts[kind] += 1
        counts["on the boundary"] += bool(ours.mixture.min() == 0)
        counts["kappa above 1"] += ours.stability > 1
        assert ours.exploitability <= 1e-12 * (1 + abs(pull).max() + abs(matrix).max()), (seed, kind)
        theirs = [by_clarabel(matrix, pull)]
        if ours.regular:
            theirs.append(by_daqp(matrix, pull))
        for mixture, accuracy in zip(theirs, (1e-5, 1e-8), strict=False):
            assert value(matrix, pull, ours.mixture) >= value(matrix, pull, mixture) - 1e-9, (seed, kind)
            if ours.regular:
                assert np.abs(ours.mixture - mixture).max() <= accuracy, (seed, kind)
    print(dict(counts))
    assert min(counts[kind] for kind in KINDS) >= GAMES // len(KINDS)
    assert 0.2 * GAMES < counts["on the boundary"] < 0.8 * GAMES
    assert 0.2 * GAMES < counts["kappa above 1"] < 0.9 * GAMES


@pytest.mark.parametrize("seed", range(4, 40, 6))
def test_games_at_an_alpha_root_really_are(seed):
    kind, game = game_of(seed)
    assert kind == "at an alpha root"
    basis = tangent_basis(game.dimension)
    eigenvalues = np.linalg.eigvalsh(basis.T @ game.disagreement_matrix @ basis)
    assert abs(eigenvalues[0]) <= 1e-10 * abs(game.consensus_matrix).max()
