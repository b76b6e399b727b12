"""State feedback: levers that lean against what the platform reports."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, finite_array, non_negative
from sim.design.controllers.protocol import Memory, Telemetry
from sim.design.controllers.space import checked_value
from sim.errors import InputError


@dataclass
class StateFeedback:
    """Profile = base - k (s - s*) d, kept in a box, with s the last report of one telemetry entry.

    It learns nothing from values. Where s* is the value of s at the equilibrium of the base profile it moves no
    equilibrium, and damps the cycles round it: in the inspection game with s = p, the share of aligned outputs, and d
    along r_A, the stake r_A - r_M - k (p - p*) draws play in for every k > 0 (oversight theory, section 1; derived).

    Memory: `gap`, the last s - s*, (1,); 0 before any report.

    Attributes:
        base: The profile where s = s*, (K,).
        direction: d, (K,), in units of each lever.
        name: Which telemetry entry s is.
        target: s*.
        gain: k >= 0, per unit of s.
        low: Least setting, (K,); unbounded if not given.
        high: Greatest setting, (K,); unbounded if not given.
        memory: See above.
    """

    base: ArrayLike
    direction: ArrayLike
    name: str
    target: float
    gain: float
    low: ArrayLike | None = None
    high: ArrayLike | None = None
    memory: Memory = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._base = finite_array("base", self.base, ndim=1)
        self._direction = self._of_levers("direction", self.direction)
        finite_array("target", [self.target], ndim=1)
        non_negative("gain", self.gain)
        self._low = np.full(self._base.size, -np.inf) if self.low is None else self._of_levers("low", self.low)
        self._high = np.full(self._base.size, np.inf) if self.high is None else self._of_levers("high", self.high)
        if not ((self._low <= self._base) & (self._base <= self._high)).all():
            raise InputError("base", self._base.tolist(), "expected levers between low and high")
        if not self.memory:
            self.memory = {"gap": np.zeros(1)}

    def propose(self, rng: np.random.Generator) -> Array:
        """See `Controller`; draws nothing."""
        leaned: Array = np.clip(self._base - self.gain * self.memory["gap"] * self._direction, self._low, self._high)
        return leaned

    def observe(self, profile: Array, value: float, telemetry: Telemetry) -> None:
        """See `Controller`.

        Raises:
            InputError: The entry is not reported, or not finite.
        """
        checked_value(value)
        if self.name not in telemetry:
            raise InputError(
                "name", self.name, f"expected one of the reports: {', '.join(sorted(telemetry)) or 'none'}"
            )
        self.memory = {"gap": np.array([checked_value(telemetry[self.name]) - self.target])}

    def recommend(self) -> Array:
        """The base profile: what it sets once s is on target."""
        return self._base.copy()

    def _of_levers(self, name: str, value: ArrayLike) -> Array:
        vector = finite_array(name, value, ndim=1)
        if vector.size != self._base.size:
            raise InputError(name, vector.tolist(), f"expected {self._base.size} numbers, one per lever")
        return vector
