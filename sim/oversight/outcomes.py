"""What each outcome is worth to the principal."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sim.oversight.checks import finite, share


@dataclass(frozen=True, kw_only=True)
class OutcomeValues:
    """Value of each outcome to the principal, defaults of the reference experiment.

    Source: arXiv 2605.01643; theory of the oversight game, section 2.

    Attributes:
        abstain: The solver abstained.
        aligned: A correct attempt, not flagged.
        caught: A wrong attempt, flagged.
        false_positive: A correct attempt, flagged.
        silent_failure: A wrong attempt, not flagged.
        truncated: No readable attempt.

    Raises:
        InputError: At construction: a value is not a finite number; the message names it.
    """

    abstain: float = 0.1
    aligned: float = 1.0
    caught: float = 0.5
    false_positive: float = -0.3
    silent_failure: float = -1.0
    truncated: float = 0.0

    def __post_init__(self) -> None:
        for one in fields(self):
            object.__setattr__(self, one.name, finite(one.name, getattr(self, one.name)))

    def of_play(self, aligned: float, audited: float) -> float:
        """Expected value of the inspection game when p = `aligned` and q = `audited`, without noise; bilinear in both.

        Raises:
            InputError: p or q is no probability.

        >>> OutcomeValues().of_play(aligned=0.5, audited=0.5)
        0.05
        """
        p, q = share("aligned", aligned), share("audited", audited)
        looked = p * self.false_positive + (1 - p) * self.caught
        passed = p * self.aligned + (1 - p) * self.silent_failure
        return q * looked + (1 - q) * passed
