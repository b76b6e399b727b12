"""EXP3: exponential weights on arms, for values that may change as they like."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, positive
from sim.design.controllers.protocol import Memory, Telemetry
from sim.design.controllers.space import arm_of, checked_arms, checked_value
from sim.errors import InputError


@dataclass
class Exp3:
    """Arm i with probability p_i = (1 - gamma) w_i / sum w + gamma / N; then w_i *= exp(gamma x / (N p_i)).

    x = (value - least) / span. For values that anyone may choose in advance, within an interval of length `span` from
    `least`, the mean value of T rounds falls behind that of the best single arm by at most
    span ((e - 1) gamma + N log N / (gamma T)) (Auer and others 2002, theorem 3.1). Values outside are learned from too;
    the bound is then lost.

    Memory: `log_weight` of every arm, (N,), the largest 0.

    Attributes:
        arms: Profiles to choose from, (N, K).
        exploration: gamma, share of rounds played at random, above 0 and at most 1.
        least: Least value.
        span: Length of an interval from there that holds all values.
        memory: See above.
    """

    arms: ArrayLike
    exploration: float = 0.1
    least: float = 0.0
    span: float = 1.0
    memory: Memory = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._arms = checked_arms(self.arms)
        positive("span", self.span)
        if positive("exploration", self.exploration) > 1:
            raise InputError("exploration", self.exploration, "expected a number above 0 and at most 1")
        if not self.memory:
            self.memory = {"log_weight": np.zeros(len(self._arms))}

    def propose(self, rng: np.random.Generator) -> Array:
        """See `Controller`."""
        chosen: Array = self._arms[rng.choice(len(self._arms), p=self._chances())]
        return chosen

    def observe(self, profile: Array, value: float, telemetry: Telemetry) -> None:
        """See `Controller`."""
        arm, paid = arm_of(self._arms, profile), (checked_value(value) - self.least) / self.span
        weights = self.memory["log_weight"].copy()
        weights[arm] += self.exploration * paid / (weights.size * self._chances()[arm])
        self.memory = {"log_weight": weights - weights.max()}

    def recommend(self) -> Array:
        """The arm of largest weight."""
        chosen: Array = self._arms[int(np.argmax(self.memory["log_weight"]))]
        return chosen

    def _chances(self) -> Array:
        weights = np.exp(self.memory["log_weight"])
        chances: Array = (1 - self.exploration) * weights / weights.sum() + self.exploration / weights.size
        return chances
