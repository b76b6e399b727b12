"""Heads learn what pays; the closed forms say the same; the ledger tells what happened and what was paid."""

import dataclasses

import numpy as np
import pyarrow as pa
import pytest

from agents.language.calculator import Calculator
from agents.parametric import AuditQuality, pay_of
from platforms.oversight.decision_heads import HeadTraining, chances, split, train_heads
from platforms.oversight.families import arithmetic
from platforms.oversight.ledger import ledger, play
from platforms.oversight.pipeline import generate
from platforms.oversight.play import events_of
from platforms.oversight.prediction import audit_gains, audit_threshold, event_shares, predict
from sim.errors import InputError
from sim.oversight import PROFILES, InspectionGame, OutcomeValues, RewardProfile, solver_threshold
from sim.oversight.events import Event, event_values

TRAINING = HeadTraining(rounds=12, steps=20, batch=64, rate=1.0)


@pytest.fixture(scope="module")
def material():
    family = arithmetic(grades=[1, 5, 7], per_grade=25, seed=0, temperature=1.0)
    return generate(Calculator(skill=0.6, silence=0.05), family, samples=4, audits=2, seed=1)


def vectors(*profiles):
    return np.stack([profile.vector for profile in profiles])


def trained(material, profiles, **changed):
    given = {"drawn": np.ones((2, material.task.size), int), "check_rate": 0.0, "seed": 3}
    return chances(material, train_heads(material, profiles, TRAINING, **given | changed))


def test_heads_follow_the_money(material):
    """Dear abstentions are taken, free ones are not; audits that only cost are left, audits that only pay are made."""
    always = RewardProfile(solver_abstain_reward=5.0, auditor_false_positive_penalty=5.0, auditor_true_catch_reward=0.0)
    never = RewardProfile(
        solver_abstain_reward=-5.0, auditor_false_positive_penalty=-1.0, auditor_miss_aligned_reward=1.0,
        auditor_miss_misaligned_penalty=-1.0, auditor_invalid_output_penalty=-1.0, auditor_false_catch_penalty=-1.0,
    )  # fmt: skip
    attempt, audit = (one.reshape(2, 2, -1).mean(axis=(1, 2)) for one in trained(material, vectors(always, never)))
    assert attempt[0] < 0.1
    assert attempt[1] > 0.9
    assert audit[1] > 0.9
    waiting = trained(material, vectors(dataclasses.replace(always, solver_abstain_reward=-5.0)))[1]
    assert waiting.mean() < 0.1


def test_the_surer_an_answer_the_more_it_is_handed_in_and_the_less_it_is_audited(material):
    attempt, audit = trained(material, vectors(PROFILES["high_abstain"], PROFILES["audit_seeking"]))
    right, wrong = material.right, material.readable & ~material.right
    assert np.all(attempt[:2, right].mean(axis=1) > attempt[:2, wrong].mean(axis=1) + 0.2)
    assert np.all(audit[2:, right].mean(axis=1) < audit[2:, wrong].mean(axis=1) - 0.2)


def test_training_depends_on_its_own_seed_and_rows_alone(material):
    profiles = vectors(PROFILES["default"], PROFILES["high_abstain"])
    both = trained(material, profiles)
    again = trained(material, profiles[1:])
    assert both[0][2:] == pytest.approx(again[0])
    other = trained(material, profiles[1:], seed=4)
    assert other[0][0] == pytest.approx(again[0][1]), "the first repetition of seed 4 is the second of seed 3"
    assert np.abs(other[0] - again[0]).max() > 1e-6


def test_a_resolver_that_errs_is_what_heads_learn_from(material):
    """If wrong answers are paid as right and right ones as wrong, the surest answers are no longer handed in."""
    profiles = vectors(PROFILES["high_abstain"])
    exact, _ = trained(material, profiles)
    fooled, _ = trained(material, profiles, judged=~material.right)
    right = material.right
    assert exact[:, right].mean() > fooled[:, right].mean() + 0.3


def test_a_split_keeps_whole_tasks_apart(material):
    parts = split(material, seeds=4, seed=0)
    for drawn, held_out in zip(*parts, strict=True):
        assert drawn.sum() == material.task.size, "as many tasks are drawn as there are"
        assert not set(material.task[drawn > 0]) & set(material.task[held_out])
        assert set(material.task[drawn > 0]) | set(material.task[held_out]) == set(material.task)
    one = dataclasses.replace(material, task=np.zeros_like(material.task))
    with pytest.raises(InputError, match="tasks"):
        split(one, seeds=1, seed=0)


@pytest.mark.parametrize("changed", [{"rate": 0.0}, {"batch": 0}, {"entropy": -1.0}])
def test_training_that_cannot_be_is_refused(changed):
    with pytest.raises(InputError, match=next(iter(changed))):
        HeadTraining(**changed)


@pytest.mark.parametrize("name", PROFILES)
def test_an_audit_pays_below_the_threshold_and_not_above(name):
    quality = AuditQuality(catch=0.8, false_flag=0.2, by_chance=0.3, invalid=0.05, check_rate=0.1)
    profile = PROFILES[name]
    limit = audit_threshold(profile, quality)
    assert 0 < limit < 1
    earned = quality.events @ pay_of(profile.vector[None]).auditor[0]
    for chance, sign in ((limit - 0.01, 1), (limit, 0), (limit + 0.01, -1)):
        gain = chance * (earned[1, 1] - earned[1, 0]) + (1 - chance) * (earned[0, 1] - earned[0, 0])
        assert np.sign(np.round(gain, 12)) == sign


def test_audits_that_never_pay_have_no_threshold():
    assert audit_threshold(RewardProfile(auditor_true_catch_reward=0.0), AuditQuality(catch=0.0)) == -np.inf
    liked = RewardProfile(auditor_false_positive_penalty=-1.0, auditor_miss_aligned_reward=1.0)
    assert audit_threshold(liked, AuditQuality(invalid=0.0)) == np.inf


@pytest.mark.parametrize("name", ["default", "false_positive_averse"])
def test_with_perfect_audits_the_threshold_is_the_inspection_games_equilibrium(name):
    """What an audit of a wrong output earns is r_catch, what one of a right output forgoes is r_fp."""
    profile = PROFILES[name]
    game = InspectionGame(
        aligned=1.0,
        misaligned=-1.0,
        catch=profile.auditor_true_catch_reward + profile.auditor_explicit_abstain_misaligned_penalty,
        false_positive=profile.auditor_explicit_abstain_aligned_reward - profile.auditor_miss_aligned_reward,
        audit_cost=0.0,
        private_gain=0.5,
    )
    perfect = AuditQuality(catch=1.0, false_flag=0.0, invalid=0.0)
    assert audit_threshold(profile, perfect) == pytest.approx(game.equilibrium().aligned)


@pytest.mark.parametrize("name", PROFILES)
def test_predicted_choices_are_best_responses(name):
    profile, quality = PROFILES[name], AuditQuality(catch=0.9, false_flag=0.1, by_chance=0.2, invalid=0.0)
    success = np.linspace(0.005, 0.995, 100)
    audited = success <= audit_threshold(profile, quality)
    found = predict(profile, quality, solver_sees=success, audited=audited, truth=success)
    if np.all((found.attempt == 0) | (found.attempt == 1)):  # at rest, no circle
        wrong = found.attempt * (1 - success)
        kappa = 0.9 * found.audit @ wrong / wrong.sum()
        assert found.catch_rate == pytest.approx(kappa)
        assert np.array_equal(found.attempt == 1, success >= solver_threshold(profile, kappa))
    assert event_shares(found, quality, success).sum() == pytest.approx(1)


@pytest.mark.parametrize("name", PROFILES)
def test_gains_of_audits_that_are_alike_change_sign_at_the_threshold(name):
    quality = AuditQuality(catch=0.8, false_flag=0.2, by_chance=0.3, invalid=0.05)
    chance = np.linspace(0, 1, 201)
    events = chance[:, None] * quality.events[1, 1] + (1 - chance[:, None]) * quality.events[0, 1]
    gains = audit_gains(PROFILES[name], events)
    assert np.array_equal(gains >= 0, chance <= audit_threshold(PROFILES[name], quality))


def test_without_audits_the_thresholds_are_those_of_the_documentation():
    success = np.linspace(0.0005, 0.9995, 1000)
    blind = AuditQuality(catch=0.0, false_flag=0.0, invalid=0.0)
    for name, expected in (("medium_abstain", 0.111), ("high_abstain", 0.5), ("silent_failure_penalty", 0.419)):
        found = predict(PROFILES[name], blind, solver_sees=success, audited=success < 0, truth=success)
        assert found.attempt.mean() == pytest.approx(1 - expected, abs=2e-3)


@pytest.fixture(scope="module")
def played(material):
    attempt = np.full((4, material.task.size), 0.8)
    lanes = [(name, seed) for name in ("default", "strict_solver_catch") for seed in (3, 4)]
    profiles = vectors(*(PROFILES[name] for name, _ in lanes))
    met = np.broadcast_to(material.task % 2 == 0, attempt.shape)
    return play(
        material, attempt, attempt, lanes=lanes, profiles=profiles, met=met, check_rate=0.3, judged=~material.right
    )


def test_lanes_of_a_seed_are_paired_and_shares_are_of_what_was_met(material, played):
    assert np.array_equal(played.true[0], played.true[2])
    assert not np.array_equal(played.true[0], played.true[1])
    counted = np.bincount(played.true[1][material.task % 2 == 0], minlength=12)
    assert played.shares[1] == pytest.approx(counted / counted.sum())


def test_the_ledger_says_what_was_said_found_and_paid(material, played):
    rows = pa.table(ledger(material, played, OutcomeValues(), family="arithmetic")).to_pylist()
    assert len(rows) == 4 * (material.task % 2 == 0).sum()
    worth = event_values(OutcomeValues())
    pay = {name: pay_of(PROFILES[name].vector[None]) for name in ("default", "strict_solver_catch")}
    for row in rows[:: len(rows) // 300]:
        judged, true = Event[row["judged"].upper()], Event[row["event"].upper()]
        assert row["paid to the solver"] == pay[row["profile"]].solver[0, judged]
        assert row["paid to the auditor"] == pay[row["profile"]].auditor[0, judged]
        assert row["worth to the principal"] == worth[true]
        assert (row["answer"] is None) == (true is Event.ABSTAINED)
        assert (row["verdict"] is None) == (true in (Event.ABSTAINED, Event.TRUNCATED))
        if row["verdict"] == "flagged":
            assert row["evidence"] != row["answer"]
            assert true in (Event.RIGHT_FLAGGED, Event.WRONG_CAUGHT, Event.WRONG_CAUGHT_BY_CHANCE)
        if row["verdict"] in ("not audited", "invalid", None):
            assert row["evidence"] is None
        if row["answer"]:
            problem = row["task"].partition(": ")[2]
            right = row["answer"] == str(eval(problem))  # noqa: S307 - a sum
            assert true.name.startswith("RIGHT" if right else "WRONG")
            assert judged.name.startswith("WRONG" if right else "RIGHT"), "this resolver is always mistaken"
    assert {row["verdict"] for row in rows} == {None, "not audited", "invalid", "cleared", "flagged"}


def test_a_ledgers_events_are_those_of_the_choices(material, played):
    sure = np.ones((1, material.task.size))
    given = {"lanes": [("default", 0)], "profiles": vectors(PROFILES["default"]), "met": sure > 0}
    found = play(material, sure, sure, check_rate=1.0, **given)
    assert np.array_equal(found.true[0], events_of(material, attempted=True, audited=True, checked=True))
    assert np.array_equal(found.true, found.judged)
