"""What the studies of parametric agents share: the setting, rewards that are no profile, paired intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import stats

from agents.parametric import AuditQuality, TaskPool, Training
from sim.arrays import Array, read_only
from sim.oversight import PROFILES, OutcomeValues
from sim.oversight.events import Event

ARMS: Array = read_only(np.array([profile.vector for profile in PROFILES.values()]))
"""The eight reward profiles of the reference experiment, (8, 12)."""

_RIGHT_VERDICTS = (Event.RIGHT_UNAUDITED, Event.RIGHT_CLEARED, Event.WRONG_CAUGHT)
RIGHT_OR_WRONG: tuple[Array, Array] = (
    read_only(np.array([event.name.startswith("RIGHT") for event in Event], np.float64)),
    read_only(np.array([event in _RIGHT_VERDICTS for event in Event], np.float64)),
)
"""Rewards 0 or 1 by event, (12,) each: the solver for a right answer, the auditor for a right verdict."""

AGENTS = (
    "Solver and auditor are logistic choices with an intercept and a slope on one noisy signal; the text of an answer "
    "plays no part.",
    "How often audits catch, accuse falsely and can't be read are settings, chosen so that audits die out under the "
    "fixed default as they do in the reference experiment: that they do is no finding.",
    "Tasks follow Beta(1/2, 4/5): 38% of attempts at everything are right, as in the reference experiment.",
)


@dataclass(frozen=True, kw_only=True)
class ParametricStudy:
    """The setting of a study.

    Attributes:
        pool: Tasks.
        audits: How good audits are.
        values: What outcomes are worth to the principal.
        training: How solver and auditor learn.
        seeds: Runs.
        seed: Of the first.
        confidence: Of every interval.
    """

    pool: TaskPool
    audits: AuditQuality
    values: OutcomeValues
    training: Training
    seeds: int
    seed: int
    confidence: float


class Span(NamedTuple):
    """Mean and interval.

    Attributes:
        mean: Over seeds.
        low: Lower end.
        high: Upper end.
    """

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def span(samples: Array, confidence: float, *, at_once: int = 1) -> Span:
    """Student t interval of the mean of one number a seed, (S,); of paired differences, if they are given.

    Args:
        samples: One a seed.
        confidence: Level.
        at_once: How many intervals should hold together at that level (Bonferroni).

    >>> str(span(np.array([0.0, 1.0, 2.0]), 0.95))
    '1.000 [-1.484, 3.484]'
    """
    mean = float(samples.mean())
    quantile = stats.t.ppf(1 - (1 - confidence) / 2 / at_once, samples.size - 1)
    half = float(quantile * samples.std(ddof=1) / np.sqrt(samples.size))
    return Span(mean, mean - half, mean + half)
