"""The implicit derivative against finite differences: inside, on the boundary, at kinks, for accounts that differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.design.implicit import directional, equilibrium_at, equilibrium_slope
from sim.design.levers import CoefficientLevers, MappedLevers
from sim.equilibrium import comparative_statics
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame

Maker = Callable[..., AlignmentGame]
STEP = 1e-6


def differences(levers, theta: np.ndarray) -> np.ndarray:
    found = []
    for lever in range(theta.size):
        ends = [equilibrium_at(levers.game(theta + sign * STEP * np.eye(theta.size)[lever])) for sign in (1, -1)]
        found.append((ends[0] - ends[1]) / (2 * STEP))
    return np.array(found)


def differing(seed: int, network: nx.Graph | None = None, accounts: int = 5) -> HeterogeneousGame:
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(2, 4, 4)) / 2
    return HeterogeneousGame(
        attractiveness=0.4 * rng.normal(size=(accounts, 4)),
        inconsistency=np.array([f @ f.T + 0.5 * np.eye(4) for f in factors]),
        kinds=np.arange(accounts) % 2,
        similarity=np.eye(4) + 0.2,
        incentives=Incentives(*10 ** rng.uniform(-0.2, 0.3, 3)),
        network=network,
        accounts=accounts,
    )


def test_identical_accounts_inside_and_on_the_boundary(random_game: Maker) -> None:
    boundary = 0
    for seed in range(40):
        levers = CoefficientLevers.around(random_game(seed))
        slope = equilibrium_slope(levers, levers.present)
        assert slope.smooth
        boundary += slope.mixture.min() == 0
        np.testing.assert_allclose(slope.jacobian, differences(levers, levers.present), atol=2e-6)
        np.testing.assert_allclose(slope.mixture_jacobian.sum(axis=1), 0, atol=1e-12)
    assert 5 <= boundary <= 35


def test_the_same_as_comparative_statics_up_to_the_scale_of_the_levers(random_game: Maker) -> None:
    for seed in range(10):
        game = random_game(seed)
        levers = CoefficientLevers.around(game)
        statics = comparative_statics(game)
        found = equilibrium_slope(levers, levers.present).mixture_jacobian / np.exp(levers.present)[:, None]
        expected = np.array([statics.attractiveness, statics.inconsistency, statics.diversity])
        np.testing.assert_allclose(found, expected, atol=1e-11)


@pytest.mark.parametrize("network", [None, nx.cycle_graph(5), nx.star_graph(4)], ids=["all", "cycle", "star"])
def test_accounts_that_differ(network: nx.Graph | None) -> None:
    kinds = set()
    for seed in range(8):
        levers = CoefficientLevers.around(differing(seed, network))
        slope = equilibrium_slope(levers, levers.present)
        kinds.add(bool(slope.rows.min() > 0))
        np.testing.assert_allclose(slope.jacobian, differences(levers, levers.present), atol=3e-6)
    assert False in kinds


def test_identical_accounts_solved_one_by_one_move_as_the_homogeneous_one(random_game: Maker) -> None:
    game = random_game(3, accounts=4)
    alike, apart = (CoefficientLevers.around(g) for g in (game, HeterogeneousGame.of(game)))
    one, many = (equilibrium_slope(levers, levers.present).jacobian for levers in (alike, apart))
    np.testing.assert_allclose(many, np.broadcast_to(one, many.shape), atol=1e-9)


def test_levers_of_any_kind_move_any_term(random_game: Maker) -> None:
    """A knob that bends a, C and S at once, quadratically: the chain through it is exact."""
    game = random_game(5, dimension=4)

    def make(theta: np.ndarray) -> AlignmentGame:
        boost, tilt = theta
        return replace(
            game,
            attractiveness=game.attractiveness + boost * np.arange(4) / 10 + tilt**2,
            inconsistency=game.inconsistency + boost**2 * np.diag([0.0, 0.1, 0.2, 0.3]),
            similarity=game.similarity + tilt * np.diag([0.3, 0.0, 0.1, 0.0]),
        )

    levers = MappedLevers(make, ("boost", "tilt"), np.zeros(2), np.ones(2))
    theta = np.array([0.4, 0.3])
    np.testing.assert_allclose(equilibrium_slope(levers, theta).jacobian, differences(levers, theta), atol=2e-6)
    corner = np.array([0.0, 1.0])  # at its bounds the knob is turned inwards only
    assert np.isfinite(equilibrium_slope(levers, corner).jacobian).all()


def at_a_kink() -> tuple[CoefficientLevers, np.ndarray]:
    """Two groups, M = 1: w_2 = 1/2 - bA/4 (a = (1, 0), C = I, bI = 1) reaches zero at bA = 2, and stays there."""
    game = AlignmentGame(
        attractiveness=np.array([1.0, 0.0]),
        inconsistency=np.eye(2),
        similarity=np.eye(2),
        incentives=Incentives(2.0, 1.0, 1.0),
        accounts=1,
    )
    levers = CoefficientLevers.around(game, ["attractiveness"])
    return levers, levers.present


def test_at_a_kink_each_side_has_its_own_derivative_and_the_result_says_so() -> None:
    levers, theta = at_a_kink()
    slope = equilibrium_slope(levers, theta)
    assert not slope.smooth
    assert slope.turning.tolist() == [[False, True]]
    up, down = (directional(levers, theta, np.array([sign])) for sign in (1.0, -1.0))
    np.testing.assert_allclose(up, [[0.0, 0.0]], atol=1e-12)
    np.testing.assert_allclose(down, [[-0.5, 0.5]], atol=1e-12)  # d w_2 / d log bA = -bA / 4


def test_at_a_kink_of_accounts_that_differ_too() -> None:
    levers, theta = at_a_kink()
    apart = CoefficientLevers.around(HeterogeneousGame.of(levers.base), ["attractiveness"])
    assert not equilibrium_slope(apart, theta).smooth
    for sign in (1.0, -1.0):
        one, many = (directional(each, theta, np.array([sign])) for each in (levers, apart))
        np.testing.assert_allclose(one, many, atol=1e-12)


def test_directional_derivatives_at_kinks_of_random_games(random_game: Maker) -> None:
    """Brought to the very setting at which a group leaves, both sides agree with one-sided differences."""
    checked = 0
    for seed in range(60):
        game = random_game(seed)
        levers = CoefficientLevers.around(game, ["attractiveness"], factor=1e4)
        theta = _kink(levers)
        if theta is None:
            continue
        checked += 1
        assert not equilibrium_slope(levers, theta).smooth
        for sign in (1.0, -1.0):
            heading = np.array([sign])
            moved = (equilibrium_at(levers.game(theta + 1e-6 * heading)) - equilibrium_at(levers.game(theta))) / 1e-6
            np.testing.assert_allclose(directional(levers, theta, heading), moved, atol=1e-4)
    assert checked >= 20


def _kink(levers: CoefficientLevers) -> np.ndarray | None:
    """Where the first group leaves as attractiveness rises, in closed form."""
    from sim.equilibrium import coefficient_limits

    limits = coefficient_limits(levers.base)
    if limits.interior_to is None or not 0 < limits.interior_to < np.inf:
        return None
    return np.array([np.log(limits.interior_to)])


def test_where_the_equilibrium_is_smooth_the_directional_derivative_is_the_jacobian(random_game: Maker) -> None:
    heading = np.array([0.3, -1.0, 0.5])
    for seed in range(10):
        levers = CoefficientLevers.around(random_game(seed))
        slope = equilibrium_slope(levers, levers.present)
        moved = directional(levers, levers.present, heading)
        np.testing.assert_allclose(moved, np.tensordot(heading, slope.jacobian, axes=1), atol=1e-12)


def test_one_equilibrium_of_many_has_no_derivative() -> None:
    game = AlignmentGame(
        attractiveness=np.zeros(3),
        inconsistency=np.zeros((3, 3)),
        similarity=np.eye(3),
        incentives=Incentives(1.0, 1.0, 1.0),
        accounts=1,
    )
    levers = CoefficientLevers.around(game, ["attractiveness"])
    with pytest.raises(InputError, match="many"):
        equilibrium_slope(levers, levers.present)


def test_bad_levers_are_named(random_game: Maker) -> None:
    game = random_game(0)
    with pytest.raises(InputError, match="coefficient"):
        CoefficientLevers.around(game, ["reach"])
    with pytest.raises(InputError, match="factor"):
        CoefficientLevers.around(game, factor=1.0)
    with pytest.raises(InputError, match=r"incentives\.diversity"):
        CoefficientLevers.around(game.with_incentives(diversity=0.0))
    with pytest.raises(InputError, match="low"):
        MappedLevers(lambda theta: game, ("one",), np.ones(1), np.zeros(1))
    apart = HeterogeneousGame(
        attractiveness=np.zeros((2, 2)),
        inconsistency=np.eye(2),
        similarity=np.eye(2),
        incentives=[Incentives(1, 1, 1), Incentives(2, 1, 1)],
    )
    with pytest.raises(InputError, match="accounts differ"):
        CoefficientLevers.around(apart, ["attractiveness"])
