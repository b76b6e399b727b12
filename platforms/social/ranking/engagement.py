"""Engagement: what the platform expects the reader to react to comes first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platforms.social.posts import IntArray
from platforms.social.ranking.feeds import Feeds, best_first
from sim.arrays import Array, non_negative, shorten
from sim.errors import InputError


@dataclass(frozen=True)
class Engagement:
    """Predicted engagement: taste of the reader for the voice, times popularity of the account to a power.

    With weight 0 only the voice counts. The larger the weight, the more of the views go to accounts that were engaged
    with before, whatever they say now. Equal predictions keep the order of the candidates.

    Attributes:
        popularity_weight: Power of the account's popularity, >= 0.

    Raises:
        InputError: At construction, for a weight that is negative or not finite.
    """

    popularity_weight: float = 1.0

    def __post_init__(self) -> None:
        non_negative("popularity_weight", self.popularity_weight)

    def rank(self, feeds: Feeds, slots: int, rng: np.random.Generator) -> IntArray:
        """Order by `predicted_engagement`, shape (R, slots)."""
        return best_first(predicted_engagement(feeds, self.popularity_weight), feeds.candidates, slots)


def predicted_engagement(feeds: Feeds, popularity_weight: float) -> Array:
    """taste[reader, voice] * popularity[account]^weight of every candidate, shape (R, C).

    A post in which no voice is heard is predicted at the reader's mean taste, groups weighted by their shares.

    Raises:
        InputError: A taste or a popularity is not finite, or a popularity is negative.
    """
    for name, value in (("taste", feeds.taste), ("popularity", feeds.popularity)):
        if not (np.isfinite(value).all() and (value >= 0).all()):
            raise InputError(f"feeds.{name}", shorten(value), "expected finite numbers >= 0")
    # UNHEARD is -1, so it reads the last column, which is that mean.
    taste = np.column_stack([feeds.taste, feeds.taste @ feeds.shares])
    wanted = np.take_along_axis(taste, feeds.posts.voice[feeds.candidates], axis=1)
    pull = feeds.popularity**popularity_weight
    predicted: Array = wanted * pull[feeds.posts.account][feeds.candidates]
    return predicted
