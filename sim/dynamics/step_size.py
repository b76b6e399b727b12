"""Step sizes of the gradient rules: constant, or decaying like 1/t."""

from __future__ import annotations

from dataclasses import dataclass

from sim.arrays import positive, whole_number


@dataclass(frozen=True)
class StepSize:
    """Step size eta_t = initial / (1 + t / decay_rounds), or `initial` throughout.

    Attributes:
        initial: eta_0 > 0, in weight per unit of utility.
        decay_rounds: Rounds after which the step has halved, > 0; None keeps it constant.

    Raises:
        InputError: At construction, for a value that is not > 0.

    >>> StepSize(0.5, decay_rounds=100).at(100)
    0.25
    """

    initial: float
    decay_rounds: float | None = None

    def __post_init__(self) -> None:
        positive("step_size.initial", self.initial)
        if self.decay_rounds is not None:
            positive("step_size.decay_rounds", self.decay_rounds)

    def at(self, round: int) -> float:
        """Step size after `round` rounds have been played."""
        played = whole_number("round", round, minimum=0)
        if self.decay_rounds is None:
            return float(self.initial)
        return float(self.initial) / (1.0 + played / self.decay_rounds)
