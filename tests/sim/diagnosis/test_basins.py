"""Every start is labelled by where it ends: equilibria certified and clustered, cycles, chaos, and the rest."""

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.diagnosis import basins, simplex_grid
from sim.dynamics import (
    ExponentiatedGradient,
    ProjectedGradient,
    SequentialBestResponse,
    SimultaneousBestResponse,
    StepSize,
)
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.simplex import sample_uniform


def flock(dimension=3, attraction=3.0):
    """Accounts that attract each other: every vertex is an equilibrium."""
    return AlignmentGame(
        attractiveness=np.zeros(dimension),
        inconsistency=np.eye(dimension),
        similarity=-np.eye(dimension),
        incentives=Incentives(1.0, 1.0, attraction),
        accounts=2,
    )


def play(game, rule, starts, rounds=120, **settings):
    return basins(game, rule, starts, rounds=rounds, rng=np.random.default_rng(0), **settings)


def test_each_corner_has_the_basin_of_the_starts_nearest_to_it():
    starts = simplex_grid(3, 7, margin=0.1)
    found = play(flock(), ProjectedGradient(StepSize(0.2)), starts)
    corners = [limit for limit in found.limits if limit.profile.max() > 0.99]
    assert [limit.kind for limit in found.limits] == ["equilibrium"] * len(found.limits)
    assert len(corners) == 3
    for start, label in zip(starts, found.labels, strict=True):
        order = np.sort(start)
        if order[-1] - order[-2] > 1e-6:
            assert np.argmax(found.limits[label].profile[0]) == np.argmax(start)
    shares = [limit.share for limit in corners]
    assert max(shares) == pytest.approx(min(shares))
    assert sum(limit.count for limit in found.limits) == len(starts)
    assert all(limit.low < limit.share < limit.high for limit in corners)
    assert all(limit.exploitability <= 1e-9 for limit in corners)


def test_one_basin_where_the_equilibrium_is_unique(interior_game):
    game = interior_game(0.5, accounts=3)
    starts = sample_uniform(np.random.default_rng(1), 4, (12, 3))
    found = play(game, SequentialBestResponse(), starts, rounds=60)
    assert len(found.limits) == 1
    assert found.limits[0].share == 1
    assert np.allclose(found.limits[0].profile, homogeneous_equilibrium(game).mixture, atol=1e-6)


def test_specialists_that_swap_names_are_one_equilibrium(interior_game):
    game = interior_game(1.8, accounts=2)
    starts = sample_uniform(np.random.default_rng(2), 4, (10, 2))
    mirrored = np.concatenate([starts, starts[:, ::-1]])
    found = play(game, ProjectedGradient(StepSize(0.2)), mirrored, rounds=400)
    assert np.array_equal(found.labels[:10], found.labels[10:])
    assert found.limits[0].kind == "equilibrium"
    assert np.abs(found.limits[0].profile[0] - found.limits[0].profile[1]).max() > 0.1


def test_overshooting_is_a_cycle(interior_game):
    game = interior_game(0.7, accounts=5)
    found = play(game, SimultaneousBestResponse(), sample_uniform(np.random.default_rng(0), 4, (6, 5)), rounds=60)
    assert {limit.kind for limit in found.limits} == {"cycle"}
    assert {limit.period for limit in found.limits} == {2}


def lonely():
    return AlignmentGame(
        attractiveness=np.array([1.0, 0.0]),
        inconsistency=np.eye(2),
        similarity=np.eye(2),
        incentives=Incentives(0.5, 1.0, 0.0),
        accounts=1,
    )


@pytest.mark.parametrize(("step", "kind"), [(1.5, "equilibrium"), (2.6, "cycle"), (5.0, "chaos")])
def test_the_step_decides_between_rest_cycle_and_chaos(step, kind):
    found = play(lonely(), ExponentiatedGradient(StepSize(step)), simplex_grid(2, 6, margin=0.1), rounds=400)
    assert max(found.limits, key=lambda limit: limit.share).kind == kind
    # A start on the unstable equilibrium itself may stay there.
    assert {limit.kind for limit in found.limits} <= {kind, "equilibrium"}


def test_a_start_that_a_multiplicative_rule_cannot_leave_is_rest_but_no_equilibrium():
    found = play(lonely(), ExponentiatedGradient(StepSize(1.0)), np.array([[1.0, 0.0], [0.5, 0.5]]))
    assert [limit.kind for limit in found.limits] == ["equilibrium", "rest"]
    assert found.labels.tolist() == [1, 0]
    assert found.limits[1].exploitability > 0.1


def test_still_on_the_way_is_unsettled():
    found = play(lonely(), ProjectedGradient(StepSize(0.001)), np.array([[0.0, 1.0]]), rounds=60)
    assert found.limits[0].kind == "unsettled"


@pytest.mark.parametrize(("dimension", "resolution", "count"), [(2, 5, 6), (3, 4, 15), (4, 3, 20)])
def test_grid_covers_the_simplex_once(dimension, resolution, count):
    grid = simplex_grid(dimension, resolution, margin=0.2)
    assert grid.shape == (count, dimension)
    assert len(np.unique(grid.round(12), axis=0)) == count
    assert np.allclose(grid.sum(axis=1), 1)
    assert grid.min() == pytest.approx(0.2 / dimension)


@pytest.mark.parametrize(
    ("starts", "rounds", "field"),
    [(np.zeros((0, 3)), 60, "starts"), (np.full((2, 3), 0.5), 60, "starts"), (np.full((1, 3), 1 / 3), 5, "rounds")],
)
def test_bad_input_is_named(starts, rounds, field):
    with pytest.raises(InputError, match=field):
        play(flock(), SequentialBestResponse(), starts, rounds=rounds)
