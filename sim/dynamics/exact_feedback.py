"""Feedback straight from the game: what a platform estimates, without noise."""

from __future__ import annotations

from dataclasses import dataclass

from sim.alignment_game import AlignmentGame
from sim.arrays import Array


@dataclass(slots=True)
class ExactFeedback:
    """The game's own gradients and best responses.

    Attributes:
        game: The game being played.
        round: Number of rounds already played.
    """

    game: AlignmentGame
    round: int = 0

    def gradients(self, profile: Array) -> Array:
        """Gradient of each account's utility in its own mixture, shape (M, D)."""
        return self.game.gradients(profile)

    def best_response(self, account: int, profile: Array, floor: float = 0.0) -> Array:
        """Best mixture of one account against the rest, every weight >= floor, shape (D,)."""
        return self.game.best_response(account, profile, floor)
