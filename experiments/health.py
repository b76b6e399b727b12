"""Run health: what went wrong while a run went on, counted, against what it may be and the run still be trusted."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agents.subpopulations.elicitation import ElicitedAnswers
from experiments.play import Record

Measured = dict[str, float | None]
"""Key of conf/config.yaml's `health` -> what was measured; None where it had to be and could not."""


@dataclass(frozen=True)
class Check:
    """One measured value against its threshold.

    Attributes:
        key: Its key in the configuration's `health`.
        value: What was measured; None if that failed.
        limit: The most that is healthy.
    """

    key: str
    value: float | None
    limit: float

    @property
    def name(self) -> str:
        """The key in words."""
        return self.key.replace("_", " ")

    @property
    def healthy(self) -> bool:
        """Whether the value is known, a number, and no more than the limit."""
        return self.value is not None and self.value <= self.limit

    def __str__(self) -> str:
        """The value and the limit, as `repeated posts 0.62 > 0.5`."""
        if self.value is None:
            return f"{self.name} not measured"
        return f"{self.name} {self.value:.3g} {'<=' if self.healthy else '>'} {self.limit:g}"


@dataclass(frozen=True)
class Health:
    """All checks of a run; a run without a language model may have none, and is healthy.

    >>> print(judged({"repeated_posts": 0.62, "restarts": 1}, {"repeated_posts": 0.5, "restarts": 2}))
    UNHEALTHY: repeated posts 0.62 > 0.5
    """

    checks: tuple[Check, ...] = ()

    @property
    def healthy(self) -> bool:
        """Whether every check is."""
        return all(check.healthy for check in self.checks)

    @property
    def complaint(self) -> str:
        """The checks over their limits in words; empty for a healthy run."""
        return "; ".join(str(check) for check in self.checks if not check.healthy)

    def __str__(self) -> str:
        """The outcome in one line."""
        return f"healthy ({len(self.checks)} checks)" if self.healthy else f"UNHEALTHY: {self.complaint}"

    def to_dict(self) -> dict[str, Any]:
        """As in verdict.json or findings.json."""
        checks = [
            {"name": check.key, "value": check.value, "limit": check.limit, "healthy": check.healthy}
            for check in self.checks
        ]
        return {"healthy": self.healthy, "checks": checks}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Health:
        """What `to_dict` wrote."""
        return cls(tuple(Check(check["name"], check["value"], check["limit"]) for check in found["checks"]))


def judged(measured: Mapping[str, float | None], limits: Mapping[str, Any]) -> Health:
    """Hold what was measured against the limits; what is no number counts as not measured.

    Args:
        measured: Values by key; keys that a run has nothing to count for are left out.
        limits: The configuration's `health`.
    """
    return Health(tuple(Check(key, _number(value), float(limits[key])) for key, value in measured.items()))


def finished_health(file: Path) -> Health:
    """Health of a finished run, from its verdict.json or findings.json."""
    return Health.from_dict(json.loads(file.read_text(encoding="utf-8"))["health"])


def of_posts(record: Record, *, seeds: int, rounds: int) -> Measured:
    """What a play's posts show.

    A repeated post has the text of an earlier one of the same seed. A silent account never wrote a text. An unfinished
    seed was not played to the last round, or not with numbers.

    Args:
        record: What was played.
        seeds: Seeds that were to be played.
        rounds: Rounds that were to be played.
    """
    posts = record.posts
    spoken = [(seed, post.text) for seed, _, post in posts if post.text]
    wrote = {(seed, post.draft.account) for seed, _, post in posts if post.text}
    accounts = len(record.seeds) * record.start.shape[1]
    whole = np.asarray(np.isfinite(record.trajectories).all(axis=(1, 2, 3)))
    finished = int(whole.sum()) if len(record.rounds) == rounds else 0
    return {
        "silent_posts": 1.0 - len(spoken) / len(posts) if posts else None,
        "silent_accounts": 1.0 - len(wrote) / accounts,
        "repeated_posts": 1.0 - len(set(spoken)) / len(spoken) if spoken else None,
        "unfinished_seeds": float(seeds - finished),
    }


def of_answers(*answers: ElicitedAnswers | None) -> Measured:
    """Share of sampled answers that could not be read, the largest of several readings; nothing without samples."""
    shares = [float(one.failures.mean()) for one in answers if one is not None and one.failures is not None]
    return {"unreadable_answers": max(shares)} if shares else {}


def of_models(*models: object) -> Measured:
    """How often the servers of language models had to be started again: never, where a model has none."""
    return {"restarts": float(sum(getattr(model, "restarts", 0) for model in models))} if models else {}


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
