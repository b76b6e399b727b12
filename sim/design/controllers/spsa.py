"""Two-point stochastic approximation (SPSA): all levers at once up or down by a coin, then the mirror image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import Array
from sim.design.controllers.protocol import Telemetry
from sim.design.controllers.space import checked_value
from sim.design.controllers.zeroth_order import ZerothOrder


@dataclass
class Spsa(ZerothOrder):
    """Play x + c z, then x - c z, z of independent signs; move x by eta (v+ - v-) / (2 c) z, and stay in the box.

    The estimate has the gradient as its mean up to c^2 times third derivatives (Spall 1992): exactly so for a quadratic
    value; a constant added to values drops out. The detour c decays like the sixth root of the step.

    Memory and attributes: as `ZerothOrder`, the detour being c z of the pair; `pair`, number of finished pairs, 1 while
    the second point is due, and the first point's value, (3,).
    """

    detour: float = 0.05

    def __post_init__(self) -> None:
        super().__post_init__()
        self.memory.setdefault("pair", np.zeros(3))

    def propose(self, rng: np.random.Generator) -> Array:
        """See `Controller`; the second point of a pair draws nothing."""
        pairs, second, _ = self.memory["pair"]
        if second:
            return self._placed(self.memory["centre"] - self.memory["detour"])
        length = self._shrunk(int(pairs), 1 / 6)
        return self._set_out(length * rng.choice([-1.0, 1.0], size=self._low.size), length)

    def observe(self, profile: Array, value: float, telemetry: Telemetry) -> None:
        """See `Controller`."""
        paid = checked_value(value)
        pairs, second, first = self.memory["pair"]
        if not second:
            self.memory = {**self.memory, "pair": np.array([pairs, 1.0, paid])}
            return
        estimate = (first - paid) / (2 * self.memory["detour"])  # every entry is c or -c, so z / c = 1 / (c z)
        self.memory = {
            **self.memory,
            "centre": self._moved(int(pairs), estimate),
            "pair": np.array([pairs + 1, 0.0, 0.0]),
        }
