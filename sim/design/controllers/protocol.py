"""The contract between a principal and whatever it governs: it proposes levers, and is told what they were worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from sim.arrays import Array

Memory = dict[str, Array]
Telemetry = Mapping[str, float]


class Controller(Protocol):
    """A principal who sees feedback only, never the game.

    All it has learned is in `memory`, as arrays: writing them down and setting them again is a checkpoint, and the
    random numbers of a proposal come from the generator given with it. So a run that is resumed goes on as it would
    have.

    Attributes:
        memory: What it keeps between rounds; the class says which arrays.
    """

    memory: Memory

    def propose(self, rng: np.random.Generator) -> Array:
        """The profile of levers to set next, (K,)."""
        ...

    def observe(self, profile: Array, value: float, telemetry: Telemetry) -> None:
        """Learn what a profile was worth.

        Args:
            profile: What was set, (K,): the last proposal.
            value: Its value, larger is better.
            telemetry: Whatever else the platform reports, by name.

        Raises:
            InputError: A value that is not finite, or a profile that this controller would not have proposed.
        """
        ...

    def recommend(self) -> Array:
        """The profile it would stay with if it had to stop now, (K,)."""
        ...
