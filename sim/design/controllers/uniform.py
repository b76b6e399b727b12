"""Uniform switching: an arm by lot every round, whatever it was worth. What a controller that learns has to beat."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array
from sim.design.controllers.protocol import Memory, Telemetry
from sim.design.controllers.space import arm_of, checked_arms, checked_value


@dataclass
class UniformSwitching:
    """Every arm with the same probability, in every round.

    Attributes:
        arms: Profiles to choose from, (N, K).
        memory: Empty: nothing is learned.
    """

    arms: ArrayLike
    memory: Memory = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._arms = checked_arms(self.arms)

    def propose(self, rng: np.random.Generator) -> Array:
        """See `Controller`."""
        chosen: Array = self._arms[rng.integers(len(self._arms))]
        return chosen

    def observe(self, profile: Array, value: float, telemetry: Telemetry) -> None:
        """See `Controller`."""
        arm_of(self._arms, profile)
        checked_value(value)

    def recommend(self) -> Array:
        """The arms' mean: what switching amounts to where payoffs are linear in the profile and rounds are short."""
        middle: Array = self._arms.mean(axis=0)
        return middle
