"""The quick check of a game accepts nothing that the rule refuses, and removes the gauge alone."""

import numpy as np
import pytest

from sim.errors import InputError
from sim.maps.terms import centred_terms, require_concave, validated_game
from sim.simplex import restricted_to_tangent, tangent_basis


def bent(least, dimension=5):
    """A symmetric matrix whose least eigenvalue on the tangent space is as given, with a gauge that hides it."""
    rng = np.random.default_rng(dimension)
    rotation = np.linalg.qr(rng.normal(size=(dimension - 1, dimension - 1)))[0]
    basis = tangent_basis(dimension) @ rotation
    matrix = basis @ np.diag([least, *rng.uniform(0.5, 2, dimension - 2)]) @ basis.T
    tilt = rng.normal(size=dimension)
    matrix = (matrix + matrix.T) / 2 + tilt[:, None] + tilt
    assert np.linalg.eigvalsh(restricted_to_tangent(matrix))[0] == pytest.approx(least, abs=1e-14)
    return matrix


@pytest.mark.parametrize("least", [-1.0, -1e-6, -1e-8])
def test_negative_curvature_is_refused_however_small(least):
    pull = np.arange(5.0)
    with pytest.raises(InputError, match="inconsistency"):
        validated_game(pull, bent(least), np.eye(5), None)
    with pytest.raises(InputError, match="similarity"):
        require_concave(validated_game(pull, np.eye(5), bent(least), None), 0.0, 1.0)


@pytest.mark.parametrize("least", [0.0, 1e-12, 1e-6, 0.1])
def test_flat_and_positive_curvature_are_accepted(least):
    game = validated_game(np.arange(5.0), bent(least), bent(least), None)
    require_concave(game, 0.0, 1.0)


def test_lists_and_arrays_in_any_order_of_memory_give_one_game():
    given = np.arange(5.0), bent(0.1), bent(0.2)
    first = validated_game(*given, ("a", "b", "c", "d", "e"))
    second = validated_game(*(np.asfortranarray(value) for value in given), list("abcde"))
    third = validated_game(*(value.tolist() for value in given), None)
    assert first.groups == second.groups == tuple("abcde")
    for game in (second, third):
        assert all(np.array_equal(one, other) for one, other in zip(first.terms, game.terms, strict=True))


def test_terms_are_centred_and_tell_the_same_utility_up_to_a_constant():
    pull, own, crowd = np.arange(5.0), bent(0.1), bent(0.2)
    terms = centred_terms(pull, own, crowd)
    assert np.abs(terms.inconsistency.sum(axis=0)).max() <= 1e-14
    assert abs(terms.attractiveness.sum()) <= 1e-14
    mixtures = np.random.default_rng(0).dirichlet(np.ones(5), size=20)
    given = mixtures @ pull - np.einsum("nd,de,ne->n", mixtures, own + crowd / 2, mixtures)
    matrix = terms.inconsistency + terms.similarity
    linear = terms.attractiveness - terms.own_tilt - terms.crowd_tilt
    centred = mixtures @ linear - np.einsum("nd,de,ne->n", mixtures, matrix, mixtures) / 2
    assert np.ptp(given - centred) <= 1e-13
