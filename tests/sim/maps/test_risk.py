import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.estimation import GameDraws
from sim.maps import exclusion_map, point_risk, risk_map

AXIS = np.logspace(-1.5, 1.5, 9)
GRID = {"attractiveness": AXIS, "inconsistency": 1.0, "diversity": AXIS[:7]}


def random_draws(seed, count=6, dimension=4):
    rng = np.random.default_rng(seed)
    factors = 0.3 * rng.normal(size=(2, count, dimension, dimension))
    own, crowd = factors @ factors.swapaxes(2, 3) + 0.2 * np.eye(dimension)
    return GameDraws(
        attractiveness=rng.dirichlet(np.ones(dimension), size=count),
        inconsistency=own,
        similarity=crowd,
        groups=tuple("abcd"[:dimension]),
    )


@settings(max_examples=8)
@given(st.integers(0, 10_000))
def test_shares_of_draws_cell_by_cell(seed):
    """Against the equilibrium of every draw at every cell, solved one by one."""
    draws = random_draws(seed, count=3)
    risk = risk_map(draws, grid=GRID, threshold=0.1)
    weights, interior = np.empty((3, 9, 7, 4)), np.empty((3, 9, 7), bool)
    for draw, row, column in np.ndindex(interior.shape):
        a, own, crowd = draws[draw]
        game = AlignmentGame(
            attractiveness=a,
            inconsistency=own,
            similarity=crowd,
            incentives=Incentives(*risk.grid.incentives(row, column)),
            accounts=2,
        )
        found = homogeneous_equilibrium(game)
        weights[draw, row, column], interior[draw, row, column] = found.mixture, found.interior
    black = interior[..., None] & (weights < 0.1)
    assert np.allclose(risk.below, (weights < 0.1).mean(axis=0))
    assert np.allclose(risk.black, black.mean(axis=0))
    assert np.allclose(risk.some_black, black.any(axis=3).mean(axis=0))
    assert np.allclose(risk.white, 1 - interior.mean(axis=0))


@settings(max_examples=8)
@given(st.integers(0, 10_000), st.sampled_from([4, 8]))
def test_measures_are_those_of_each_map(seed, connectivity):
    draws = random_draws(seed)
    risk = risk_map(draws, grid=GRID, threshold=0.2, connectivity=connectivity)
    for draw in range(draws.count):
        a, own, crowd = draws[draw]
        one = exclusion_map(attractiveness=a, inconsistency=own, similarity=crowd, grid=GRID, threshold=0.2)
        assert risk.white_areas[draw] == pytest.approx(one.white_area)
        assert risk.areas[draw] == pytest.approx([one.area(d) for d in range(4)])
        assert risk.conditional_areas[draw] == pytest.approx([one.conditional_area(d) for d in range(4)])
        assert list(risk.components[draw]) == [one.components(d, connectivity).count for d in range(4)]
        some = np.any([one.excluded(d) for d in range(4)], axis=0)
        assert risk.some_areas[draw] == pytest.approx(some.mean())
        assert risk.some_conditional_areas[draw] == pytest.approx(some.sum() / one.interior.sum())


def test_draws_that_agree_are_certain():
    one = random_draws(3, count=1)
    alike = GameDraws(
        attractiveness=np.repeat(one.attractiveness, 5, axis=0),
        inconsistency=np.repeat(one.inconsistency, 5, axis=0),
        similarity=np.repeat(one.similarity, 5, axis=0),
    )
    risk = risk_map(alike, grid=GRID)
    for shares in (risk.below, risk.black, risk.some_black, risk.white):
        assert set(np.unique(shares)) <= {0.0, 1.0}
    assert np.ptp(risk.areas, axis=0).max() == 0
    assert risk.groups is None


def test_no_interior_anywhere_leaves_conditional_areas_undefined():
    draws = GameDraws(
        attractiveness=np.array([[1.0, 0.0], [0.5, 0.5]]),
        inconsistency=np.stack([np.eye(2)] * 2),
        similarity=np.stack([np.eye(2)] * 2),
    )
    risk = risk_map(draws, grid={"attractiveness": [50.0, 60.0], "inconsistency": [1.0], "diversity": 1.0})
    assert risk.white_areas.tolist() == [1, 0]
    assert np.isnan(risk.conditional_areas[0]).all()
    assert risk.conditional_areas[1].tolist() == [0, 0]
    assert np.isnan(risk.some_conditional_areas[0])
    assert risk.white.tolist() == [[0.5], [0.5]]


@given(st.integers(0, 10_000))
def test_one_point_is_a_cell_of_the_map(seed):
    draws = random_draws(seed)
    point = point_risk(draws, Incentives(AXIS[5], 1.0, AXIS[2]), confidence=0.5)
    risk = risk_map(draws, grid=GRID)
    assert np.allclose(point.below, risk.below[5, 2])
    assert point.no_interior == pytest.approx(risk.white[5, 2])
    assert np.allclose(point.mixtures.sum(axis=1), 1)
    assert np.allclose(point.interval.low, np.quantile(point.mixtures, 0.25, axis=0))
    assert np.allclose(point.interval.high, np.quantile(point.mixtures, 0.75, axis=0))


def test_relabelling_the_groups_permutes_the_risks():
    draws, order = random_draws(5), [3, 1, 0, 2]
    turned = GameDraws(
        attractiveness=draws.attractiveness[:, order],
        inconsistency=draws.inconsistency[:, order][:, :, order],
        similarity=draws.similarity[:, order][:, :, order],
    )
    first, second = risk_map(draws, grid=GRID), risk_map(turned, grid=GRID)
    assert np.allclose(first.below[..., order], second.below)
    assert np.allclose(first.areas[:, order], second.areas)
    assert np.array_equal(first.components[:, order], second.components)


def test_bad_input_is_named():
    draws = random_draws(0)
    with pytest.raises(InputError, match="threshold"):
        risk_map(draws, grid=GRID, threshold=0.3)
    with pytest.raises(InputError, match="connectivity"):
        risk_map(draws, grid=GRID, connectivity=6)
    with pytest.raises(InputError, match="inconsistency = 0"):
        point_risk(draws, Incentives(1, 0, 0))
    with pytest.raises(InputError, match="confidence"):
        point_risk(draws, Incentives(1, 1, 0), confidence=1.0)
