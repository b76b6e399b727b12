from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError
from sim.estimation import Respondents

GOOD = {
    "groups": ("left", "right"),
    "questions": ("tax", "war"),
    "options": (("no", "yes"), ("a", "b", "c")),
    "ordinal": (False, True),
    "group": [0, 0, 0, 1, 1],
    "answers": [[0, 2], [1, 1], [1, -1], [0, 0], [0, 0]],
    "weights": [1.0, 2.0, 1.0, 3.0, 3.0],
}


def same(first, second):
    tables = zip(first.probabilities, second.probabilities, strict=True)
    close = all(np.allclose(one, two, atol=1e-14) for one, two in tables)
    return close and np.allclose(first.shares, second.shares) and np.allclose(first.sizes, second.sizes)


def test_shares_and_sizes_by_hand():
    table = Respondents(**GOOD).opinion_table()
    assert np.allclose(table.shares, [0.4, 0.6])
    assert np.allclose(table.probabilities[0], [[0.25, 0.75], [1, 0]])
    assert np.allclose(table.probabilities[1], [[0, 2 / 3, 1 / 3], [1, 0, 0]])
    # Kish: (1 + 2 + 1)^2 / (1 + 4 + 1) for tax, (1 + 2)^2 / (1 + 4) for war.
    assert np.allclose(table.sizes, [[16 / 6, 9 / 5], [2, 2]])
    assert table.options == GOOD["options"]
    assert (table.is_ordinal(0), table.is_ordinal(1)) == (False, True)


@given(st.integers(0, 10_000))
def test_counting_a_person_twice_is_asking_two_alike(random_people, seed):
    people = random_people(seed)
    times = np.random.default_rng(seed).integers(1, 4, people.group.size)
    rows = np.repeat(np.arange(people.group.size), times)
    copies = replace(people, group=people.group[rows], answers=people.answers[rows], weights=people.weights[rows])
    assert same(people.resampled(times), copies.opinion_table())
    assert np.array_equal(people.answered(times), copies.answered())


@given(st.integers(0, 10_000))
def test_neither_order_nor_scale_of_weights_nor_those_without_weight_matter(random_people, seed):
    people = random_people(seed)
    order = np.random.default_rng(seed).permutation(people.group.size)
    order = order[people.weights[order] > 0]
    changed = replace(
        people, group=people.group[order], answers=people.answers[order], weights=7 * people.weights[order]
    )
    assert changed.group.size == people.group.size - 10
    assert same(people.opinion_table(), changed.opinion_table())
    assert np.array_equal(people.answered(), changed.answered())


def test_one_respondent_makes_a_group_of_one_mind():
    table = Respondents(**(GOOD | {"group": [0, 0, 0, 0, 1]})).opinion_table()
    assert np.array_equal(table.probabilities[1][1], [1, 0, 0])
    assert np.array_equal(table.sizes[1], [1, 1])


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"groups": ("left",)}, "groups", "at least 2"),
        ({"options": GOOD["options"][:1]}, "options", "expected 2"),
        ({"options": (("no",), ("a", "b", "c"))}, "options of question 'tax'", "at least 2"),
        ({"ordinal": (True,)}, "ordinal", "expected 2"),
        ({"group": [0, 0, 0, 1, 2]}, "group of respondent 4", "from 0 to 1"),
        ({"group": [0, 0, 0, 1, -1]}, "group of respondent 4", "from 0 to 1"),
        ({"group": [0, 0, 0, 1, 0.5]}, "group", "whole numbers"),
        ({"group": [0, 0, 0, 1]}, "respondents", "a row per respondent"),
        ({"answers": [[0, 3], *GOOD["answers"][1:]]}, "answers of respondent 0 to question 'war'", "from -1 to 2"),
        ({"answers": [[-2, 1], *GOOD["answers"][1:]]}, "answers of respondent 0 to question 'tax'", "from -1 to 1"),
        ({"weights": [1, 1, -2, 1, 1]}, "weights[2]", "must be >= 0"),
        ({"weights": [1, 1, np.nan, 1, 1]}, "weights[2]", "finite"),
        ({"weights": [1, 1, 1, 0, 0]}, "groups", "'right'"),
    ],
)
def test_errors_name_the_respondent_and_the_question(changes, field, words):
    with pytest.raises(InputError) as caught:
        Respondents(**(GOOD | changes))
    assert caught.value.field == field
    assert words in str(caught.value)


def test_a_group_that_nobody_answers_for_is_named():
    people = Respondents(**(GOOD | {"answers": [[0, 2], [1, 1], [1, -1], [0, -1], [0, -1]]}))
    with pytest.raises(InputError, match="group 'right', question 'war'"):
        people.opinion_table()


@pytest.mark.parametrize("counts", [[1, 1], [1, 1, 1, 1, -1]])
def test_counts_are_one_per_respondent(counts):
    with pytest.raises(InputError, match="5 numbers"):
        Respondents(**GOOD).resampled(counts)
