"""Feedback straight from the game: what a platform estimates, without noise."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sim.arrays import Array
from sim.game import Game
from sim.heterogeneous_game import has_many_accounts

if TYPE_CHECKING:
    from sim.population.of_game import GamePopulation


class ExactFeedback:
    """The game's own payoffs, gradients and best responses; the last of 1,000 accounts or more by fast kernels.

    Attributes:
        game: The game being played.
        round: Number of rounds already played.
    """

    def __init__(self, game: Game, round: int = 0) -> None:
        self.game = game
        self.round = round

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
        if has_many_accounts(self.game):
            # Imported here: loading the compiler takes a second that few accounts need not wait for.
            from sim.population import simultaneous_step

            return simultaneous_step(self._population.population, profile, floor=floor).mixtures
        return self.game.best_responses(profile, floor)

    @cached_property
    def _population(self) -> GamePopulation:
        from sim.population.of_game import population_of

        return population_of(self.game)
