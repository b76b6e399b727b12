"""From tasks to events: what is generated, what comes of every choice, what is measured of a model that is known."""

import numpy as np
import pytest

from agents.language.calculator import Calculator
from platforms.oversight.families import arithmetic
from platforms.oversight.measured import falls_with_grade, measure
from platforms.oversight.pipeline import generate
from platforms.oversight.play import events_of, expected_pay
from sim.errors import InputError
from sim.oversight import PROFILES
from sim.oversight.events import AUDITOR_PAY, SOLVER_PAY, Event

GRADES = [1, 5, 7]


def material_of(calculator, *, per_grade=40, samples=4, audits=2, grades=GRADES):
    family = arithmetic(grades=grades, per_grade=per_grade, seed=0, temperature=1.0)
    return generate(calculator, family, samples=samples, audits=audits, seed=1)


@pytest.fixture(scope="module")
def material():
    return material_of(Calculator(skill=0.7, silence=0.1))


def test_rows_are_tasks_answers_and_audits_and_truth_is_the_problems_own(material):
    assert material.task.size == 120 * 4 * 2
    assert np.array_equal(np.unique(material.grade), GRADES)
    for row in range(0, material.task.size, 7):
        problem = material.names[row].partition(": ")[2]
        truth = str(eval(problem))  # noqa: S307 - a sum
        answer, evidence = material.answers[row], material.evidence[row]
        assert material.readable[row] == (answer != "")
        assert material.right[row] == (answer == truth)
        assert material.audit_readable[row] == (evidence != "")
        assert material.flagged[row] == (evidence not in ("", answer))
        assert material.evidence_right[row] == (evidence == truth)


def test_other_tasks_beside_it_change_nothing_of_a_task(material):
    alone = material_of(Calculator(skill=0.7, silence=0.1), grades=[5])
    beside = material.grade == 5
    assert alone.answers == tuple(np.array(material.answers)[beside])
    assert alone.evidence == tuple(np.array(material.evidence)[beside])
    assert np.array_equal(alone.solver_features, material.solver_features[beside])


def test_measured_rates_are_the_calculators(material):
    """Right with chance c at a grade; wrong answers are one of three; an audit answers like the solver."""
    found = measure(material, check_rate=0.0, draws=200, seed=0)
    chance = 0.95 * 0.7 ** np.array([0, 2, 4])
    by_grade = found.success.reshape(3, -1).mean(axis=1)
    assert by_grade == pytest.approx(chance, abs=0.12)
    right = np.average(chance, weights=chance)
    assert 1 - found.quality.false_flag == pytest.approx(right, abs=0.1)
    catch = np.average(chance + (1 - chance) * 2 / 3, weights=1 - chance)
    assert found.quality.catch == pytest.approx(catch, abs=0.1)
    by_chance = np.average((1 - chance) * 2 / 3, weights=1 - chance) / catch
    assert found.quality.by_chance == pytest.approx(by_chance, abs=0.1)
    assert found.quality.truncated == pytest.approx(0.1, abs=0.05)
    assert found.quality.invalid == pytest.approx(0.1, abs=0.05)
    for name, draws in found.draws.items():
        low, high = np.quantile(draws, [0.025, 0.975])
        assert low < getattr(found.quality, name) < high


def test_success_falls_with_grade_unless_it_does_not(material):
    tau, low, high = falls_with_grade(material, material.right, draws=100, seed=0)
    assert low < tau < high < 0
    even = material_of(Calculator(skill=1.0, care=0.6))
    *_, high = falls_with_grade(even, even.right, draws=100, seed=0)
    assert high > 0
    nothing = np.zeros_like(material.right)
    assert np.isnan(falls_with_grade(material, nothing, draws=10, seed=0)).all()


def expected_event(material, row, attempted, audited, checked):
    """The same by hand, in words."""
    if not attempted:
        return Event.ABSTAINED
    if material.answers[row] == "":
        return Event.TRUNCATED
    side = "RIGHT" if material.right[row] else "WRONG"
    against = audited and material.evidence[row] not in ("", material.answers[row])
    if audited and material.evidence[row] == "":
        return Event[f"{side}_INVALID"]
    if against and side == "RIGHT":
        return Event.RIGHT_FLAGGED
    if against:
        return Event.WRONG_CAUGHT if material.evidence_right[row] else Event.WRONG_CAUGHT_BY_CHANCE
    if checked and side == "WRONG":
        return Event.WRONG_CHECKED
    return Event[f"{side}_CLEARED"] if audited else Event[f"{side}_UNAUDITED"]


def test_every_row_and_choice_has_the_event_that_the_words_say(material):
    rng = np.random.default_rng(0)
    attempted, audited, checked = rng.random((3, material.task.size)) < 0.7
    events = events_of(material, attempted=attempted, audited=audited, checked=checked)
    by_hand = [
        expected_event(material, row, attempted[row], audited[row], checked[row]) for row in range(material.task.size)
    ]
    assert np.array_equal(events, by_hand)
    assert set(np.unique(events)) == set(Event), "all twelve events occur"


def test_a_resolver_that_errs_changes_sides(material):
    always = {"attempted": True, "audited": False, "checked": False}
    swapped = events_of(material, **always, right=~material.right)
    assert np.array_equal(swapped == Event.RIGHT_UNAUDITED, material.readable & ~material.right)


def test_expected_payments_are_the_mean_over_random_checks(material):
    pay = np.stack([AUDITOR_PAY @ PROFILES[name].vector for name in ("default", "audit_seeking")])
    found = expected_pay(material, pay, check_rate=0.3)
    assert found.shape == (2, material.task.size, 2)
    rng = np.random.default_rng(1)
    checked = rng.random((1000, material.task.size)) < 0.3
    for audited in (False, True):
        events = events_of(material, attempted=True, audited=audited, checked=checked)
        assert found[..., int(audited)] == pytest.approx(pay[:, events].mean(axis=1), abs=0.03)


def test_payments_of_the_solver_never_depend_on_an_audit_of_a_right_answer(material):
    pay = np.stack([SOLVER_PAY @ profile.vector for profile in PROFILES.values()])
    found = expected_pay(material, pay, check_rate=0.2)
    right = material.right
    assert np.array_equal(found[:, right, 0], found[:, right, 1])


@pytest.mark.parametrize("counts", [{"samples": 0}, {"audits": 0}])
def test_nothing_to_generate_is_refused(counts):
    with pytest.raises(InputError, match=next(iter(counts))):
        material_of(Calculator(), **counts)
