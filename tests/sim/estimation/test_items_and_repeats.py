"""C over the items of a topic, and C from repeated answers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError
from sim.estimation import Covariance, OpinionTable, Retest, nominal, pairs_of_people, pairs_of_prompts
from sim.estimation.inconsistency import spread


def items(seed, groups=3):
    rng = np.random.default_rng(seed)
    return OpinionTable(
        groups=tuple(f"g{k}" for k in range(groups)),
        shares=rng.dirichlet(np.ones(groups)),
        questions=("a1", "b1", "a2", "a3", "b2"),
        probabilities=tuple(rng.dirichlet(np.ones(size), size=groups) for size in (3, 2, 3, 3, 2)),
    )


TOPICS = Covariance(topics=("a", "b", "a", "a", "b"))


@given(st.integers(0, 10_000))
def test_covariance_is_how_much_the_mixture_s_answer_varies_over_the_items(seed):
    table = items(seed)
    matrix = TOPICS(table)
    assert np.linalg.eigvalsh(matrix)[0] >= -1e-14
    mixture = np.random.default_rng(seed).dirichlet(np.ones(3))
    by_hand = 0.0
    for members in ([0, 2, 3], [1, 4]):
        stances = np.array([mixture @ table.probabilities[q] for q in members]) / np.sqrt(2)
        by_hand += stances.var(axis=0, ddof=1).sum() / 2
    assert mixture @ matrix @ mixture == pytest.approx(by_hand)


def test_paraphrases_that_change_nothing_cost_nothing():
    table = items(0)
    same = replace(table, probabilities=tuple(table.probabilities[q] for q in (0, 1, 0, 0, 1)))
    assert np.allclose(TOPICS(same), 0, atol=1e-16)


@pytest.mark.parametrize(
    ("topics", "words"),
    [(("a", "b"), "expected 5"), (("a", "b", "a", "a", "c"), "'b'"), (("a",) * 5, "same number of options")],
)
def test_topics_need_items_that_can_be_compared(topics, words):
    with pytest.raises(InputError, match=words):
        Covariance(topics=topics)(items(0))


@given(st.integers(0, 10_000))
def test_answers_drawn_afresh_are_as_far_apart_as_members_of_the_group(random_table, seed):
    table = random_table(seed)
    afresh = [np.einsum("gk,gl->gkl", answers, answers) for answers in table.probabilities]
    assert np.allclose(Retest(pairs=afresh)(table, nominal), np.diag(spread(table)))


def test_people_asked_twice(random_people):
    people = random_people(0)
    table = people.opinion_table()
    assert np.allclose(Retest(pairs=pairs_of_people(people, people))(table), 0)
    # The first two of group 0 change their mind on the first question; the third misses it.
    answers = people.answers.copy()
    answers[:2, 0] = 1 - answers[:2, 0]
    answers[2, 0] = -1
    pairs = pairs_of_people(people, replace(people, answers=answers))
    asked = (people.group == 0) & (people.answers[:, 0] >= 0) & (np.arange(people.group.size) != 2)
    moved = people.weights[:2].sum() / people.weights[asked].sum()
    assert 1 - np.trace(pairs[0][0]) == pytest.approx(moved)
    assert Retest(pairs=pairs)(table)[0, 0] == pytest.approx(moved / 2 / 3)


def test_prompts_are_compared_with_others_only():
    one, two, three = (np.array(rows) for rows in ([[1, 0], [0.5, 0.5]], [[0, 1], [0.5, 0.5]], [[0, 1], [1, 0]]))
    (pairs,) = pairs_of_prompts([np.stack([one, two, three])])
    assert np.allclose(pairs[0], [[0, 1 / 3], [1 / 3, 1 / 3]])
    by_hand = (np.outer(one[1], two[1]) + np.outer(one[1], three[1]) + np.outer(two[1], three[1])) / 3
    assert np.allclose(pairs[1], (by_hand + by_hand.T) / 2)


def test_repeats_must_fit(random_table, random_people):
    people = random_people(0)
    with pytest.raises(InputError, match="expected those of the first"):
        pairs_of_people(people, random_people(1, people=199))
    answers = people.answers.copy()
    answers[people.group == 0, 1] = -1
    with pytest.raises(InputError, match="group 'g0', question 'q1'"):
        pairs_of_people(people, replace(people, answers=answers))
    with pytest.raises(InputError, match="at least 2"):
        pairs_of_prompts([np.ones((1, 2, 2)) / 2])
    with pytest.raises(InputError, match="sum to 1"):
        Retest(pairs=[np.ones((3, 2, 2))])
    with pytest.raises(InputError, match="question 'q0'"):
        Retest(pairs=[np.full((3, 3, 3), 1 / 9)] * 3)(random_table(0))
