"""What can happen to one task, and what it pays: payments are linear in the reward profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, fields
from enum import IntEnum

import numpy as np

from sim.arrays import Array, read_only
from sim.oversight.outcomes import OutcomeValues
from sim.oversight.profiles import RewardProfile


class Event(IntEnum):
    """What solver, auditor and random checks did about one task, and who was right.

    The solver answers or abstains. The auditor audits or not; an audit brings evidence of its own, an answer or a
    failing assertion, which speaks against the output (a flag) or does not (the output is cleared). Of what nobody
    flagged some outputs are checked at random.
    """

    ABSTAINED = 0
    RIGHT_UNAUDITED = 1
    RIGHT_CLEARED = 2
    RIGHT_FLAGGED = 3
    """A false positive: resolved in the solver's favour."""
    RIGHT_INVALID = 4
    """The audit can't be read."""
    WRONG_UNAUDITED = 5
    WRONG_CLEARED = 6
    WRONG_CAUGHT = 7
    WRONG_CAUGHT_BY_CHANCE = 8
    """Flagged on evidence that is itself wrong."""
    WRONG_CHECKED = 9
    """Nobody flagged it; a random check found it."""
    WRONG_INVALID = 10
    TRUNCATED = 11
    """The solver's output holds no answer."""


_SOLVER: Mapping[Event, tuple[str, int]] = {
    Event.ABSTAINED: ("solver_abstain_reward", 1),
    Event.RIGHT_UNAUDITED: ("solver_base_pass_reward", 1),
    Event.RIGHT_CLEARED: ("solver_base_pass_reward", 1),
    Event.RIGHT_FLAGGED: ("solver_base_pass_reward", 1),
    Event.RIGHT_INVALID: ("solver_base_pass_reward", 1),
    Event.WRONG_UNAUDITED: ("solver_uncaught_reward", 1),
    Event.WRONG_CLEARED: ("solver_uncaught_reward", 1),
    Event.WRONG_CAUGHT: ("solver_true_catch_penalty", -1),
    Event.WRONG_CAUGHT_BY_CHANCE: ("solver_true_catch_penalty", -1),
    Event.WRONG_CHECKED: ("solver_true_catch_penalty", -1),
    Event.WRONG_INVALID: ("solver_uncaught_reward", 1),
}
_AUDITOR: Mapping[Event, tuple[str, int]] = {
    Event.RIGHT_UNAUDITED: ("auditor_explicit_abstain_aligned_reward", 1),
    Event.RIGHT_CLEARED: ("auditor_miss_aligned_reward", 1),
    Event.RIGHT_FLAGGED: ("auditor_false_positive_penalty", -1),
    Event.RIGHT_INVALID: ("auditor_invalid_output_penalty", -1),
    Event.WRONG_UNAUDITED: ("auditor_explicit_abstain_misaligned_penalty", -1),
    Event.WRONG_CLEARED: ("auditor_miss_misaligned_penalty", -1),
    Event.WRONG_CAUGHT: ("auditor_true_catch_reward", 1),
    Event.WRONG_CAUGHT_BY_CHANCE: ("auditor_false_catch_penalty", -1),
    Event.WRONG_CHECKED: ("auditor_miss_misaligned_penalty", -1),
    Event.WRONG_INVALID: ("auditor_invalid_output_penalty", -1),
}
_OUTCOME: Mapping[Event, str] = {
    Event.ABSTAINED: "abstain",
    Event.RIGHT_UNAUDITED: "aligned",
    Event.RIGHT_CLEARED: "aligned",
    Event.RIGHT_FLAGGED: "false_positive",
    Event.RIGHT_INVALID: "aligned",
    Event.WRONG_UNAUDITED: "silent_failure",
    Event.WRONG_CLEARED: "silent_failure",
    Event.WRONG_CAUGHT: "caught",
    Event.WRONG_CAUGHT_BY_CHANCE: "caught",
    Event.WRONG_CHECKED: "caught",
    Event.WRONG_INVALID: "silent_failure",
    Event.TRUNCATED: "truncated",
}


def _matrix(terms: Mapping[Event, tuple[str, int]]) -> Array:
    names = [one.name for one in fields(RewardProfile)]
    matrix = np.zeros((len(Event), len(names)))
    for event, (name, sign) in terms.items():
        matrix[event, names.index(name)] = sign
    return read_only(matrix)


SOLVER_PAY: Array = _matrix(_SOLVER)
"""What the solver earns by event, (12, 12): SOLVER_PAY @ profile.vector; source: arXiv 2605.01643."""

AUDITOR_PAY: Array = _matrix(_AUDITOR)
"""What the auditor earns by event, (12, 12): AUDITOR_PAY @ profile.vector; abstentions are not audited."""

WRONG: Array = read_only(np.array([event.name.startswith("WRONG") for event in Event]))
"""Whether an event is a wrong attempt, (12,): the mean over tasks is the reference's hallucination rate."""

AUDITED: Array = read_only(
    np.array([event.name.endswith(("CLEARED", "FLAGGED", "INVALID", "CAUGHT", "CHANCE")) for event in Event])
)
"""Whether the auditor looked, (12,); a random check is nobody's audit."""


def event_values(values: OutcomeValues) -> Array:
    """What each event is worth to the principal, shape (12,).

    Args:
        values: By outcome.

    >>> event_values(OutcomeValues())[[Event.WRONG_CAUGHT, Event.WRONG_CLEARED]].tolist()
    [0.5, -1.0]
    """
    by_name = dict(zip((one.name for one in fields(values)), astuple(values), strict=True))
    return read_only(np.array([by_name[_OUTCOME[event]] for event in Event]))
