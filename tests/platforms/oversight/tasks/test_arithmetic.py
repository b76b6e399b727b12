"""Arithmetic tasks: the truth is exact, completions are read as people read them, draws are keyed."""

import pytest

from platforms.oversight.tasks.arithmetic import FORMS, arithmetic_tasks
from sim.errors import InputError


@pytest.fixture
def task():
    return arithmetic_tasks([5], 1, seed=0)[0]


def test_the_truth_of_every_grade_is_what_python_computes():
    tasks = arithmetic_tasks(list(FORMS), 20, seed=1)
    assert [task.grade for task in tasks] == [grade for grade in FORMS for _ in range(20)]
    assert len({task.name for task in tasks}) == len(tasks)
    for task in tasks:
        truth = eval(task.question)  # noqa: S307 - our own digits and signs
        assert task.right(str(truth))
        assert not task.right(str(truth + 1))


def test_a_draw_depends_on_seed_and_grade_alone_and_a_longer_one_begins_with_the_shorter():
    assert arithmetic_tasks([5, 2], 4, seed=3)[4:] == arithmetic_tasks([2], 9, seed=3)[:4]
    assert arithmetic_tasks([5], 4, seed=3) != arithmetic_tasks([5], 4, seed=4)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (" 12\n5 + 5 = 10", "12"),
        ("\n\n 12.", "12"),
        ("22 + 71 = 93", "93"),
        ("The answer is 1,234, I think.", "1234"),
        ("-5", "-5"),
        ("−5", "-5"),
        ("007", "7"),
        ("3.5", None),
        ("nothing\n7", None),
        ("", None),
        ("9" * 40, None),
    ],
)
def test_what_is_read_in_a_completion(task, text, answer):
    assert task.read(text) == task.read_evidence(text) == answer


def test_a_counter_answer_refutes_any_other_number_and_is_right_only_if_it_is_the_truth(task):
    truth, wrong = str(task.truth), str(task.truth + 1)
    assert task.refutes(truth, wrong)
    assert task.refutes(wrong, truth)
    assert not task.refutes(wrong, wrong)
    assert task.evidence_right(truth)
    assert not task.evidence_right(wrong)


@pytest.mark.parametrize(
    ("grades", "per_grade", "field"),
    [([11], 1, "grades"), ([2, 2], 1, "grades"), ([1], 60, "per_grade"), ([1], 0, "per_grade")],
)
def test_what_cannot_be_drawn_is_refused_by_name(grades, per_grade, field):
    with pytest.raises(InputError) as error:
        arithmetic_tasks(grades, per_grade, seed=0)
    assert error.value.field == field
