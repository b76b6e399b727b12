"""What a round of a feed paid, and the same as feedback to a learning rule."""

from __future__ import annotations

from dataclasses import dataclass

from agents.feed_memory import FeedMemory
from platforms.social.platform import RoundFeedback
from platforms.social.telemetry import Telemetry
from sim.arrays import Array


@dataclass(frozen=True)
class FeedFeedback(RoundFeedback):
    """What a round of a feed paid. Views count M/A each (A: what all members can read), so that their mean is near 1.

    `engagement` are engaged views in that unit; `redundancy` is the share of the others' posts in the same voice, which
    is recorded, not charged.

    Attributes:
        views: Views of each account, shape (M,).
        telemetry: Figures of the round.
    """

    views: Array
    telemetry: Telemetry


class ObservedFeed:
    """A round's own estimates: payoffs and gradients of the profile just played, best responses from memory.

    Args:
        round: Rounds already played.
        payoffs: What each account was paid, shape (M,).
        gradients: Each account's unbiased gradient estimate, shape (M, D).
        memory: The accounts' running estimates.
    """

    def __init__(self, round: int, payoffs: Array, gradients: Array, memory: FeedMemory) -> None:
        self.round = round
        self._payoffs = payoffs
        self._gradients = gradients
        self._memory = memory
        self._best: dict[float, Array] = {}

    def payoffs(self, profile: Array) -> Array:
        """The payoffs of the round just played, shape (M,); they hold for that round's profile only."""
        return self._payoffs

    def gradients(self, profile: Array) -> Array:
        """The estimates made in the round just played, shape (M, D); they hold for that round's profile only."""
        return self._gradients

    def best_response(self, account: int, profile: Array, floor: float = 0.0) -> Array:
        """Best mixture under the account's own estimates, shape (D,)."""
        best: Array = self.best_responses(profile, floor)[account]
        return best

    def best_responses(self, profile: Array, floor: float = 0.0) -> Array:
        """Best mixture of every account under its own estimates, shape (M, D)."""
        # Estimates don't change while accounts move in turn.
        if floor not in self._best:
            self._best[floor] = self._memory.best_responses(profile, floor)
        return self._best[floor]
