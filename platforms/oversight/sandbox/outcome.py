"""What can become of a job in the sandbox, and how it is told from what the process left behind."""

from __future__ import annotations

import ast
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from platforms.oversight.sandbox.assertion import Assertion


class Outcome(StrEnum):
    """How a job ended."""

    PASSED = "passed"
    FAILED = "failed"
    """A call came to another value than asserted."""
    ERROR = "error"
    """An exception, an exit, or a crash."""
    TIMEOUT = "timeout"
    """Out of processor time or past the deadline."""
    MEMORY = "memory"
    OUTPUT = "output"
    """More output than is kept."""
    FORBIDDEN = "forbidden"
    """Asked the kernel for a file, a socket, a process or anything else that is walled off."""
    IMPORT_REFUSED = "import refused"


@dataclass(frozen=True)
class SandboxOutcome:
    """How a job ended, and a line on it (an exception, the assertion that failed), cut to 200 characters."""

    kind: Outcome
    detail: str = ""


_BY_SIGNAL = {
    signal.SIGSYS: SandboxOutcome(Outcome.FORBIDDEN, "asked the kernel for what is walled off"),
    signal.SIGXCPU: SandboxOutcome(Outcome.TIMEOUT, "out of processor time"),
    signal.SIGKILL: SandboxOutcome(Outcome.TIMEOUT, "out of processor time, ignoring the warning"),
}


def outcome_of(report: bytes, status: int, assertions: Sequence[Assertion]) -> SandboxOutcome:
    """Read a finished process.

    Args:
        report: What it wrote about itself: untrusted, for the code may have written it.
        status: Its exit status, negative for a signal.
        assertions: What was asked of it.
    """
    if status < 0:
        other = SandboxOutcome(Outcome.ERROR, f"ended by signal {-status}")
        return next((outcome for number, outcome in _BY_SIGNAL.items() if number == -status), other)
    said = parsed(report)
    match said.get("kind"):
        case "values":
            return _compared(said.get("values"), assertions)
        case "memory" | "import refused" | "error" as kind:
            return SandboxOutcome(Outcome(kind), str(said.get("detail", ""))[:200])
    return SandboxOutcome(Outcome.ERROR, "ended without a report")


def parsed(report: bytes) -> dict[str, Any]:
    """What a process says of itself; empty where that is no report."""
    try:
        said = ast.literal_eval(report.decode())
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _compared(values: object, assertions: Sequence[Assertion]) -> SandboxOutcome:
    if not isinstance(values, list) or len(values) != len(assertions):
        return SandboxOutcome(Outcome.ERROR, "ended without a report")
    for assertion, value in zip(assertions, values, strict=True):
        if not isinstance(value, str) or not assertion.holds(value):
            return SandboxOutcome(Outcome.FAILED, f"{assertion.text}: found {value}"[:200])
    return SandboxOutcome(Outcome.PASSED)
