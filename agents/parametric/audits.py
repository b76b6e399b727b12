"""What an audit brings: evidence for or against the output, right or wrong, or nothing that can be read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.arrays import Array, read_only
from sim.oversight.checks import share
from sim.oversight.events import Event


@dataclass(frozen=True, kw_only=True)
class AuditQuality:
    """How good audits are, and what else can happen to an attempt.

    Attributes:
        catch: k_tp, probability that an audit flags a wrong output.
        false_flag: k_fp, probability that it flags a right one.
        by_chance: Share of the flags on wrong outputs whose evidence is itself wrong.
        invalid: Share of audits that can't be read.
        check_rate: rho, share of the wrong outputs nobody flagged that a random check finds.
        truncated: Share of attempts that hold no answer.

    Raises:
        InputError: At construction: one is no probability; the message names it.
    """

    catch: float = 0.5
    false_flag: float = 0.3
    by_chance: float = 0.0
    invalid: float = 0.1
    check_rate: float = 0.0
    truncated: float = 0.0

    def __post_init__(self) -> None:
        for name in ("catch", "false_flag", "by_chance", "invalid", "check_rate", "truncated"):
            share(name, getattr(self, name))

    @cached_property
    def events(self) -> Array:
        """P(event | the attempt is right, it is audited), (2, 2, 12): right 0 or 1, audited 0 or 1."""
        table = np.zeros((2, 2, len(Event)))
        readable, unflagged = 1 - self.invalid, 1 - self.check_rate
        table[1, 0, Event.RIGHT_UNAUDITED] = 1
        table[1, 1, Event.RIGHT_FLAGGED] = readable * self.false_flag
        table[1, 1, Event.RIGHT_CLEARED] = readable * (1 - self.false_flag)
        table[1, 1, Event.RIGHT_INVALID] = self.invalid
        table[0, 0, Event.WRONG_UNAUDITED] = unflagged
        table[0, 0, Event.WRONG_CHECKED] = self.check_rate
        table[0, 1, Event.WRONG_CAUGHT] = readable * self.catch * (1 - self.by_chance)
        table[0, 1, Event.WRONG_CAUGHT_BY_CHANCE] = readable * self.catch * self.by_chance
        table[0, 1, Event.WRONG_CLEARED] = readable * (1 - self.catch) * unflagged
        table[0, 1, Event.WRONG_CHECKED] = readable * (1 - self.catch) * self.check_rate
        table[0, 1, Event.WRONG_INVALID] = self.invalid
        table *= 1 - self.truncated
        table[:, :, Event.TRUNCATED] = self.truncated
        return read_only(table)
