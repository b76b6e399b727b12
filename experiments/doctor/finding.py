"""What one check found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        what: What was looked at, in a few words.
        found: What is there.
        state: "ok"; "warn" where runs work without it, only slower or without some part; "fail" where they don't.
        remedy: What to do about it; empty where nothing is to be done.
    """

    what: str
    found: str
    state: State = "ok"
    remedy: str = ""


Check = Callable[[], Finding]


def bounded(
    what: str, found: str, value: float, *, needed: float, wanted: float, remedy: str, short: State = "fail"
) -> Finding:
    """A finding on something there may be too little of.

    Args:
        what: What was looked at.
        found: What is there, in words.
        value: How much there is.
        needed: With less, nothing works.
        wanted: With less, some runs don't.
        remedy: What to do about too little.
        short: The state below `needed`.

    >>> bounded("disk", "3 GiB free", 3.0, needed=1.0, wanted=5.0, remedy="free some").state
    'warn'
    """
    if value < needed:
        return Finding(what, found, short, remedy)
    return Finding(what, found, "warn", remedy) if value < wanted else Finding(what, found)
