"""Wording of what play showed."""

from __future__ import annotations

from collections.abc import Mapping

from agents.subpopulations.gate import Gate
from experiments.study import Claim
from sim.convergence.verdict import Interval


def voices_carry(gates: Mapping[str, Gate]) -> Claim:
    """Whether every voice prefers its own group's words."""
    gate = next(iter(gates.values()), None)
    return Claim(
        name="voices carry their groups",
        statement="On held-out texts every voice prefers its own group's, by the margin.",
        found="not checked: the voices are known"
        if gate is None
        else f"least margin {gate.margins.min():+.2f} nats per token, needed {gate.required:+.2f}",
        holds=None if gate is None else gate.passed,
    )


def in_words(found: Interval) -> str:
    """An estimate with its interval."""
    return f"{found.estimate:.3f} [{found.low:.3f}, {found.high:.3f}]"


def sure(*, yes: bool, no: bool) -> bool | None:
    """True or False where the interval says so, None where it leaves both open."""
    return True if yes else (False if no else None)
