"""A map is what one exact solve per point gives, for every plane, spacing and degeneracy."""

import doctest
import importlib

import numba
import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import homogeneous_equilibrium
from sim.maps import exclusion_map, three_planes
from sim.maps.grid import blocks
from sim.maps.rays import solve_rays
from sim.maps.terms import centred_terms

NAMES = ("attractiveness", "inconsistency", "diversity")
LOG = np.logspace(-2, 2, 7)
LOOSE = np.array([3.0, 0.02, 0.5, 40.0, 0.5, 7.0])
"""Unsorted, uneven, with one value twice."""


def plane(fixed, axis, value=1.0):
    return {**dict.fromkeys(NAMES, axis), fixed: value}


every_plane = pytest.mark.parametrize("fixed", NAMES)


@every_plane
@pytest.mark.parametrize("axis", [LOG, LOG[::-1], LOOSE], ids=["log", "falling", "loose"])
@pytest.mark.parametrize("dimension", [2, 3, 5, 8])
def test_every_point_is_exact(random_terms, point_by_point, fixed, axis, dimension):
    outcomes = []
    for seed in range(3):
        terms = random_terms(10 * dimension + seed, dimension)
        found = exclusion_map(**terms, grid=plane(fixed, axis))
        exact = point_by_point(found, **terms)
        assert np.abs(found.mixtures - exact).max() <= 1e-12
        assert np.array_equal(found.interior, exact.min(axis=-1) > 1e-12)
        assert np.abs(found.mixtures.sum(axis=-1) - 1).max() <= 1e-13
        outcomes.append(found.interior)
    assert np.any(outcomes)
    assert not np.all(outcomes)


def test_axes_of_different_length_and_direction(random_terms, point_by_point):
    terms = random_terms(3, 4)
    for own, crowd in [
        (np.logspace(-1, 1, 5), np.logspace(-2, 1, 7)),  # one step: diagonals
        (np.logspace(1, -1, 5), np.logspace(-2, 1, 7)),
        (np.logspace(-1, 1, 5), np.logspace(1, -2, 7)),
        (np.logspace(-1, 1, 5), np.logspace(-2, 1, 8)),  # two steps: every point alone
        (np.array([0.0, 1.0]), np.array([2.0, 0.5, 1.0])),
        (np.array([2.0]), np.array([0.0, 0.5])),
    ]:
        found = exclusion_map(**terms, grid={"attractiveness": 0.7, "inconsistency": own, "diversity": crowd})
        assert found.mixtures.shape == (own.size, crowd.size, 4)
        assert np.abs(found.mixtures - point_by_point(found, **terms)).max() <= 1e-11


def degenerate():
    rng = np.random.default_rng(5)
    own, crowd = rng.normal(size=(2, 4, 4))
    pull = rng.normal(size=4)
    twins = np.array([0, 0, 1, 2])
    low = rng.normal(size=(4, 2))
    square = np.ix_(twins, twins)
    return {
        "twins": (pull[twins], (own @ own.T)[square], (crowd @ crowd.T)[square]),
        "twins that differ in spread": (pull[twins], (own @ own.T)[square] + np.eye(4), np.eye(4)),
        "equal attractiveness": (np.full(4, 0.3), own @ own.T, crowd @ crowd.T),
        "C of low rank": (pull, low @ low.T, np.eye(4)),
        "C and S of low rank": (pull, low @ low.T, low @ low.T),
        "S constant": (pull, own @ own.T, np.ones((4, 4))),
        "full symmetry": (np.zeros(4), np.eye(4), np.eye(4)),
        "three alike": (np.array([1.0, 0, 0, 0]), np.eye(4), np.eye(4)),
        "nothing is inconsistent": (pull, np.zeros((4, 4)), np.eye(4)),
    }


@every_plane
@pytest.mark.parametrize("value", [1.0, 0.0])
@pytest.mark.parametrize("case", degenerate().values(), ids=degenerate().keys())
def test_ties_and_singular_matrices(point_by_point, case, fixed, value):
    terms = dict(zip(("attractiveness", "inconsistency", "similarity"), case, strict=True))
    with_zero = np.concatenate([[0.0], LOG])
    grid = plane(fixed, with_zero, value)
    if fixed == "attractiveness" or value == 0:
        grid["inconsistency" if fixed != "inconsistency" else "diversity"] = LOG
    found = exclusion_map(**terms, grid=grid)
    assert np.abs(found.mixtures - point_by_point(found, **terms)).max() <= 1e-10


@every_plane
def test_gauge_changes_nothing(random_terms, fixed):
    terms = random_terms(2, 5)
    shifted = {name: value + 3.7 * k for k, (name, value) in enumerate(terms.items(), 1)}
    first, second = (exclusion_map(**given, grid=plane(fixed, LOG)) for given in (terms, shifted))
    assert np.abs(first.mixtures - second.mixtures).max() <= 1e-11
    assert np.array_equal(first.interior, second.interior)


@every_plane
def test_relabelling_permutes(random_terms, fixed):
    terms = random_terms(4, 5)
    order = [3, 0, 4, 2, 1]
    relabelled = {
        name: value[order] if value.ndim == 1 else value[np.ix_(order, order)] for name, value in terms.items()
    }
    first, second = (exclusion_map(**given, grid=plane(fixed, LOG)) for given in (terms, relabelled))
    assert np.abs(first.mixtures[..., order] - second.mixtures).max() <= 1e-12


@every_plane
def test_order_of_the_axes_only_orders_the_cells(random_terms, fixed):
    terms = random_terms(6, 4)
    order = np.random.default_rng(0).permutation(LOG.size)
    first = exclusion_map(**terms, grid=plane(fixed, LOG))
    second = exclusion_map(**terms, grid=plane(fixed, LOG[order]))
    assert np.abs(first.mixtures[np.ix_(order, order)] - second.mixtures).max() <= 1e-12
    assert [first.area(d) for d in range(4)] == [second.area(d) for d in range(4)]


@every_plane
def test_number_of_threads_changes_no_bit(random_terms, fixed):
    terms = random_terms(7, 5)
    grid = plane(fixed, np.logspace(-2, 2, 150))
    before = numba.get_num_threads()
    found = []
    try:
        for threads in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
            numba.set_num_threads(threads)
            found.append(exclusion_map(**terms, grid=grid))
    finally:
        numba.set_num_threads(before)
    assert found[0].mixtures.tobytes() == found[1].mixtures.tobytes()
    assert np.array_equal(found[0].counts, found[1].counts)


def test_input_is_left_alone(random_terms):
    terms = random_terms(8, 3)
    axis = LOG.copy()
    untouched = {name: value.copy() for name, value in terms.items()}
    exclusion_map(**terms, grid=plane("diversity", axis))
    assert all(np.array_equal(terms[name], untouched[name]) for name in terms)
    assert np.array_equal(axis, LOG)


def test_agrees_with_the_equilibrium_of_a_game(random_terms):
    terms = random_terms(9, 4)
    found = exclusion_map(**terms, grid=plane("diversity", LOG))
    for row, column in np.ndindex(found.grid.shape):
        incentives = Incentives(*found.grid.incentives(row, column))
        own = homogeneous_equilibrium(AlignmentGame(**terms, incentives=incentives, accounts=7))
        assert np.abs(own.mixture - found.mixtures[row, column]).max() <= 1e-12
        assert own.interior == found.interior[row, column]


def test_three_planes_fix_each_coefficient_in_turn(random_terms):
    terms = random_terms(1, 3)
    planes = three_planes(**terms, values=LOG, groups=("a", "b", "c"))
    for name in NAMES:
        found = getattr(planes, f"fixed_{name}")
        assert found.grid.fixed == (name, 1.0)
        assert name not in found.grid.names
        assert found.groups == ("a", "b", "c")
    # One plane of ratios: the same game at twice all coefficients.
    twice = three_planes(**terms, values=2 * LOG, fixed=2.0).fixed_diversity
    assert np.abs(twice.mixtures - planes.fixed_diversity.mixtures).max() <= 1e-12


def test_homotopy_needs_no_fallback_where_the_game_is_regular(random_terms, monkeypatch):
    """A silent fallback would be right but slow: it must stay the exception."""

    def refuse(*_):
        raise AssertionError("fell back")

    monkeypatch.setattr("sim.maps.rays.maximise_on_simplex", refuse)
    for dimension in (2, 5, 12, 30):
        exclusion_map(**random_terms(dimension, dimension), grid=plane("diversity", LOG), threshold=1 / 30)


def test_pieces_of_a_ray_are_few_and_continuous(random_terms):
    terms = random_terms(11, 6)
    found = exclusion_map(**terms, grid=plane("diversity", LOG))
    (block,) = blocks(found.grid)
    laws = solve_rays(centred_terms(*terms.values()), block)
    pieces = laws.last - laws.first
    assert pieces.min() >= 1
    assert pieces.max() <= 12
    for ray in range(pieces.size):
        for piece in range(laws.first[ray], laws.last[ray] - 1):
            before, after = (laws.intercepts[k] + laws.ends[piece] * laws.slopes[k] for k in (piece, piece + 1))
            assert np.abs(before - after).max() <= 1e-11


@pytest.mark.parametrize("module", ["exclusion_map", "slices"])
def test_examples_in_the_documentation(module):
    # The package exports a function of the module's name.
    assert doctest.testmod(importlib.import_module(f"sim.maps.{module}")).failed == 0
