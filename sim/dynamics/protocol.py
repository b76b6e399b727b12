"""The contract between a learning rule and whatever gives it feedback: the exact game, or a platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sim.arrays import Array


@dataclass(frozen=True, slots=True)
class State:
    """Where the accounts are, with all that a rule needs to go on from there.

    Attributes:
        profile: The mixtures played, shape (M, D).
        memory: What the rule keeps from earlier rounds, shape (K, M, D); None before its first step, and always
            for a rule that looks at the present profile only. The rule's docstring says what the K layers are.
    """

    profile: Array
    memory: Array | None = None


class Feedback(Protocol):
    """What the accounts know after a round.

    In the laboratory this is the exact game (`ExactFeedback`); on a platform it is what each account
    estimates from its own posts, so a rule never sees the hidden matrices there.

    Attributes:
        round: Number of rounds already played (0 before the first step).
    """

    round: int

    def payoffs(self, profile: Array) -> Array:
        """Payoff of each account for what it played, shape (M,)."""
        ...

    def gradients(self, profile: Array) -> Array:
        """Gradient of each account's payoff in its own mixture, shape (M, D)."""
        ...

    def best_response(self, account: int, profile: Array, floor: float = 0.0) -> Array:
        """Best mixture of one account against the rest of `profile`, every weight >= floor, shape (D,)."""
        ...

    def best_responses(self, profile: Array, floor: float = 0.0) -> Array:
        """Best mixture of every account against the rest of `profile`, shape (M, D)."""
        ...


class Dynamics(Protocol):
    """A learning rule: how the accounts' mixtures move in one round."""

    def step(self, state: State, feedback: Feedback, rng: np.random.Generator) -> State:
        """Return the next state; `state` and its arrays are not changed."""
        ...
