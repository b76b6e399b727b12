"""Two-point stochastic approximation (SPSA): all levers at once up or down by a coin, then the mirror image."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array
from sim.design.controllers.one_point import checked_detour, started
from sim.design.controllers.protocol import Memory, Telemetry
from sim.design.controllers.space import checked_box, checked_value
from sim.dynamics.step_size import StepSize


@dataclass
class Spsa:
    """Play x + c z, then x - c z, z of independent signs; move x by eta (v+ - v-) / (2 c) z, and stay in the box.

    The estimate has the gradient as its mean up to c^2 times third derivatives (Spall 1992): exactly so for a quadratic
    value; a constant added to values drops out. Lengths are in units of the box, whose sides count as 1. The detour c
    decays like the sixth root of the step.

    Memory: `centre` x in the unit box, (K,); `detour` c z of the pair, (K,); `pair`, number of finished pairs, 1 while
    the second point is due, and the first point's value, (3,).

    Attributes:
        low: Least setting, (K,).
        high: Greatest setting, (K,).
        step_size: eta by pair.
        detour: c_0, above 0 and below 1/2.
        start: First x, (K,); the middle of the box if not given.
        memory: See above.
    """

    low: ArrayLike
    high: ArrayLike
    step_size: StepSize
    detour: float = 0.05
    start: ArrayLike | None = None
    memory: Memory = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._low, self._high = checked_box(self.low, self.high)
        checked_detour(self.detour)
        if not self.memory:
            centre = started(self._low, self._high, self.start)
            self.memory = {"centre": centre, "detour": np.zeros_like(centre), "pair": np.zeros(3)}

    def propose(self, rng: np.random.Generator) -> Array:
        """See `Controller`; the second point of a pair draws nothing."""
        pairs, second, _ = self.memory["pair"]
        if second:
            return self._placed(self.memory["centre"] - self.memory["detour"])
        length = self.detour * float(self.step_size.at(int(pairs)) / self.step_size.initial) ** (1 / 6)
        tried = length * rng.choice([-1.0, 1.0], size=self._low.size)
        centre = np.clip(self.memory["centre"], length, 1 - length)
        self.memory = {**self.memory, "centre": centre, "detour": tried}
        return self._placed(centre + tried)

    def observe(self, profile: Array, value: float, telemetry: Telemetry) -> None:
        """See `Controller`."""
        paid = checked_value(value)
        pairs, second, first = self.memory["pair"]
        if not second:
            self.memory = {**self.memory, "pair": np.array([pairs, 1.0, paid])}
            return
        tried = self.memory["detour"]
        estimate = (first - paid) / (2 * tried)  # every entry is c or -c, so z / c = 1 / (c z)
        moved = self.memory["centre"] + self.step_size.at(int(pairs)) * estimate
        self.memory = {**self.memory, "centre": np.clip(moved, 0.0, 1.0), "pair": np.array([pairs + 1, 0.0, 0.0])}

    def recommend(self) -> Array:
        """The centre."""
        return self._placed(self.memory["centre"])

    def _placed(self, unit: Array) -> Array:
        placed: Array = self._low + unit * (self._high - self._low)
        return placed
