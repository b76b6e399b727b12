"""What searches by small detours share: a centre in a box, and where a detour from it leads."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, positive
from sim.design.controllers.protocol import Memory
from sim.design.controllers.space import checked_box
from sim.dynamics.step_size import StepSize
from sim.errors import InputError


@dataclass
class ZerothOrder:
    """A centre x in a box, tried nearby and moved by what that was worth. Lengths: the box's sides count as 1.

    Memory: `centre` x in the unit box, (K,); `detour` on trial, (K,); and what the class itself keeps.

    Attributes:
        low: Least setting, (K,).
        high: Greatest setting, (K,).
        step_size: eta by step.
        detour: Length of the first detour, above 0 and below 1/2.
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
        if positive("detour", self.detour) >= 0.5:
            raise InputError("detour", self.detour, "expected a length below 1/2, in units of the box")
        if not self.memory:
            centre = self._started()
            self.memory = {"centre": centre, "detour": np.zeros_like(centre)}

    def recommend(self) -> Array:
        """The centre."""
        return self._placed(self.memory["centre"])

    def _started(self) -> Array:
        if self.start is None:
            return np.full(self._low.size, 0.5)
        start = np.asarray(self.start, np.float64)
        if start.shape != self._low.shape or not ((start >= self._low) & (start <= self._high)).all():
            raise InputError("start", start.tolist(), f"expected {self._low.size} levers between low and high")
        unit: Array = (start - self._low) / (self._high - self._low)
        return unit

    def _shrunk(self, step: int, power: float) -> float:
        """Length of the detour at a step: it decays like a power of the step size."""
        return float(self.detour * (self.step_size.at(step) / self.step_size.initial) ** power)

    def _set_out(self, tried: Array, room: float) -> Array:
        """Try a detour, from the nearest centre that has `room` to every side: the profile to play."""
        centre = np.clip(self.memory["centre"], room, 1 - room)
        self.memory = {**self.memory, "centre": centre, "detour": tried}
        return self._placed(centre + tried)

    def _moved(self, step: int, estimate: Array) -> Array:
        """The centre after a step along a gradient estimate."""
        moved: Array = np.clip(self.memory["centre"] + self.step_size.at(step) * estimate, 0.0, 1.0)
        return moved

    def _placed(self, unit: Array) -> Array:
        placed: Array = self._low + unit * (self._high - self._low)
        return placed
