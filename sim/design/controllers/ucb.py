"""UCB1: the arm whose mean plus a margin for what is not known is largest."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, positive
from sim.design.controllers.protocol import Memory, Telemetry
from sim.design.controllers.space import arm_of, checked_arms, checked_value


@dataclass
class Ucb1:
    """Every arm once, in order; then the arm of largest mean + span sqrt(2 log t / n_i) (Auer and others 2002).

    For values within an interval of length `span`, mean regret after T rounds is at most
    sum_i (8 span^2 log T / gap_i) + (1 + pi^2/3) sum_i gap_i, over the arms i that are not best.

    Memory: `count` and `total` of every arm, (N,).

    Attributes:
        arms: Profiles to choose from, (N, K).
        span: Length of an interval that holds all values.
        memory: See above.
    """

    arms: ArrayLike
    span: float = 1.0
    memory: Memory = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._arms = checked_arms(self.arms)
        positive("span", self.span)
        if not self.memory:
            self.memory = {"count": np.zeros(len(self._arms)), "total": np.zeros(len(self._arms))}

    def propose(self, rng: np.random.Generator) -> Array:
        """See `Controller`; draws nothing."""
        count = self.memory["count"]
        if count.all():
            margin = self.span * np.sqrt(2 * np.log(count.sum()) / count)
            best = np.argmax(self.memory["total"] / count + margin)
        else:
            best = np.argmin(count > 0)
        chosen: Array = self._arms[int(best)]
        return chosen

    def observe(self, profile: Array, value: float, telemetry: Telemetry) -> None:
        """See `Controller`."""
        arm, paid = arm_of(self._arms, profile), checked_value(value)
        played = np.arange(len(self._arms)) == arm
        self.memory = {"count": self.memory["count"] + played, "total": self.memory["total"] + paid * played}

    def recommend(self) -> Array:
        """The arm of highest mean; of those never tried, none."""
        count = self.memory["count"]
        means = np.where(count > 0, self.memory["total"] / np.maximum(count, 1), -np.inf)
        chosen: Array = self._arms[int(np.argmax(means))]
        return chosen
