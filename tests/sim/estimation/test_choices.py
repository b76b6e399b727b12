import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import homogeneous_equilibrium
from sim.estimation import GameEstimator, GameTerms, combinations, unit_size
from sim.simplex import restricted_to_tangent


@settings(max_examples=3)
@given(st.integers(0, 10_000))
def test_every_reading_of_a_table_makes_a_game(random_table, seed):
    table, names = random_table(seed, groups=4), set()
    for choice in combinations():
        terms = choice.estimator(table)
        game = AlignmentGame(
            attractiveness=terms.attractiveness,
            inconsistency=terms.inconsistency,
            similarity=terms.similarity,
            incentives=Incentives(0.5, 1, 1),
            accounts=3,
            crowding=choice.crowding,
        )
        assert homogeneous_equilibrium(game).exploitability <= 1e-10
        names.add(tuple(choice.names.values()))
    assert len(names) == 2 * 3 * 4 * 2 * 2 * 2


@given(st.integers(0, 10_000))
def test_unit_size_forgets_units_and_gauge(random_table, seed):
    terms = GameEstimator()(random_table(seed))
    scaled = unit_size(GameTerms(7 * terms.attractiveness + 3, 5 * terms.inconsistency + 2, terms.similarity / 9))
    plain = unit_size(terms)
    assert np.ptp(plain.attractiveness) == pytest.approx(1)
    for one, two in zip(scaled[1:], plain[1:], strict=True):
        assert np.trace(restricted_to_tangent(one)) == pytest.approx(2)
        assert np.allclose(restricted_to_tangent(one), restricted_to_tangent(two))
    assert np.allclose(scaled.attractiveness - scaled.attractiveness[0], plain.attractiveness - plain.attractiveness[0])


def test_what_is_zero_stays_zero_and_units_are_named(random_table):
    flat = unit_size(GameTerms(np.full(3, 0.2), np.zeros((3, 3)), np.ones((3, 3))))
    assert np.array_equal(flat.attractiveness, np.full(3, 0.2))
    assert not flat.inconsistency.any()
    assert np.array_equal(flat.similarity, np.ones((3, 3)))
    assert GameEstimator(normalisation=unit_size).provenance[-1] == "normalisation: unit_size"
    assert len(GameEstimator().provenance) == 3
