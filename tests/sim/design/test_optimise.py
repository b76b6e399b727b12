"""The optimiser: against a closed form, a brute-force grid and the certified smallest change."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.design import smallest_change
from sim.design.implicit import equilibrium_at
from sim.design.levers import CoefficientLevers
from sim.design.nearest import size_of
from sim.design.objective import Objective
from sim.design.optimise import best_design, certify, nearest_setting
from sim.estimation import GameDraws, GameTerms
from sim.heterogeneous_game import HeterogeneousGame
from sim.maps import exclusion_map

Maker = Callable[..., AlignmentGame]
FREE = np.eye(3) - 1 / 3


def test_against_a_closed_form() -> None:
    """Two groups, M = 1: w_1 = 1/2 + bA/4, so engagement - c (log bA)^2 is greatest where bA/4 = 2 c log bA."""
    game = AlignmentGame(
        attractiveness=np.array([1.0, 0.0]),
        inconsistency=np.eye(2),
        similarity=np.eye(2),
        incentives=Incentives(1.0, 1.0, 1.0),
        accounts=1,
    )
    levers = CoefficientLevers.around(game, ["attractiveness"], factor=1.9)
    goal = Objective(
        views=game.attractiveness,
        shares=np.array([0.5, 0.5]),
        present=levers.present,
        representation=0.0,
        cost=0.5,
    )
    found = best_design(levers, goal, np.random.default_rng(0), starts=3)
    pull = float(np.exp(found.theta[0]))
    assert pull / 4 == pytest.approx(np.log(pull), abs=1e-5)
    assert found.certificate.exploitability < 1e-12
    assert found.certificate.apart < 1e-12
    assert found.smooth


def test_no_setting_of_a_grid_is_better(random_game: Maker) -> None:
    for seed in range(2):
        game = random_game(seed, dimension=3, accounts=4)
        levers = CoefficientLevers.around(game, ["attractiveness", "diversity"], factor=20.0)
        goal = Objective(
            views=game.attractiveness - game.attractiveness.min(),
            shares=np.full(3, 1 / 3),
            present=levers.present,
            target=0.1,
            cost=0.02,
        )
        found = best_design(levers, goal, np.random.default_rng(seed), starts=5)
        pulls, crowds = np.linspace(levers.low, levers.high, 61).T
        grid = exclusion_map(
            attractiveness=game.attractiveness,
            inconsistency=game.inconsistency,
            similarity=game.similarity,
            grid={
                "attractiveness": np.exp(pulls),
                "inconsistency": game.incentives.inconsistency,
                "diversity": np.exp(crowds),
            },
        )
        points = np.stack(np.meshgrid(pulls, crowds, indexing="ij"), axis=-1).reshape(-1, 2)
        best = max(goal.value(w, theta) for w, theta in zip(grid.mixtures.reshape(-1, 3), points, strict=True))
        assert found.value >= best - 1e-9
        assert (found.reached[:-1] >= found.reached[1:]).all()


def test_the_nearest_setting_is_the_certified_smallest_change(random_game: Maker) -> None:
    compared = 0
    for seed in range(60):
        game = random_game(seed, dimension=3 + seed % 3)
        if equilibrium_at(game).min() >= 0.05:
            continue
        terms = GameTerms(game.attractiveness, game.inconsistency, game.similarity)
        exact = smallest_change(GameDraws.of([terms]), game.incentives, digits=9)
        if exact is None or exact.size > np.log(50):
            continue
        levers = CoefficientLevers.around(game)
        theta = nearest_setting(levers, levers.present, FREE, 0.05, np.random.default_rng(seed), starts=3)
        assert theta is not None
        assert equilibrium_at(levers.game(theta)).min() >= 0.05
        assert size_of(levers.incentives(theta), game.incentives) == pytest.approx(exact.size, rel=1e-3, abs=1e-5)
        compared += 1
        if compared == 5:
            break
    assert compared == 5


def test_where_nothing_helps_it_says_so() -> None:
    turned = np.array([[0.1, 0.3, 0.0], [0.3, 1.0, 0.0], [0.0, 0.0, 0.1]])
    game = AlignmentGame(
        attractiveness=np.array([0.6, 0.1, 0.3]),
        inconsistency=turned,
        similarity=turned,
        incentives=Incentives(1.0, 1.0, 1.0),
        accounts=3,
    )
    levers = CoefficientLevers.around(game)
    assert nearest_setting(levers, levers.present, FREE, 0.05, np.random.default_rng(0), starts=2) is None


def test_accounts_that_differ_are_brought_to_the_threshold_too() -> None:
    game = HeterogeneousGame(
        attractiveness=np.array([[0.6, 0.3, 0.1]] * 3 + [[0.7, 0.1, 0.2]] * 3),
        inconsistency=np.eye(3) * 0.3,
        similarity=np.eye(3),
        incentives=Incentives(2.0, 1.0, 1.0),
    )
    assert equilibrium_at(game).mean(axis=0).min() < 0.12
    levers = CoefficientLevers.around(game)
    theta = nearest_setting(levers, levers.present, FREE, 0.12, np.random.default_rng(0), starts=3)
    assert theta is not None
    done = certify(levers.game(theta))
    assert done.mixture.min() >= 0.12 - 1e-9
    assert done.mixture.min() == pytest.approx(0.12, abs=1e-4)
    assert done.exploitability < 1e-10
