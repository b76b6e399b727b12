"""The resolver: exact unless told to err, then at its rates; errors belong to a task and a round, not to a batch."""

import numpy as np
import pytest

from platforms.oversight.resolver import Resolver
from sim.errors import InputError


def test_the_default_is_the_truth():
    wrong = np.arange(1000) % 3 == 0
    assert (Resolver(seed=5).found_wrong(wrong, task=np.arange(1000), round=2) == wrong).all()


def test_errors_come_at_their_rates():
    n = 100_000
    found = Resolver(0.8, 0.1, seed=1).found_wrong(np.arange(n) < n // 2, task=np.arange(n), round=0)
    assert found[: n // 2].mean() == pytest.approx(0.8, abs=5 * np.sqrt(0.16 / (n / 2)))
    assert found[n // 2 :].mean() == pytest.approx(0.1, abs=5 * np.sqrt(0.09 / (n / 2)))


def test_an_error_depends_on_task_round_and_seed_and_on_nothing_else():
    resolver, tasks = Resolver(0.6, 0.4, seed=1), np.arange(500)
    wrong = np.ones(500, dtype=bool)
    whole = resolver.found_wrong(wrong, task=tasks, round=3)
    assert (resolver.found_wrong(wrong[:90], task=tasks[:90][::-1], round=3) == whole[:90][::-1]).all()
    assert (resolver.found_wrong([True, True], task=[7, 7], round=3) == whole[7]).all()
    assert (resolver.found_wrong(wrong, task=tasks, round=4) != whole).any()
    assert (Resolver(0.6, 0.4, seed=2).found_wrong(wrong, task=tasks, round=3) != whole).any()


def test_no_outputs_get_no_verdicts():
    assert Resolver().found_wrong([], task=[], round=0).shape == (0,)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"true_positive": 1.2}, "true_positive"),
        ({"false_positive": -0.1}, "false_positive"),
        ({"true_positive": 0.3, "false_positive": 0.3}, "true_positive"),
        ({"seed": -1}, "seed"),
    ],
)
def test_a_resolver_that_makes_no_sense_is_refused_by_name(given, field):
    with pytest.raises(InputError) as error:
        Resolver(**given)
    assert error.value.field == field


@pytest.mark.parametrize("task", [[0], [0, -1], [[0, 1]]])
def test_tasks_that_do_not_fit_are_refused(task):
    with pytest.raises(InputError, match="task"):
        Resolver().found_wrong([True, False], task=task, round=0)
