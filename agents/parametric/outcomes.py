"""What pairs of solver and auditor bring about, exactly: no play is sampled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from agents.parametric.audits import AuditQuality
from agents.parametric.tasks import TaskPool
from agents.parametric.training import Pairs
from sim.arrays import Array
from sim.oversight.events import AUDITED, WRONG, Event, event_values
from sim.oversight.outcomes import OutcomeValues

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(9)


class Rates(NamedTuple):
    """What the principal sees of pairs; every field has the shape of the distributions, less their last axis.

    Attributes:
        value: The principal's, per task.
        hallucination: Wrong attempts per task (the reference's definition).
        abstention: Abstentions per task.
        audits: Audits per attempt; 0 where nothing is attempted.
        silent: Wrong attempts that nobody found, per task.
    """

    value: Array
    hallucination: Array
    abstention: Array
    audits: Array
    silent: Array


def event_chances(pairs: Pairs, pool: TaskPool, audits: AuditQuality) -> Array:
    """Distribution of events over the pool's tasks and the noise of signals, (L, 12); quadrature with nine nodes."""
    attempt = _chance(pairs.policies[:, 0], pool.logits, pool.solver_noise)
    audit = _chance(pairs.policies[:, 1], pool.logits, pool.auditor_noise)
    rates = np.asarray(pool.rates)
    table = audits.events
    chances: Array = np.zeros((len(attempt), len(Event)))
    for right, share in enumerate((1 - rates, rates)):
        for audited, looked in enumerate((1 - audit, audit)):
            chances += (attempt * share * looked).mean(axis=1)[:, None] * table[right, audited]
    chances[:, Event.ABSTAINED] = 1 - attempt.mean(axis=1)
    return chances


def rates_of(chances: Array, values: OutcomeValues) -> Rates:
    """Rates from distributions (or shares) of events, (..., 12)."""
    abstention = chances[..., Event.ABSTAINED]
    attempts = 1 - abstention - chances[..., Event.TRUNCATED]
    audited = chances @ AUDITED
    unseen = [Event.WRONG_UNAUDITED, Event.WRONG_CLEARED, Event.WRONG_INVALID]
    return Rates(
        value=chances @ event_values(values),
        hallucination=chances @ WRONG,
        abstention=abstention,
        audits=np.divide(audited, attempts, out=np.zeros_like(audited), where=attempts > 1e-12),
        silent=chances[..., unseen].sum(axis=-1),
    )


def _chance(policies: Array, logits: Array, noise: float) -> Array:
    """Chance of a choice at each task, (L, N): sigmoid averaged over the signal's noise."""
    seen = logits[:, None] + noise * _NODES
    chosen: Array = expit(policies[:, 0, None, None] + policies[:, 1, None, None] * seen) @ (_WEIGHTS / _WEIGHTS.sum())
    return chosen
