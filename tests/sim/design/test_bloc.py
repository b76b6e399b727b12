"""Blocs: nobody gains by leaving, checked account by account; sizes against brute force; closed form for two groups."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import minimize

from sim.alignment_game import AlignmentGame, Incentives
from sim.design.bloc import adversarial_bloc, colluding_bloc, largest_bloc, pinned_bloc
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.simplex import project_to_simplex

Maker = Callable[..., AlignmentGame]


def profile_of(game: AlignmentGame, found) -> np.ndarray:
    """Members first."""
    return np.vstack(
        [np.tile(found.bloc, (found.members, 1)), np.tile(found.others, (game.accounts - found.members, 1))]
    )


def honest_gain(game: AlignmentGame, found) -> float:
    profile = profile_of(game, found)
    last = game.accounts - 1
    moved = profile.copy()
    moved[last] = game.best_response(last, profile)
    return float(game.payoffs(moved)[last] - game.payoffs(profile)[last])


def test_no_other_account_gains_against_a_pinned_bloc(random_game: Maker) -> None:
    for seed in range(12):
        game = random_game(seed, dimension=4, accounts=6, kappa=0.5)
        for members in (1, 3, 5):
            found = pinned_bloc(game, members, np.eye(4)[seed % 4])
            assert found.settled
            assert honest_gain(game, found) < 1e-10
            np.testing.assert_allclose(found.mixture, profile_of(game, found).mean(axis=0), atol=1e-12)


def test_no_bloc_is_the_homogeneous_equilibrium(random_game: Maker) -> None:
    for seed in range(5):
        game = random_game(seed, kappa=0.4)
        expected = homogeneous_equilibrium(game).mixture
        for found in (
            pinned_bloc(game, 0, np.eye(game.dimension)[0]),
            colluding_bloc(game, 0),
            colluding_bloc(game, 1),
        ):
            np.testing.assert_allclose(found.mixture, expected, atol=1e-9)


def test_a_colluding_bloc_has_the_largest_sum_of_utilities(random_game: Maker) -> None:
    """Against numerical ascent over all joint deviations of its members, which may differ from each other."""
    rng = np.random.default_rng(0)
    for seed in range(3):
        game = random_game(seed, dimension=3, accounts=5, kappa=0.3)
        found = colluding_bloc(game, 3)
        assert found.settled
        assert honest_gain(game, found) < 1e-9
        profile = profile_of(game, found)

        def lost(flat: np.ndarray, profile=profile, game=game) -> float:
            joint = profile.copy()
            joint[:3] = project_to_simplex(flat.reshape(3, 3))
            return -float(game.payoffs(joint)[:3].sum())

        together = -lost(profile[:3].ravel())
        for _ in range(2):
            reached = minimize(
                lost, rng.dirichlet(np.ones(3), 3).ravel(), method="Nelder-Mead", options={"maxiter": 700}
            )
            assert -reached.fun <= together + 1e-7
        assert -lost(rng.dirichlet(np.ones(3), 3).ravel()) < together


def test_colluding_pays(random_game: Maker) -> None:
    """Members earn more than each would in the equilibrium without a bloc, if the bloc is everyone."""
    for seed in range(5):
        game = random_game(seed, dimension=4, accounts=4, kappa=0.3)
        alone = game.payoffs(np.tile(homogeneous_equilibrium(game).mixture, (4, 1)))[0]
        joint = game.payoffs(np.tile(colluding_bloc(game, 4).bloc, (4, 1)))[0]
        assert joint >= alone - 1e-12


def test_the_worst_vertex_is_the_worst_mixture_where_the_others_keep_all_groups() -> None:
    game = three_groups()
    found = adversarial_bloc(game, 2)
    assert pinned_bloc(game, 2, np.eye(3)[0]).others.min() > 0
    for mixture in np.random.default_rng(0).dirichlet(np.ones(3), 200):
        assert pinned_bloc(game, 2, mixture).mixture.min() >= found.mixture.min() - 1e-12


def three_groups(accounts: int = 12) -> AlignmentGame:
    return AlignmentGame(
        attractiveness=np.array([0.5, 0.3, 0.2]),
        inconsistency=np.diag([0.4, 0.4, 0.5]),
        similarity=np.eye(3),
        incentives=Incentives(1.0, 1.0, 1.0),
        accounts=accounts,
    )


def test_the_largest_bloc_by_closed_form() -> None:
    """Two groups, no crowding: members leave the others as they are, so the second group has (1 - k/M) w_2."""
    game = AlignmentGame(
        attractiveness=np.array([0.6, 0.2]),
        inconsistency=np.eye(2),
        similarity=np.eye(2),
        incentives=Incentives(1.0, 1.0, 0.0),
        accounts=20,
    )
    weight = homogeneous_equilibrium(game).mixture[1]  # 1/2 - 0.4/4
    assert weight == pytest.approx(0.4)
    assert largest_bloc(game, adversarial_bloc, threshold=0.1) == 15  # (1 - 15/20) 0.4 = 0.1
    assert largest_bloc(game, adversarial_bloc, threshold=0.11) == 14
    assert largest_bloc(game, adversarial_bloc, threshold=0.41) == -1
    assert largest_bloc(game, colluding_bloc, threshold=0.1) == 20


def test_the_largest_bloc_holds_and_one_more_does_not() -> None:
    game = three_groups()
    most = largest_bloc(game, adversarial_bloc, threshold=0.1)
    assert 0 < most < 12
    assert adversarial_bloc(game, most).mixture.min() >= 0.1
    assert adversarial_bloc(game, most + 1).mixture.min() < 0.1


def test_bad_blocs_are_named() -> None:
    game = three_groups()
    with pytest.raises(InputError, match="members"):
        colluding_bloc(game, 13)
    with pytest.raises(InputError, match="mixture"):
        pinned_bloc(game, 2, np.array([0.5, 0.5]))
    with pytest.raises(InputError, match="threshold"):
        largest_bloc(game, colluding_bloc, threshold=0.5)
