"""Feedback straight from the game: what a platform estimates, without noise."""

from __future__ import annotations

from dataclasses import dataclass

from sim.arrays import Array
from sim.game import Game


@dataclass(slots=True)
class ExactFeedback:
    """The game's own payoffs, gradients and best responses.

    Attributes:
        game: The game being played.
        round: Number of rounds already played.
    """

    game: Game
    round: int = 0

    def payoffs(self, profile: Array) -> Array:
        """Utility of each account, shape (M,)."""
        return self.game.payoffs(profile)

    def gradients(self, profile: Array) -> Array:
        """Gradient of each account's utility in its own mixture, shape (M, D)."""
        return self.game.gradients(profile)

    def best_response(self, account: int, profile: Array, floor: float = 0.0) -> Array:
        """Best mixture of one account against the rest, every weight >= floor, shape (D,)."""
        return self.game.best_response(account, profile, floor)

    def best_responses(self, profile: Array, floor: float = 0.0) -> Array:
        """Best mixture of every account against the rest, every weight >= floor, shape (M, D)."""
        return self.game.best_responses(profile, floor)
