"""Play with trained choices, and its ledger: what was said, found and paid, and what it was worth, event by event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from agents.parametric import pay_of
from platforms.oversight.pipeline import Flags, Material
from platforms.oversight.play import events_of
from sim.arrays import Array
from sim.oversight import OutcomeValues
from sim.oversight.events import Event, event_values
from sim.randomness import generator

NAMES = tuple(event.name.lower() for event in Event)


VERDICTS = ("not audited", "invalid", "cleared", "flagged")


@dataclass(frozen=True, eq=False, kw_only=True)
class Played:
    """Play of L lanes on the rows that each lane met.

    Attributes:
        lanes: Name of the profile and seed of each lane.
        profiles: What each lane pays, (L, 12).
        met: Rows each lane met, (L, N).
        audited: Whether an answer was handed in and audited, (L, N).
        true: Event of each row as it was, (L, N).
        judged: Event as the resolver saw it, (L, N): what is paid for.
    """

    lanes: Sequence[tuple[str, int]]
    profiles: Array
    met: Flags
    audited: Flags
    true: NDArray[np.int8]
    judged: NDArray[np.int8]

    @property
    def shares(self) -> Array:
        """Distribution of true events by lane, (L, 12)."""
        counts = [np.bincount(row[met], minlength=len(Event)) for row, met in zip(self.true, self.met, strict=True)]
        found = np.array(counts, np.float64)
        shares: Array = found / found.sum(axis=1, keepdims=True)
        return shares


def play(
    material: Material,
    attempt: Array,
    audit: Array,
    *,
    lanes: Sequence[tuple[str, int]],
    profiles: Array,
    met: Flags,
    check_rate: float,
    judged: Flags | None = None,
) -> Played:
    """Draw every lane's choices and random checks; lanes of one seed share their draws, so that they are paired.

    Args:
        material: Answers and audits.
        attempt: Chance of an attempt, (L, N).
        audit: Chance of an audit of what is handed in, (L, N).
        lanes: Name of the profile and seed of each lane.
        profiles: Reward profiles, (L, 12).
        met: Rows each lane meets, (L, N).
        check_rate: rho.
        judged: Which answers the resolver counts as right, (N,); default: the truth.
    """
    drawn = {
        seed: generator(seed, round=0, agent=-1, purpose="choices of the heads").random((3, material.task.size))
        for seed in dict.fromkeys(seed for _, seed in lanes)
    }
    dice = np.stack([drawn[seed] for _, seed in lanes], axis=1)  # (3, L, N)
    attempted, looked, checked = dice[0] < attempt, dice[1] < audit, dice[2] < check_rate
    true, paid = (
        events_of(material, attempted=attempted, audited=looked, checked=checked, right=right)
        for right in (None, judged)
    )
    return Played(
        lanes=lanes, profiles=profiles, met=met, audited=attempted & material.readable & looked, true=true, judged=paid
    )


def ledger(material: Material, played: Played, values: OutcomeValues, *, family: str) -> dict[str, Any]:
    """Columns of the ledger; `experiments.run_directory.RunDirectory.table` writes them whole or not at all.

    One row an answer that a lane met: its profile and seed, family, task, grade, round (number of the answer to its
    task) and audit, the answer if it was handed in, verdict and evidence if it was audited, the event as judged and as
    it was, what both agents were paid, and what it was worth to the principal.
    """
    lane, row = np.nonzero(played.met)
    pay = pay_of(played.profiles)
    true, judged = played.true[lane, row].astype(np.int64), played.judged[lane, row].astype(np.int64)
    looked = played.audited[lane, row]
    verdict = np.where(material.flagged, 3, np.where(material.audit_readable, 2, 1))[row] * looked
    return {
        "profile": _words([name for name, _ in played.lanes], lane),
        "seed": np.array([seed for _, seed in played.lanes])[lane],
        "family": _words([family], np.zeros_like(lane)),
        "task": _words(material.names, row),
        "grade": material.grade[row],
        "round": material.sample[row],
        "audit": material.audit[row],
        "answer": _words(material.answers, row, true != Event.ABSTAINED),
        "verdict": _words(VERDICTS, verdict, ~np.isin(true, (Event.ABSTAINED, Event.TRUNCATED))),
        "evidence": _words(material.evidence, row, looked & material.audit_readable[row]),
        "judged": _words(NAMES, judged),
        "event": _words(NAMES, true),
        "paid to the solver": pay.solver[lane, judged],
        "paid to the auditor": pay.auditor[lane, judged],
        "worth to the principal": event_values(values)[true],
    }


def _words(words: Sequence[str], index: NDArray[np.integer[Any]], known: Flags | None = None) -> pa.Array:
    """A column of texts by number, null where nothing is known."""
    found = np.array(words, dtype=object)[index]
    return pa.array(found, pa.string(), mask=None if known is None else ~known).dictionary_encode()
