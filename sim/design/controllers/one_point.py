"""One-point bandit gradient: each round a small detour, and a step along it by what it was worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import Array
from sim.design.controllers.protocol import Telemetry
from sim.design.controllers.space import checked_value
from sim.design.controllers.zeroth_order import ZerothOrder


@dataclass
class OnePointGradient(ZerothOrder):
    """Play x + delta u, be told v, move x by eta (K / delta) (v - mean so far) u, and stay in the box.

    u is uniform on the unit sphere; K / delta v u has the gradient of the value, smoothed over a ball of radius delta,
    as its mean (Flaxman, Kalai and McMahan 2005). The mean of earlier values is independent of u: taking it off keeps
    the mean of the estimate and spares most of its variance. The detour decays like the fourth root of the step.

    Memory and attributes: as `ZerothOrder`; `seen`, number of values and their sum, (2,).
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        self.memory.setdefault("seen", np.zeros(2))

    def propose(self, rng: np.random.Generator) -> Array:
        """See `Controller`."""
        direction = rng.standard_normal(self._low.size)
        length = self._shrunk(int(self.memory["seen"][0]), 1 / 4)
        return self._set_out(length * direction / np.linalg.norm(direction), length)

    def observe(self, profile: Array, value: float, telemetry: Telemetry) -> None:
        """See `Controller`."""
        paid = checked_value(value)
        seen, tried = self.memory["seen"], self.memory["detour"]
        rise = paid - seen[1] / seen[0] if seen[0] else 0.0
        estimate = tried.size * rise * tried / max(float(tried @ tried), 1e-300)
        self.memory = {**self.memory, "centre": self._moved(int(seen[0]), estimate), "seen": seen + np.array([1, paid])}
