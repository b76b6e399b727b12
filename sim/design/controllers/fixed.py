"""The principal who never moves: the baseline of every comparison."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, finite_array
from sim.design.controllers.protocol import Memory, Telemetry
from sim.design.controllers.space import checked_value


@dataclass
class Fixed:
    """One profile for ever.

    Attributes:
        profile: The levers, (K,).
        memory: Empty: nothing is learned.
    """

    profile: ArrayLike
    memory: Memory = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.profile = finite_array("profile", self.profile, ndim=1)

    def propose(self, rng: np.random.Generator) -> Array:
        """See `Controller`."""
        return self.recommend()

    def observe(self, profile: Array, value: float, telemetry: Telemetry) -> None:
        """See `Controller`."""
        checked_value(value)

    def recommend(self) -> Array:
        """See `Controller`."""
        return np.asarray(self.profile, np.float64)
