"""Policy gradients against derivatives taken another way, sampled against expected ones, and the rules of training."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from agents.parametric import (
    Alternating,
    AuditQuality,
    Optimistic,
    Pairs,
    Pay,
    Simultaneous,
    TaskPool,
    Training,
    beta_rates,
    pay_of,
    train,
)
from sim.errors import InputError
from sim.oversight import PROFILES
from sim.oversight.events import AUDITOR_PAY, SOLVER_PAY, Event

POOL = TaskPool(beta_rates(0.5, 0.8, 40), 0.6, 0.9)
AUDITS = AuditQuality(catch=0.7, false_flag=0.2, by_chance=0.1, invalid=0.1, check_rate=0.2, truncated=0.05)
EXPECTED = Training(rate=1.0, schedule=Simultaneous(), group=None, normalised=False)
PROFILE = PROFILES["audit_seeking"].vector


def pairs_at(solver, auditor, lanes=1):
    return Pairs.alike([0] * lanes, solver=solver, auditor=auditor)


def moved(training, *, start=((0.4, 0.8), (-0.2, -0.5)), profile=PROFILE, pool=POOL, steps=1, seeds=(5,), round=0):
    """How far intercepts and slopes move, (2, 2)."""
    pairs = pairs_at(*start)
    after = train(pairs, pool, AUDITS, pay_of(profile[None]), training, steps=steps, seeds=seeds, round=round)
    return (after.policies - pairs.policies)[0]


def worth(policies, pay, points):
    """Mean payment by event over a batch, all sums written out."""
    success, seen, other = (one[0, 0] for one in points)
    attempt = expit(policies[0][0] + policies[0][1] * seen)
    audit = expit(policies[1][0] + policies[1][1] * other)
    by = AUDITS.events @ pay
    earned = sum(
        (success if right else 1 - success) * (audit if audited else 1 - audit) * by[right, audited]
        for right in (0, 1)
        for audited in (0, 1)
    )
    return ((1 - attempt) * pay[Event.ABSTAINED] + attempt * earned).mean()


@pytest.mark.parametrize("profile", ["default", "audit_seeking", "silent_failure_penalty"])
def test_expected_steps_are_the_derivative_of_what_is_earned(profile):
    vector, start = PROFILES[profile].vector, np.array([[0.4, 0.8], [-0.2, -0.5]])
    points = POOL.every_task(seeds=[5])
    change = moved(EXPECTED, profile=vector)
    for agent, pays in enumerate((SOLVER_PAY, AUDITOR_PAY)):
        for k in range(2):
            nudge = np.zeros((2, 2))
            nudge[agent, k] = 1e-6
            up, down = (worth(start + sign * nudge, pays @ vector, points) for sign in (1, -1))
            assert change[agent, k] == pytest.approx((up - down) / 2e-6, abs=1e-8)


def test_sampled_steps_are_the_expected_ones_on_average():
    pool = TaskPool([0.2, 0.6], 0.0, 0.0)
    exact = moved(EXPECTED, pool=pool)
    drawn = moved(replace(EXPECTED, group=2, batch=100_000), pool=pool)
    assert drawn == pytest.approx(exact, abs=0.006)
    assert np.abs(exact).max() > 0.03


def test_normalised_steps_of_large_groups_are_the_expected_ones():
    pool = TaskPool([0.3, 0.8], 0.0, 0.0)
    normalised = replace(EXPECTED, normalised=True)
    exact = moved(normalised, pool=pool)
    drawn = moved(replace(normalised, group=400, batch=2000), pool=pool)
    assert drawn == pytest.approx(exact, abs=0.01)
    assert exact != pytest.approx(moved(EXPECTED, pool=pool), rel=0.2)


def test_a_group_of_two_by_hand():
    """One rollout attempts and is right, the other declines: advantages of default pay are +-1/sqrt(2)."""
    pool = TaskPool([1.0], 0.0, 0.0)
    after = train(
        pairs_at((0.0, 0.0), (-40.0, 0.0)), pool, AuditQuality(), pay_of(PROFILES["default"].vector[None]),
        Training(rate=1.0, schedule=Alternating(), batch=20_000, group=2), steps=1, seeds=[0],
    )  # fmt: skip
    step = after.policies[0, 0]
    # A group differs half of the time; then its mean of advantage x choice is 1/sqrt(2) / 2.
    assert step[0] == pytest.approx(0.5 / np.sqrt(2) / 2, abs=0.005)
    assert step[1] == pytest.approx(step[0] * logit(0.99), rel=1e-9)


@settings(max_examples=15)
@given(st.permutations(range(5)), st.booleans())
def test_pairs_do_not_touch_each_other(order, normalised):
    rng = np.random.default_rng(0)
    policies = rng.normal(size=(5, 2, 2))
    pay = Pay(rng.normal(size=(5, 12)), rng.normal(size=(5, 12)))
    pairs = Pairs(policies, np.zeros_like(policies), np.array([0, 1, 0, 1, 0]))
    rule = Training(normalised=normalised, batch=3, group=4)
    some = list(order)
    whole = train(pairs, POOL, AUDITS, pay, rule, steps=5, seeds=[1, 2])
    mixed = Pairs(policies[some], np.zeros_like(policies), pairs.streams[some])
    again = train(mixed, POOL, AUDITS, Pay(pay.solver[some], pay.auditor[some]), rule, steps=5, seeds=[1, 2])
    assert np.array_equal(again.policies, whole.policies[some])
    assert np.array_equal(pairs.policies, policies)


def test_training_is_a_matter_of_seed_and_round():
    rule = Training(batch=4, group=4)
    assert np.array_equal(moved(rule, steps=5), moved(rule, steps=5))
    assert not np.array_equal(moved(rule, steps=5), moved(rule, steps=5, round=1))
    assert not np.array_equal(moved(rule, steps=5), moved(rule, steps=5, seeds=(6,)))


def test_in_turns_the_auditor_answers_to_the_solver_s_new_policy():
    start = np.array([[0.4, 0.8], [-0.2, -0.5]])
    together, in_turns = moved(EXPECTED), moved(replace(EXPECTED, schedule=Alternating()))
    assert in_turns[0] == pytest.approx(together[0])
    after = start + np.outer([1, 0], together[0])
    assert in_turns[1] == pytest.approx(moved(EXPECTED, start=tuple(map(tuple, after)))[1])
    assert in_turns[1] != pytest.approx(together[1], rel=1e-3)


def test_optimistic_steps_run_ahead_by_the_change_of_the_gradient():
    rule = replace(EXPECTED, schedule=Optimistic())
    start = np.array([[0.4, 0.8], [-0.2, -0.5]])
    first = moved(EXPECTED)
    after = start + 2 * first  # the last gradient before the first step is zero
    second = moved(EXPECTED, start=tuple(map(tuple, after)))
    assert moved(rule, steps=2) == pytest.approx(2 * first + 2 * second - first)


def test_slopes_stay_where_they_are_not_learned():
    change = moved(replace(EXPECTED, solver_slope=False, auditor_slope=False))
    assert (change[:, 1] == 0).all()
    assert (change[:, 0] != 0).all()


@pytest.mark.parametrize("group", [None, 4])
def test_entropy_leads_to_even_odds_and_attachment_to_the_reference(group):
    nothing, reference = np.zeros(12), pairs_at((1.0, -0.5), (0.3, 0.2))
    rule = Training(rate=1.0, schedule=Simultaneous(), group=group, normalised=False)
    for extra, goal in (({"entropy": 1.0}, np.zeros((2, 2))), ({"attachment": 1.0}, reference.policies[0])):
        after = train(
            pairs_at((0.5, 0.6), (-0.5, 0.4)), POOL, AUDITS, Pay(nothing[None], nothing[None]), replace(rule, **extra),
            steps=400, seeds=[0], reference=reference,
        )  # fmt: skip
        assert after.policies[0] == pytest.approx(goal, abs=0.01)


@pytest.mark.parametrize(
    ("profile", "threshold"), [("high_abstain", 0.5), ("strict_solver_catch", 0.25), ("medium_abstain", 1 / 9)]
)
def test_an_unaudited_solver_learns_its_threshold(profile, threshold):
    """Where it sees its chances clearly it attempts above (abstain - w)/(pass - w) and declines below."""
    pool = TaskPool(np.linspace(0.02, 0.98, 49), 0.0, 0.0)
    audits = AuditQuality()
    after = train(
        pairs_at((0.0, 0.0), (-40.0, 0.0)), pool, audits, pay_of(PROFILES[profile].vector[None]),
        replace(EXPECTED, rate=20.0), steps=3000, seeds=[0],
    )  # fmt: skip
    (constant, slope) = after.policies[0, 0]
    assert expit(-constant / slope) == pytest.approx(threshold, abs=0.03)
    assert slope > 1


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"rate": 0.0}, "rate"),
        ({"group": 1}, "group"),
        ({"batch": 0}, "batch"),
        ({"entropy": -1.0}, "entropy"),
        ({"attachment": -1.0}, "attachment"),
    ],
)
def test_bad_settings_are_named(bad, field):
    with pytest.raises(InputError, match=field):
        Training(**bad)


def test_payments_must_fit_the_pairs():
    with pytest.raises(InputError, match="pay"):
        train(pairs_at((0, 0), (0, 0), lanes=3), POOL, AUDITS, pay_of(PROFILE[None]), EXPECTED, steps=1, seeds=[0])
