"""Similarity: how redundant two posts of two accounts are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from platforms.social.post import UNHEARD, Post
from sim.arrays import Array
from sim.estimation.opinion_table import OpinionTable
from sim.estimation.similarity import agreement


class SimilarityRule(Protocol):
    """A kernel on pairs of posts and the matrix S it realises."""

    def estimate(self, table: OpinionTable, voice: Array) -> Array:
        """Expected kernel of two posts by their drawn groups, (G, G); voice[g, h] = P(heard as h | drawn as g)."""
        ...

    def redundancy(self, posts: Sequence[Post]) -> Array:
        """Kernel of every pair of posts, shape (P, P)."""
        ...


class Identity:
    """Two posts are redundant when readers hear the same voice in both: S = voice voice', identity if unmistakable."""

    def estimate(self, table: OpinionTable, voice: Array) -> Array:
        """Probability that two posts are heard as the same group, shape (G, G)."""
        same: Array = voice @ voice.T
        return same

    def redundancy(self, posts: Sequence[Post]) -> Array:
        """1 where two posts speak in the same voice, shape (P, P)."""
        heard = np.array([post.voice for post in posts])
        same: Array = ((heard[:, None] == heard[None, :]) & (heard[:, None] != UNHEARD)).astype(np.float64)
        return same


class Agreement:
    """Two posts on one topic are redundant when they give the same answer: S = K."""

    def estimate(self, table: OpinionTable, voice: Array) -> Array:
        """Probability that two groups give the same answer to a random question, shape (G, G)."""
        return agreement(table)

    def redundancy(self, posts: Sequence[Post]) -> Array:
        """1 where two posts give the same answer to the same topic, shape (P, P)."""
        said = np.array([(post.draft.topic, post.draft.answer) for post in posts])
        same: Array = (said[:, None, :] == said[None, :, :]).all(axis=2).astype(np.float64)
        return same
