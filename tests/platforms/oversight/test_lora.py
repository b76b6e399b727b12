"""What policies earn: every text is an event, and pay follows the profile. No model here."""

import numpy as np
import pytest

from platforms.oversight.lora import (
    ARITHMETIC,
    FUNCTIONS,
    auditor_events,
    auditor_pay,
    solver_events,
    solver_pay,
)
from platforms.oversight.tasks.arithmetic import arithmetic_tasks
from platforms.oversight.tasks.functions import function_tasks
from sim.errors import InputError
from sim.oversight.events import AUDITOR_PAY, SOLVER_PAY, Event
from sim.oversight.profiles import PROFILES
from sim.oversight.thresholds import solver_threshold

DEFAULT = PROFILES["default"]


@pytest.fixture
def task():
    return arithmetic_tasks([5], 1, seed=0)[0]  # 22 + 71 = 93


@pytest.mark.parametrize(
    ("text", "event"),
    [
        (" 93\n", Event.RIGHT_UNAUDITED),
        (" 94", Event.WRONG_UNAUDITED),
        (" abstain", Event.ABSTAINED),
        ("Abstain.", Event.ABSTAINED),
        (" what", Event.TRUNCATED),
        ("", Event.TRUNCATED),
    ],
)
def test_a_solvers_text_is_an_event(task, text, event):
    assert solver_events([task], [text]).tolist() == [event]


@pytest.mark.parametrize(
    ("answer", "text", "event"),
    [
        ("93", " pass", Event.RIGHT_UNAUDITED),
        ("93", " 93", Event.RIGHT_CLEARED),
        ("93", " 90", Event.RIGHT_FLAGGED),
        ("93", " hm", Event.RIGHT_INVALID),
        ("94", " pass", Event.WRONG_UNAUDITED),
        ("94", " 94", Event.WRONG_CLEARED),
        ("94", " 93", Event.WRONG_CAUGHT),
        ("94", " 90", Event.WRONG_CAUGHT_BY_CHANCE),
        ("94", "", Event.WRONG_INVALID),
    ],
)
def test_an_auditors_text_is_an_event(task, answer, text, event):
    assert auditor_events([task], [answer], [text]).tolist() == [event]


def test_code_and_assertions_are_events_too(sandbox):
    double = function_tasks(sandbox, [1])[0]
    right, wrong = "def double(x):\n    return 2 * x", "def double(x):\n    return x + 2"
    assert solver_events([double] * 3, [right, wrong, "    abstain"]).tolist() == [
        Event.RIGHT_UNAUDITED,
        Event.WRONG_UNAUDITED,
        Event.ABSTAINED,
    ]
    audits = [" double(2) == 4", " double(5) == 10", " double(5) == 11", " pass"]
    assert auditor_events([double] * 4, [wrong] * 4, audits).tolist() == [
        Event.WRONG_CLEARED,
        Event.WRONG_CAUGHT,
        Event.WRONG_CAUGHT_BY_CHANCE,
        Event.WRONG_UNAUDITED,
    ]


@pytest.mark.parametrize("name", PROFILES)
def test_an_attempt_pays_from_the_threshold_of_theory_on(name):
    """Paid text by text, a solver that is right with the threshold's chance earns what abstaining earns."""
    profile, caught = PROFILES[name], 0.3
    pay = solver_pay(profile, caught)
    success = solver_threshold(profile, caught)
    attempt = success * pay[Event.RIGHT_UNAUDITED] + (1 - success) * pay[Event.WRONG_UNAUDITED]
    assert attempt == pytest.approx(pay[Event.ABSTAINED])


def test_without_audits_and_checks_pay_is_the_profiles():
    assert np.array_equal(solver_pay(DEFAULT, 0.0), SOLVER_PAY @ DEFAULT.vector)
    assert np.array_equal(auditor_pay(DEFAULT, 0.0), AUDITOR_PAY @ DEFAULT.vector)


def test_random_checks_make_missed_errors_cost_the_auditor_and_nothing_else():
    free, checked = auditor_pay(DEFAULT, 0.0), auditor_pay(DEFAULT, 0.5)
    changed = {Event(k) for k in np.flatnonzero(free != checked)}
    assert changed == {Event.WRONG_UNAUDITED}  # the default profile pays a miss alike, checked or not
    assert checked[Event.WRONG_UNAUDITED] == pytest.approx(-0.075)


def test_chances_are_refused_by_name_when_they_are_none():
    with pytest.raises(InputError, match="caught"):
        solver_pay(DEFAULT, 1.5)
    with pytest.raises(InputError, match="check_rate"):
        auditor_pay(DEFAULT, -0.1)


def test_both_roles_show_how_to_decline_and_leave_the_text_open():
    asked = ARITHMETIC.solving.prompt(question="1 + 1")
    assert " abstain\n" in asked
    assert asked.endswith("\n1 + 1 =")
    shown = ARITHMETIC.auditing.prompt(question="1 + 1", answer="3")
    assert " pass\n" in shown
    assert shown.endswith("\n1 + 1 = 3?")


def test_what_the_roles_show_is_read_as_it_is_meant(sandbox):
    double = function_tasks(sandbox, [1])[0]
    asked = FUNCTIONS.solving.prompt(question=double.question)
    assert asked.endswith('def double(x):\n    """Return twice x."""\n')
    declined = [example["text"] for example in FUNCTIONS.solving.examples if "abstain" in example["text"]]
    assert solver_events([double, double], [*declined, "    return 2 * x"]).tolist() == [
        Event.ABSTAINED,
        Event.RIGHT_UNAUDITED,
    ]
    shown = FUNCTIONS.auditing.prompt(question=double.question, answer="def double(x):\n    return x")
    assert shown.endswith("# A test that it fails, or pass:")
    passed = [example["text"] for example in FUNCTIONS.auditing.examples if "pass" in example["text"]]
    wrong = "def double(x):\n    return x"
    assert auditor_events([double, double], [wrong, wrong], [*passed, " assert double(2) == 4"]).tolist() == [
        Event.WRONG_UNAUDITED,
        Event.WRONG_CAUGHT,
    ]
