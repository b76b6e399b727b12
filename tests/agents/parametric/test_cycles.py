"""Where tasks are alike solver and auditor cycle: what each way of training does to the cycles."""

import numpy as np
import pytest
from scipy.special import expit

from agents.parametric import (
    Alternating,
    AuditQuality,
    Optimistic,
    Pairs,
    Simultaneous,
    TaskPool,
    Training,
    pay_of,
    train,
)
from sim.oversight import RewardProfile

POOL = TaskPool(np.repeat([float(expit(-2.5)), 0.99], 20), 0.0, 0.0)
AUDITS = AuditQuality(catch=0.9, false_flag=0.1, invalid=0.0)
PAY = pay_of(
    RewardProfile(
        solver_true_catch_penalty=0.4,
        solver_uncaught_reward=0.35,
        auditor_false_positive_penalty=1.7,
        auditor_explicit_abstain_aligned_reward=0.1,
    ).vector[None]
)


def swings(schedule, **prices):
    """Range of the auditor's logit in the first and the last tenth of training."""
    rule = Training(
        rate=4.0, schedule=schedule, group=None, normalised=False, solver_slope=False, auditor_slope=False, **prices
    )
    pairs = Pairs.alike([0], solver=(4.4, 2.0), auditor=(0.0, 0.0))
    path = []
    for _ in range(800):
        pairs = train(pairs, POOL, AUDITS, PAY, rule, steps=5, seeds=[0])
        path.append(pairs.policies[0, 1, 0])
    return np.ptp(path[:80]), np.ptp(path[-80:])


def test_both_at_once_spiral_out():
    first, last = swings(Simultaneous())
    assert last > 3 * first


def test_in_turns_small_cycles_stay():
    first, last = swings(Alternating())
    assert last == pytest.approx(first, rel=0.1)


def test_optimistic_steps_close_in():
    first, last = swings(Optimistic())
    assert last < 0.01 * first


def test_a_price_on_certainty_draws_them_in():
    first, last = swings(Simultaneous(), entropy=0.02)
    assert last < 0.01 * first
