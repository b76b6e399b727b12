"""Noise: a solver that slips and a resolver that errs."""

from __future__ import annotations

from dataclasses import dataclass

from sim.errors import InputError
from sim.oversight.checks import share


@dataclass(frozen=True, kw_only=True)
class Noise:
    """How far an audit's verdict is from the solver's intention.

    Source: theory of the oversight game, section 1 ("noise").

    Attributes:
        solver_error: eps, probability that an intention turns into its opposite, 0 <= eps < 1/2.
        true_positive_rate: k_tp, probability that the resolver calls a misaligned output misaligned.
        false_positive_rate: k_fp < k_tp, probability that it calls an aligned output misaligned.

    Raises:
        InputError: At construction, for any of the conditions above; the message names the field.

    >>> noise = Noise(solver_error=0.1, true_positive_rate=0.9, false_positive_rate=0.2)
    >>> round(noise.suspicion_misaligned, 3), round(noise.suspicion_aligned, 3), round(noise.discrimination, 3)
    (0.83, 0.27, 0.56)
    """

    solver_error: float = 0.0
    true_positive_rate: float = 1.0
    false_positive_rate: float = 0.0

    def __post_init__(self) -> None:
        for name in ("solver_error", "true_positive_rate", "false_positive_rate"):
            object.__setattr__(self, name, share(f"noise.{name}", getattr(self, name)))
        if self.solver_error >= 0.5:
            raise InputError("noise.solver_error", self.solver_error, "expected below 0.5: intentions must matter")
        if self.true_positive_rate <= self.false_positive_rate:
            raise InputError(
                "noise.true_positive_rate",
                self.true_positive_rate,
                f"expected above false_positive_rate = {self.false_positive_rate}: verdicts must say something",
            )

    @property
    def suspicion_misaligned(self) -> float:
        """Probability b that an audit of a solver who means to misalign finds an error."""
        return (1 - self.solver_error) * self.true_positive_rate + self.solver_error * self.false_positive_rate

    @property
    def suspicion_aligned(self) -> float:
        """Probability b - D that an audit of a solver who means to align finds an error."""
        return (1 - self.solver_error) * self.false_positive_rate + self.solver_error * self.true_positive_rate

    @property
    def discrimination(self) -> float:
        """What a verdict tells about the intention, D = (1 - 2 eps)(k_tp - k_fp), in (0, 1]."""
        return (1 - 2 * self.solver_error) * (self.true_positive_rate - self.false_positive_rate)
