"""Random: every order of a reader's candidates is equally likely, which is what the theory of mean reach assumes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platforms.social.posts import IntArray
from platforms.social.ranking.feeds import Feeds, best_first


@dataclass(frozen=True)
class Random:
    """A fresh draw for every reader in every round."""

    def rank(self, feeds: Feeds, slots: int, rng: np.random.Generator) -> IntArray:
        """Order by numbers drawn from `rng`, shape (R, slots)."""
        return best_first(rng.random(feeds.candidates.shape), feeds.candidates, slots)
