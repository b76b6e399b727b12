"""What the closed forms say solver and auditor will do, given how good they were measured to be.

The auditor looks where an audit pays: at answers less likely right than a threshold that its rewards, k_tp and k_fp
set. What is caught of the wrong attempts gives kappa, and kappa the solver's threshold (`solver_threshold`). The two
are iterated to rest; where they turn in a circle, the circle's average counts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from agents.parametric import AuditQuality, pay_of
from sim.arrays import Array
from sim.errors import InputError
from sim.oversight import RewardProfile, solver_threshold
from sim.oversight.events import WRONG, Event

_ITERATIONS = 200


class Predicted(NamedTuple):
    """Predicted choices at N answers.

    Attributes:
        attempt: Chance of an attempt, (N,).
        audit: Chance that an attempt is audited, (N,).
        solver_threshold: Least chance of success that is attempted, at the kappa reached.
        catch_rate: kappa.
    """

    attempt: Array
    audit: Array
    solver_threshold: float
    catch_rate: float


def audit_threshold(profile: RewardProfile, quality: AuditQuality) -> float:
    """Chance of being right at which an audit pays exactly as much as none: what p* is to the inspection game.

    Expected payments are linear in that chance. -inf where audits never pay, inf where they always do.

    >>> round(audit_threshold(RewardProfile(), AuditQuality(catch=1.0, false_flag=0.5, invalid=0.0)), 3)
    0.645
    """
    events = quality.events
    earned = events @ pay_of(profile.vector[None]).auditor[0]
    on_wrong, on_right = (float(earned[right, 1] - earned[right, 0]) for right in (0, 1))
    if on_wrong * on_right >= 0:
        return np.inf if max(on_wrong, on_right) > 0 else -np.inf
    if on_wrong < 0:
        raise InputError("profile", profile, "audits pay on right answers alone; no threshold describes that")
    return on_wrong / (on_wrong - on_right)


def audit_gains(profile: RewardProfile, chances: Array) -> Array:
    """What an audit earns beside none, (N,), where it is known how likely each event is.

    Args:
        profile: What the auditor is paid.
        chances: Of each event of an audited attempt, (N, 12); rows sum to 1.
    """
    earned = pay_of(profile.vector[None]).auditor[0]
    unaudited = np.where(WRONG > 0, earned[Event.WRONG_UNAUDITED], earned[Event.RIGHT_UNAUDITED])
    gains: Array = chances @ (earned - unaudited)
    return gains


def predict(
    profile: RewardProfile, quality: AuditQuality, *, solver_sees: Array, audited: ArrayLike, truth: Array
) -> Predicted:
    """Best responses of a solver who knows how likely each answer is right to an auditor who looks at some of them.

    Args:
        profile: What they are paid.
        quality: How good audits are.
        solver_sees: Chance of success by the solver's knowledge, (N,).
        audited: Which answers pay an audit, (N,): by `audit_threshold` or `audit_gains`.
        truth: Chance of success, or what came of it, (N,): weighs the wrong attempts.
    """
    audit = np.asarray(audited, np.float64)
    caught_if_audited = quality.events[0, 1, [Event.WRONG_CAUGHT, Event.WRONG_CAUGHT_BY_CHANCE, Event.WRONG_CHECKED]]
    rate = float(caught_if_audited.sum()) / (1 - quality.truncated)
    attempt = np.ones_like(audit)
    kappa = 0.0
    path = []
    for _ in range(_ITERATIONS):
        wrong = attempt * (1 - truth)
        if wrong.sum() > 0:
            looked = float(audit @ wrong / wrong.sum())
            kappa = looked * rate + (1 - looked) * quality.check_rate
        attempt = (solver_sees >= solver_threshold(profile, kappa)).astype(np.float64)
        path.append((kappa, attempt))
    last = path[_ITERATIONS // 2 :]
    kappa = float(np.mean([one for one, _ in last]))
    return Predicted(np.mean([one for _, one in last], axis=0), audit, solver_threshold(profile, kappa), kappa)


def event_shares(predicted: Predicted, quality: AuditQuality, truth: Array) -> Array:
    """Distribution of events over the answers, (12,)."""
    table = quality.events
    shares = np.zeros(len(Event))
    for right, share in enumerate((1 - truth, truth)):
        for audited, looked in enumerate((1 - predicted.audit, predicted.audit)):
            shares += (predicted.attempt * share * looked).mean() * table[right, audited]
    shares[Event.ABSTAINED] = 1 - predicted.attempt.mean()
    return shares
