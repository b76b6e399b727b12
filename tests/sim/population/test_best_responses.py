"""One account's best response against sim.quadratic, whatever its curvature, ties and floor."""

import numpy as np
import pytest

from sim.errors import InputError
from sim.population import Population, simultaneous_step, unilateral_gains
from sim.quadratic import maximise_on_simplex


def random_mixtures(seed, accounts, dimension, concentration=0.5):
    return np.random.default_rng(seed).dirichlet(np.full(dimension, concentration), size=accounts)


def responses(curvature, linear, mixtures, floor=0.0):
    population = Population(
        linear=linear, curvatures=curvature, similarity=np.eye(linear.shape[1]), accounts=linear.shape[0]
    )
    return simultaneous_step(population, mixtures, floor=floor)


@pytest.mark.parametrize("floor_share", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("dimension", [2, 3, 6, 10, 11, 17, 32, 50, 63, 64])
def test_agrees_with_the_exact_solver(dimension, floor_share):
    rng = np.random.default_rng(dimension)
    accounts = 300 if dimension <= 6 else 24
    factor = rng.normal(size=(dimension, dimension)) / np.sqrt(dimension)
    curvature = 2 * (factor @ factor.T + 0.2 * np.eye(dimension)) + 7.0  # a gauge constant changes nothing
    linear = rng.normal(size=(accounts, dimension)) * 10 ** rng.uniform(-2, 2, size=(accounts, 1))
    mixtures, floor = random_mixtures(1, accounts, dimension), floor_share / dimension
    found = responses(curvature, linear, mixtures, floor)
    for m in range(accounts):
        exact = maximise_on_simplex(curvature, linear[m], floor)
        assert np.abs(found.mixtures[m] - exact).max() <= 1e-12
        assert found.mixtures[m].min() >= floor


@pytest.mark.parametrize("dimension", [4, 6, 12, 20])
def test_ties_and_degenerate_problems(dimension):
    """Twin groups, pulls that make a weight exactly zero at no cost, and pulls on a coarse grid."""
    rng = np.random.default_rng(dimension)
    factor = rng.integers(-2, 3, size=(dimension, dimension)).astype(float)
    curvature = factor @ factor.T + 2 * np.eye(dimension)
    edge = np.zeros((60, dimension))
    for row, support in zip(edge, rng.integers(1, dimension, size=60), strict=True):
        row[:support] = 1.0 / support
    # g = H w is constant over all groups: the slack of every group outside is exactly zero.
    degenerate = edge @ curvature
    coarse = rng.integers(-3, 4, size=(60, dimension)).astype(float)
    linear = np.vstack([degenerate, coarse, np.zeros((1, dimension))])
    mixtures = random_mixtures(3, linear.shape[0], dimension)
    found = responses(curvature, linear, mixtures).mixtures
    assert np.abs(found[:60] - edge).max() <= 1e-12
    for m in range(60, linear.shape[0]):
        assert np.abs(found[m] - maximise_on_simplex(curvature, linear[m])).max() <= 1e-12


@pytest.mark.parametrize("dimension", [4, 6, 12])
@pytest.mark.parametrize("rank", [0, 1, 2])
def test_flat_accounts_stay_where_they_are_indifferent(dimension, rank):
    rng = np.random.default_rng(rank)
    factor = rng.normal(size=(dimension, rank))
    curvature = factor @ factor.T
    mixtures = random_mixtures(1, 20, dimension, 2.0)
    linear = np.vstack([np.full((10, dimension), 3.0), rng.normal(size=(10, dimension))])
    found = responses(curvature, linear, mixtures)
    assert (found.supports == 0).all()
    for m in range(20):
        exact = maximise_on_simplex(curvature, linear[m], near=mixtures[m])
        assert np.abs(found.mixtures[m] - exact).max() <= 1e-12
    if rank == 0:
        assert np.allclose(found.mixtures[:10], mixtures[:10], atol=1e-14)


def test_nearly_flat_kinds_are_left_to_the_exact_solver_and_others_are_not():
    curvatures = np.array([np.diag([1.0, 1.0, 1e-9]), np.eye(3)])
    curvatures[0, 2, 2] = 0.0
    curvatures[0] += np.diag([0.0, -1.0 + 1e-7, 0.0])
    population = Population(
        linear=np.array([[0.1, 0.0, 0.0]] * 8), curvatures=curvatures, similarity=np.eye(3), kinds=[0, 1] * 4, price=0.1
    )
    mixtures = random_mixtures(0, 8, 3)
    supports = simultaneous_step(population, mixtures).supports
    assert (supports[::2] == 0).all()
    assert (supports[1::2] > 0).all()
    assert unilateral_gains(population, mixtures).shape == (8,)
    assert np.isfinite(unilateral_gains(population, mixtures)).all()


def test_a_remembered_support_changes_nothing_but_the_time(make_population):
    for dimension in (4, 12):
        population = make_population(3, 500, dimension)
        mixtures = random_mixtures(2, 500, dimension)
        cold = simultaneous_step(population, mixtures)
        rng = np.random.default_rng(0)
        wrong = rng.integers(1, 2**dimension, size=500).astype(cold.supports.dtype)
        for supports in (cold.supports, wrong):
            untouched = supports.copy()
            again = simultaneous_step(population, mixtures, supports=supports)
            assert np.abs(again.mixtures - cold.mixtures).max() <= 1e-13
            assert np.array_equal(supports, untouched)


@pytest.mark.parametrize(
    ("curvature", "field"),
    [
        (np.array([[1.0, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), "curvatures[0]"),
        (np.diag([1.0, 1.0, -2.0]), "curvatures[0]"),
    ],
)
def test_curvatures_that_are_not_concave_are_refused(curvature, field):
    with pytest.raises(InputError) as caught:
        responses(curvature, np.zeros((5, 3)), random_mixtures(0, 5, 3))
    assert caught.value.field == field
