"""Diversity-boosted: maximal marginal relevance, so that a feed doesn't say the same thing twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platforms.social.posts import IntArray
from platforms.social.ranking.engagement import predicted_engagement
from platforms.social.ranking.feeds import BLANK, Feeds
from platforms.social.ranking.similarity import unit_rows
from sim.arrays import Array, non_negative
from sim.compiling import compiled
from sim.errors import InputError
from sim.threads import in_chunks

_READERS_TOGETHER = 1024


@dataclass(frozen=True)
class Diversity:
    """Maximal marginal relevance (Carbonell and Goldstein 1998): a post counts less the more it is like those above it.

    The slots are filled from the top, each with the candidate of largest

        (1 - weight) predicted - weight * scale * (largest cosine with a post already in the feed)

    where scale is the reader's largest prediction, so that the weight means the same however engaging the round is
    (1 where all predictions are zero). Weight 0 is the order of `Engagement`; with weight 1 only the features count,
    after a first slot that goes to the first candidate. Equal values keep the order of the candidates.

    Attributes:
        weight: Of the diversity, in [0, 1].
        popularity_weight: As in `Engagement`.

    Raises:
        InputError: At construction, for a weight out of range.
    """

    weight: float = 0.5
    popularity_weight: float = 1.0

    def __post_init__(self) -> None:
        if non_negative("weight", self.weight) > 1:
            raise InputError("weight", self.weight, "expected a share of the value, in [0, 1]")
        non_negative("popularity_weight", self.popularity_weight)

    def rank(self, feeds: Feeds, slots: int, rng: np.random.Generator) -> IntArray:
        """Fill the slots greedily, shape (R, slots)."""
        predicted = predicted_engagement(feeds, self.popularity_weight)
        top = np.where(feeds.candidates != BLANK, predicted, 0.0).max(axis=1, initial=0.0)
        feed = np.full((len(predicted), slots), BLANK)
        relevance = (1.0 - self.weight) * predicted
        penalty = self.weight * np.where(top > 0, top, 1.0)
        features = unit_rows(feeds.posts.features)

        def fill(span: tuple[int, int]) -> None:
            rows = slice(*span)
            _fill(relevance[rows], penalty[rows], features, feeds.candidates[rows], feed[rows])

        in_chunks(fill, len(feed), _READERS_TOGETHER)
        return feed


@compiled
def _fill(relevance: Array, penalty: Array, features: Array, candidates: IntArray, feed: IntArray) -> None:
    """Write the feeds: relevance, candidates (R, C), penalty (R,), features of unit length (P, F), feed (R, slots)."""
    readers, places = candidates.shape
    closest = np.empty(places)
    left = np.empty(places, dtype=np.bool_)
    for reader in range(readers):
        closest[:] = 0.0
        left[:] = candidates[reader] != BLANK
        for slot in range(feed.shape[1]):
            best = -1
            highest = 0.0
            for place in range(places):
                value = relevance[reader, place] - penalty[reader] * closest[place]
                if left[place] and (best < 0 or value > highest):
                    best, highest = place, value
            if best < 0:
                break
            left[best] = False
            post = candidates[reader, best]
            feed[reader, slot] = post
            if slot == feed.shape[1] - 1:
                break
            for place in range(places):
                if left[place]:
                    cosine = _dot(features[post], features[candidates[reader, place]])
                    closest[place] = cosine if slot == 0 else max(closest[place], cosine)


@compiled
def _dot(one: Array, other: Array) -> float:
    """Sum of products, four side by side, shape () of (F,) and (F,)."""
    a = b = c = d = 0.0
    whole = len(one) - len(one) % 4
    for k in range(0, whole, 4):
        a += one[k] * other[k]
        b += one[k + 1] * other[k + 1]
        c += one[k + 2] * other[k + 2]
        d += one[k + 3] * other[k + 3]
    for k in range(whole, len(one)):
        a += one[k] * other[k]
    return (a + b) + (c + d)
