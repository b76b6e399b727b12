import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sim.errors import InputError
from sim.simplex import (
    project_to_simplex,
    restricted_to_tangent,
    sample_uniform,
    tangent_basis,
    total_variation,
    validated_floor,
    validated_mixture,
    validated_profile,
)

points = st.integers(1, 8).flatmap(lambda d: arrays(float, d, elements=st.floats(-1e6, 1e6)))


@given(points, st.floats(0, 1))
def test_projection_lies_on_the_floored_simplex_and_is_nearest(point, share):
    floor = share / point.size
    given_point = point.copy()
    weights = project_to_simplex(point, floor)
    assert np.array_equal(point, given_point)
    assert weights.min() >= floor
    assert abs(weights.sum() - 1) <= 1e-9
    # Variational inequality: no vertex of the floored simplex is on the near side of the projection.
    vertices = np.full((point.size, point.size), floor) + (1 - point.size * floor) * np.eye(point.size)
    assert np.max((vertices - weights) @ (point - weights)) <= 1e-8 * (1 + np.abs(point).max())


def test_projection_is_batched_and_leaves_mixtures_alone():
    mixtures = sample_uniform(np.random.default_rng(0), 4, (3, 2))
    assert np.allclose(project_to_simplex(mixtures), mixtures, atol=1e-15)


@pytest.mark.parametrize("dimension", [1, 2, 5, 30])
def test_tangent_basis_is_orthonormal_and_sums_to_zero(dimension):
    basis = tangent_basis(dimension)
    assert basis.shape == (dimension, dimension - 1)
    assert np.allclose(basis.T @ basis, np.eye(dimension - 1), atol=1e-14)
    assert np.allclose(basis.sum(axis=0), 0, atol=1e-14)
    assert not basis.flags.writeable


def test_restriction_forgets_a_constant():
    matrix = np.diag([1.0, 2.0, 3.0])
    assert np.allclose(restricted_to_tangent(matrix + 1e6), restricted_to_tangent(matrix), atol=1e-9)


def test_total_variation_is_the_largest_difference_in_probability():
    first, second = np.array([0.5, 0.3, 0.2]), np.array([0.1, 0.4, 0.5])
    events = [[i for i in range(3) if mask >> i & 1] for mask in range(8)]
    largest = max(abs(first[event].sum() - second[event].sum()) for event in events)
    assert total_variation(first, second) == pytest.approx(largest, abs=1e-15)


def test_uniform_sampling_has_the_moments_of_the_flat_dirichlet():
    draws = sample_uniform(np.random.default_rng(5), 3, 20_000)
    assert np.allclose(draws.mean(axis=0), 1 / 3, atol=0.005)
    assert np.allclose(draws.var(axis=0), 2 / (9 * 4), atol=0.002)


@pytest.mark.parametrize(
    ("call", "field", "words"),
    [
        (lambda: validated_mixture("w", [0.5, 0.6]), "sum of w", "must sum to 1"),
        (lambda: validated_mixture("w", [1.5, -0.5]), "w[1]", "must be >= 0"),
        (lambda: validated_mixture("w", [0.5, np.nan]), "w[1]", "finite"),
        (lambda: validated_mixture("w", [1.0], 2), "w", "one weight per group"),
        (lambda: validated_mixture("w", "abc"), "w", "expected numbers"),
        (lambda: validated_mixture("w", []), "w", "at least one weight"),
        (lambda: validated_profile("p", [[0.5, 0.5], [0.2, 0.2]]), "sum of p[1]", "must sum to 1"),
        (lambda: validated_profile("p", [[1.5, -0.5]]), "p[0, 1]", "must be >= 0"),
        (lambda: validated_profile("p", [[0.5, 0.5]], (2, 2)), "p", "one row per account"),
        (lambda: validated_profile("p", [0.5, 0.5]), "p", "expected 2 axes"),
        (lambda: validated_floor("floor", 0.6, 2), "floor", "at most 0.5"),
        (lambda: validated_floor("floor", -0.1, 2), "floor", ">= 0"),
        (lambda: validated_floor("floor", "a", 2), "floor", "expected a number"),
        (lambda: project_to_simplex([np.inf, 0.0]), "point", "finite"),
        (lambda: tangent_basis(0), "dimension", "integer >= 1"),
        (lambda: tangent_basis(2.5), "dimension", "integer >= 1"),
    ],
)
def test_bad_input_names_the_field_and_the_remedy(call, field, words):
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
    assert words in str(caught.value)
