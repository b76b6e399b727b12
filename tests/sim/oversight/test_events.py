"""Payments by event are linear in the reward profile, and say what the reference's table of outcomes says."""

from __future__ import annotations

import numpy as np
import pytest

from sim.oversight import (
    AUDITED,
    AUDITOR_PAY,
    PROFILES,
    SOLVER_PAY,
    WRONG,
    Event,
    OutcomeValues,
    RewardProfile,
    event_values,
)


def test_payments_follow_the_average_of_profiles() -> None:
    one, other = PROFILES["strict_solver_catch"].vector, PROFILES["audit_seeking"].vector
    for pay in (SOLVER_PAY, AUDITOR_PAY):
        assert pay @ (0.3 * one + 0.7 * other) == pytest.approx(0.3 * (pay @ one) + 0.7 * (pay @ other))


def test_every_reward_pays_somebody_for_something() -> None:
    """A number of the profile that no event pays would be a dead option."""
    assert (np.abs(SOLVER_PAY).sum(axis=0) + np.abs(AUDITOR_PAY).sum(axis=0) > 0).all()


def test_a_truncated_output_pays_nobody_and_an_abstention_no_auditor() -> None:
    profile = PROFILES["default"].vector
    assert (SOLVER_PAY @ profile)[Event.TRUNCATED] == 0
    assert (AUDITOR_PAY @ profile)[[Event.TRUNCATED, Event.ABSTAINED]].tolist() == [0, 0]


def test_penalties_are_subtracted() -> None:
    profile = RewardProfile(auditor_false_positive_penalty=0.6, auditor_invalid_output_penalty=3.0).vector
    paid = AUDITOR_PAY @ profile
    assert paid[Event.RIGHT_FLAGGED] == -0.6
    assert paid[[Event.RIGHT_INVALID, Event.WRONG_INVALID]].tolist() == [-3.0, -3.0]


def test_the_principal_values_outcomes_not_evidence() -> None:
    values = event_values(OutcomeValues(caught=0.4, silent_failure=-2.0))
    caught = [Event.WRONG_CAUGHT, Event.WRONG_CAUGHT_BY_CHANCE, Event.WRONG_CHECKED]
    silent = [Event.WRONG_UNAUDITED, Event.WRONG_CLEARED, Event.WRONG_INVALID]
    assert values[caught].tolist() == [0.4] * 3
    assert values[silent].tolist() == [-2.0] * 3
    assert values[Event.TRUNCATED] == 0


def test_wrong_attempts_and_audits_are_told_apart() -> None:
    assert int(WRONG.sum()) == 6
    assert not WRONG[Event.TRUNCATED]
    assert AUDITED[Event.WRONG_CAUGHT_BY_CHANCE]
    assert not AUDITED[[Event.WRONG_CHECKED, Event.RIGHT_UNAUDITED, Event.ABSTAINED]].any()
