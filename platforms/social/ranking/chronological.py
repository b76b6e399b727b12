"""Chronological: the newest posts first, whoever wrote them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platforms.social.posts import IntArray
from platforms.social.ranking.feeds import Feeds, best_first


@dataclass(frozen=True)
class Chronological:
    """The later a post, the higher; of two of the same time the earlier candidate."""

    def rank(self, feeds: Feeds, slots: int, rng: np.random.Generator) -> IntArray:
        """Order by `posts.time`, shape (R, slots)."""
        return best_first(feeds.posts.time[feeds.candidates], feeds.candidates, slots)
