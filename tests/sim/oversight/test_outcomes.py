import pytest

from sim.errors import InputError
from sim.oversight import OutcomeValues


def test_the_reference_values():
    values = OutcomeValues()
    pure = [values.of_play(p, q) for p, q in ((1, 0), (0, 1), (1, 1), (0, 0))]
    assert pure == [1.0, 0.5, -0.3, -1.0]
    assert (values.abstain, values.truncated) == (0.1, 0.0)


def test_expected_value_weighs_the_four_outcomes():
    assert OutcomeValues().of_play(0.8, 0.1) == pytest.approx(0.72 * 1 + 0.02 * 0.5 - 0.08 * 0.3 - 0.18)


def test_bad_input_is_named():
    with pytest.raises(InputError, match=r"^audited = 2"):
        OutcomeValues().of_play(0.5, 2)
    with pytest.raises(InputError, match=r"^caught = inf"):
        OutcomeValues(caught=float("inf"))
