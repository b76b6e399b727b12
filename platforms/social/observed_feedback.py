"""Feedback to a learning rule from what the accounts themselves saw, in place of the exact game."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agents.memory import Memory
from sim.arrays import Array


class ObservedFeedback:
    """A round's own estimates: payoffs and gradients of the profile just played, best responses from memory.

    Args:
        round: Rounds already played.
        payoffs: What each account was paid, shape (M,).
        gradients: Each account's unbiased gradient estimate, shape (M, D).
        memories: Each account's running estimates.
    """

    def __init__(self, round: int, payoffs: Array, gradients: Array, memories: Sequence[Memory]) -> None:
        self.round = round
        self._payoffs = payoffs
        self._gradients = gradients
        self._memories = memories

    def payoffs(self, profile: Array) -> Array:
        """The payoffs of the round just played, shape (M,); they hold for that round's profile only."""
        return self._payoffs

    def gradients(self, profile: Array) -> Array:
        """The estimates made in the round just played, shape (M, D); they hold for that round's profile only."""
        return self._gradients

    def best_response(self, account: int, profile: Array, floor: float = 0.0) -> Array:
        """Best mixture under the account's own estimates of a, C and S, shape (D,)."""
        return self._memories[account].best_response(floor)

    def best_responses(self, profile: Array, floor: float = 0.0) -> Array:
        """Best mixture of every account under its own estimates, shape (M, D)."""
        return np.stack([memory.best_response(floor) for memory in self._memories])
