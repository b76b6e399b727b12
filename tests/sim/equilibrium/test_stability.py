import numpy as np
import pytest
from scipy.linalg import eigh

from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import stability_number
from sim.simplex import restricted_to_tangent


def game_of(own, crowd, *, inconsistency=1.0, diversity=1.0, accounts=2):
    own, crowd = np.asarray(own, float), np.asarray(crowd, float)
    return AlignmentGame(
        attractiveness=np.zeros(len(own)),
        inconsistency=own,
        similarity=crowd,
        incentives=Incentives(1, inconsistency, diversity),
        accounts=accounts,
    )


@pytest.mark.parametrize("seed", range(30))
def test_is_the_generalised_eigenvalue_and_decides_disagreement(random_game, seed):
    game = random_game(seed)
    own = 2 * game.incentives.inconsistency * restricted_to_tangent(game.inconsistency)
    crowd = game.crowding_weight * restricted_to_tangent(game.similarity)
    kappa = stability_number(game)
    assert kappa == pytest.approx(eigh(crowd, own, eigvals_only=True)[-1], rel=1e-10)
    lowest = np.linalg.eigvalsh(restricted_to_tangent(game.disagreement_matrix))[0]
    assert (kappa < 1) == (lowest > 0)


def test_by_hand():
    assert stability_number(game_of(np.eye(3), np.eye(3))) == pytest.approx(0.5)
    assert stability_number(game_of(np.eye(3), np.eye(3), accounts=5)) == pytest.approx(0.125)


@pytest.mark.parametrize(
    ("game", "expected"),
    [
        (game_of(np.eye(2), np.eye(2), accounts=1), 0.0),
        (game_of(np.eye(2), np.eye(2), diversity=0), 0.0),
        (game_of(np.eye(2), np.ones((2, 2))), 0.0),
        (game_of(np.eye(2), np.eye(2), inconsistency=0), np.inf),
        (game_of(np.zeros((2, 2)), -np.eye(2)), 0.0),
        (game_of(np.zeros((2, 2)), np.zeros((2, 2))), 0.0),
        (game_of(np.eye(2), -np.eye(2)), -0.5),
    ],
    ids=["one account", "bD = 0", "S constant", "bI = 0", "attracting", "no terms", "attracting, curved"],
)
def test_degenerate_games_have_a_documented_number(game, expected):
    assert stability_number(game) == pytest.approx(expected)


def singular(crowd):
    """Own curvature only along (1, -1, 0, 0) and (1, 1, -2, 0); none along the last contrast."""
    first, second = np.array([1, -1, 0, 0]) / np.sqrt(2), np.array([1, 1, -2, 0]) / np.sqrt(6)
    return game_of(np.outer(first, first) + np.outer(second, second), crowd)


def test_singular_inconsistency():
    flat = np.array([1, 1, 1, -3]) / np.sqrt(12)
    curved = np.array([1, -1, 0, 0]) / np.sqrt(2)
    assert stability_number(singular(np.outer(flat, flat))) == np.inf
    # Crowding and attraction couple a flat direction to a curved one: no multiple of C offsets it.
    assert stability_number(singular(np.outer(flat, curved) + np.outer(curved, flat))) == np.inf
    assert stability_number(singular(3 * np.outer(curved, curved))) == pytest.approx(1.5)
    # Attraction along the flat direction absorbs part of the coupling: Schur complement 3 + 1/2, halved.
    mixed = 3 * np.outer(curved, curved) - 2 * np.outer(flat, flat)
    mixed += np.outer(flat, curved) + np.outer(curved, flat)
    assert stability_number(singular(mixed)) == pytest.approx(1.75)
