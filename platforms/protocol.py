"""The contract between a platform and whoever lets language models play on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from platforms.social.platform import RoundFeedback
from platforms.social.post import Draft, Post
from sim.arrays import Array
from sim.estimation.opinion_table import OpinionTable


class Platform(Protocol):
    """Accounts plan posts, somebody writes them, the platform shows and pays them, the accounts learn."""

    @property
    def table(self) -> OpinionTable:
        """What the groups answer: its questions are the topics of posts."""
        ...

    @property
    def seed_of_run(self) -> int:
        """What every draw is keyed by."""
        ...

    @property
    def profile(self) -> Array:
        """Mixtures of all accounts, shape (M, D)."""
        ...

    def plan_round(self) -> list[Draft]:
        """The posts that the accounts want to publish."""
        ...

    def play_round(self, posts: Sequence[Post]) -> RoundFeedback:
        """Show the posts, in the order of the plan, pay the accounts and let them learn."""
        ...

    def close(self) -> None:
        """Release what the platform holds."""
        ...
