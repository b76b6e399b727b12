"""One-point bandit gradient: each round a small detour, and a step along it by what it was worth."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, positive
from sim.design.controllers.protocol import Memory, Telemetry
from sim.design.controllers.space import checked_box, checked_value
from sim.dynamics.step_size import StepSize
from sim.errors import InputError


@dataclass
class OnePointGradient:
    """Play x + delta u, be told v, move x by eta (K / delta) (v - mean so far) u, and stay in the box.

    u is uniform on the unit sphere; K / delta v u has the gradient of the value, smoothed over a ball of radius delta,
    as its mean (Flaxman, Kalai and McMahan 2005). The mean of earlier values is independent of u: taking it off keeps
    the mean of the estimate and spares most of its variance. Lengths are in units of the box, whose sides count as 1.
    The detour decays like the fourth root of the step.

    Memory: `centre` x in the unit box, (K,); `detour` played, (K,); `seen`, number of values and their sum, (2,).

    Attributes:
        low: Least setting, (K,).
        high: Greatest setting, (K,).
        step_size: eta by round.
        detour: delta_0, above 0 and below 1/2.
        start: First x, (K,); the middle of the box if not given.
        memory: See above.
    """

    low: ArrayLike
    high: ArrayLike
    step_size: StepSize
    detour: float = 0.1
    start: ArrayLike | None = None
    memory: Memory = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._low, self._high = checked_box(self.low, self.high)
        checked_detour(self.detour)
        if not self.memory:
            centre = started(self._low, self._high, self.start)
            self.memory = {"centre": centre, "detour": np.zeros_like(centre), "seen": np.zeros(2)}

    def propose(self, rng: np.random.Generator) -> Array:
        """See `Controller`."""
        direction = rng.standard_normal(self._low.size)
        length = self.detour * self._decay()
        tried = length * direction / np.linalg.norm(direction)
        centre = np.clip(self.memory["centre"], length, 1 - length)
        self.memory = {**self.memory, "centre": centre, "detour": tried}
        return self._placed(centre + tried)

    def observe(self, profile: Array, value: float, telemetry: Telemetry) -> None:
        """See `Controller`."""
        paid = checked_value(value)
        seen, tried = self.memory["seen"], self.memory["detour"]
        rise = paid - seen[1] / seen[0] if seen[0] else 0.0
        estimate = tried.size * rise * tried / max(float(tried @ tried), 1e-300)
        moved = self.memory["centre"] + self.step_size.at(int(seen[0])) * estimate
        self.memory = {**self.memory, "centre": np.clip(moved, 0.0, 1.0), "seen": seen + np.array([1.0, paid])}

    def recommend(self) -> Array:
        """The centre."""
        return self._placed(self.memory["centre"])

    def _decay(self) -> float:
        share = self.step_size.at(int(self.memory["seen"][0])) / self.step_size.initial
        return float(share**0.25)

    def _placed(self, unit: Array) -> Array:
        placed: Array = self._low + unit * (self._high - self._low)
        return placed


def checked_detour(detour: float) -> None:
    """Refuse a detour that does not fit into the unit box around its middle.

    Raises:
        InputError: It does not.
    """
    if positive("detour", detour) >= 0.5:
        raise InputError("detour", detour, "expected a length below 1/2, in units of the box")


def started(low: Array, high: Array, start: ArrayLike | None) -> Array:
    """The start in the unit box, (K,).

    Raises:
        InputError: Outside the box, or of another length.
    """
    if start is None:
        return np.full(low.size, 0.5)
    unit: Array = (np.asarray(start, np.float64) - low) / (high - low)
    if unit.shape != low.shape or not ((unit >= 0) & (unit <= 1)).all():
        raise InputError("start", np.asarray(start).tolist(), f"expected {low.size} levers between low and high")
    return unit
