"""The contract between a learning rule and whatever gives it feedback: the exact game, or a platform."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from sim.arrays import Array


class Feedback(Protocol):
    """What the accounts know after a round.

    In the laboratory this is the exact game (`ExactFeedback`); on a platform it is what each account
    estimates from its own posts, so a rule never sees the hidden matrices there.

    Attributes:
        round: Number of rounds already played (0 before the first step).
    """

    round: int

    def gradients(self, profile: Array) -> Array:
        """Gradient of each account's payoff in its own mixture, shape (M, D)."""
        ...

    def best_response(self, account: int, profile: Array, floor: float = 0.0) -> Array:
        """Best mixture of one account against the rest of `profile`, every weight >= floor, shape (D,)."""
        ...


class Dynamics(Protocol):
    """A learning rule: how a profile of mixtures (M, D) moves in one round."""

    def step(self, profile: Array, feedback: Feedback, rng: np.random.Generator) -> Array:
        """Return the next profile; `profile` is not changed."""
        ...
