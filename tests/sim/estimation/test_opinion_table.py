import numpy as np
import pytest

from sim.errors import InputError
from sim.estimation import OpinionTable, cumulative

GOOD = {
    "groups": ("left", "right"),
    "shares": np.array([0.25, 0.75]),
    "questions": ("tax", "war"),
    "probabilities": (np.array([[0.5, 0.5], [0.1, 0.9]]), np.array([[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]])),
}


def answers(*rows):
    return (np.array(rows), GOOD["probabilities"][1])


def test_questions_may_differ_in_their_options():
    table = OpinionTable(**GOOD, ordinal=(False, True), options=(("no", "yes"), ("a", "b", "c")))
    assert [means.tolist() for means in table.mean_answers()] == [
        pytest.approx([0.2, 0.8]),
        pytest.approx([0.05, 0.825, 0.125]),
    ]
    assert (table.is_ordinal(0), table.is_ordinal(1)) == (False, True)
    assert not OpinionTable(**GOOD).is_ordinal(1)
    assert not table.probabilities[0].flags.writeable


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"groups": ("left",)}, "groups", "at least 2"),
        ({"groups": ("left", "left")}, "groups", "appears 2 times"),
        ({"questions": ("tax", "tax")}, "questions", "appears 2 times"),
        ({"shares": [0.5, 0.6]}, "sum of shares", "must sum to 1"),
        ({"shares": [-0.5, 1.5]}, "shares['left']", "must be >= 0"),
        ({"shares": [1.0]}, "shares", "expected 2"),
        ({"probabilities": GOOD["probabilities"][:1]}, "probabilities", "expected 2"),
        ({"ordinal": (True,)}, "ordinal", "expected 2"),
        ({"options": (("a", "b"), ("a", "b"))}, "options of question 'war'", "expected 3"),
        ({"probabilities": answers([0.5, 0.5])}, "probabilities of question 'tax'", "a row per group"),
        (
            {"probabilities": answers([0.5, 0.6], [0.5, 0.5])},
            "sum of probabilities of question 'tax', group 'left'",
            "must sum to 1",
        ),
        (
            {"probabilities": answers([0.5, 0.5], [1.2, -0.2])},
            "probabilities of question 'tax', group 'right'",
            "must be >= 0",
        ),
        (
            {"probabilities": answers([0.5, np.nan], [0.5, 0.5])},
            "probabilities of question 'tax', group 'left'",
            "missing",
        ),
    ],
)
def test_errors_name_the_group_and_the_question(changes, field, words):
    with pytest.raises(InputError) as caught:
        OpinionTable(**(GOOD | changes))
    assert caught.value.field == field
    assert words in str(caught.value)


def test_feature_maps_need_two_options():
    with pytest.raises(InputError, match="options = 1"):
        cumulative(1)
