"""Safe values of one coefficient against a dense scan by the solver of the maps, which follows boundaries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.alignment_game import AlignmentGame, Incentives
from sim.design import safe_values
from sim.errors import InputError
from sim.estimation import GameTerms
from sim.maps import incentive_slice

COEFFICIENTS = ("attractiveness", "inconsistency", "diversity")
Maker = Callable[..., AlignmentGame]


def terms_of(game: AlignmentGame) -> GameTerms:
    return GameTerms(game.attractiveness, game.inconsistency, game.similarity)


def least_weights(terms: GameTerms, incentives: Incentives, coefficient: str, values: np.ndarray) -> np.ndarray:
    found = incentive_slice(
        attractiveness=terms.attractiveness,
        inconsistency=terms.inconsistency,
        similarity=terms.similarity,
        grid={**asdict(incentives), coefficient: values},
        threshold=1e-3,
    )
    return found.mixtures.min(axis=1)


@pytest.mark.parametrize("coefficient", COEFFICIENTS)
@pytest.mark.parametrize("seed", range(12))
def test_same_as_dense_scan(random_game: Maker, coefficient: str, seed: int) -> None:
    game = random_game(seed)
    threshold = 0.3 / game.dimension
    terms = terms_of(game)
    found = safe_values(terms, game.incentives, coefficient, threshold)
    values = np.logspace(-4, 4, 1001)
    least = least_weights(terms, game.incentives, coefficient, values)
    sure = np.abs(least - threshold) > 1e-9
    inside = ((values[:, None] >= found[:, 0]) & (values[:, None] <= found[:, 1])).any(axis=1)
    np.testing.assert_array_equal(inside[sure], least[sure] > threshold)


@pytest.mark.parametrize("coefficient", COEFFICIENTS)
def test_ends_are_where_a_group_meets_the_threshold(random_game: Maker, coefficient: str) -> None:
    met = 0
    for seed in range(30):
        game = random_game(seed)
        threshold = 0.5 / game.dimension
        terms = terms_of(game)
        ends = safe_values(terms, game.incentives, coefficient, threshold).ravel()
        inner = ends[np.isfinite(ends) & (ends > 1e-9)]
        if inner.size:
            least = least_weights(terms, game.incentives, coefficient, inner)
            np.testing.assert_allclose(least, threshold, rtol=0, atol=1e-9)
            met += inner.size
    assert met > 10


@given(seed=st.integers(0, 10_000), shift=st.floats(-5, 5))
def test_gauge_changes_nothing(seed: int, shift: float) -> None:
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(2, 4, 4))
    own, crowd = (f @ f.T + 0.2 * np.eye(4) for f in factors)
    terms = GameTerms(rng.normal(size=4), own, crowd)
    moved = GameTerms(terms.attractiveness + shift, own + shift, crowd - shift)
    for coefficient in COEFFICIENTS:
        first, second = (safe_values(each, Incentives(1, 1, 1), coefficient, 0.1) for each in (terms, moved))
        assert first.shape == second.shape
        np.testing.assert_allclose(first, second, rtol=1e-6, atol=1e-6)


def test_several_intervals_are_all_found() -> None:
    """A group that leaves and comes back as diversity rises: two intervals, both in the dense scan."""
    seen = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        factors = rng.normal(size=(2, 5, 3))
        terms = GameTerms(
            rng.normal(size=5), factors[0] @ factors[0].T + 0.1 * np.eye(5), factors[1] @ factors[1].T + 0.1 * np.eye(5)
        )
        found = safe_values(terms, Incentives(0.1, 1, 1), "diversity", 0.02)
        if len(found) < 2:
            continue
        seen += 1
        gap = np.array([np.sqrt(found[0, 1] * found[1, 0])])
        assert least_weights(terms, Incentives(0.1, 1, 1), "diversity", gap)[0] < 0.02
        assert (found[1:, 0] > found[:-1, 1]).all()
    assert seen > 0


def test_curvature_that_is_singular_is_not_safe() -> None:
    """C of rank one and no diversity: no unique equilibrium, so nothing is safe in attractiveness or inconsistency."""
    direction = np.array([1.0, -1.0, 0.0])
    terms = GameTerms(np.zeros(3), np.outer(direction, direction), np.eye(3))
    assert safe_values(terms, Incentives(1, 1, 0), "attractiveness", 0.05).size == 0
    assert safe_values(terms, Incentives(1, 1, 0), "inconsistency", 0.05).size == 0
    assert np.isinf(safe_values(terms, Incentives(1, 1, 0), "diversity", 0.05)[-1, 1])


@pytest.mark.parametrize(
    ("coefficient", "threshold", "field"),
    [("reach", 0.05, "coefficient"), ("diversity", 0.5, "threshold"), ("diversity", 0.0, "threshold")],
)
def test_bad_input(coefficient: str, threshold: float, field: str) -> None:
    terms = GameTerms(np.array([0.6, 0.4]), np.eye(2), np.eye(2))
    with pytest.raises(InputError) as caught:
        safe_values(terms, Incentives(1, 1, 1), coefficient, threshold)
    assert caught.value.field == field
