"""Attractiveness: the share of readers who engage with a post."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from platforms.social.post import UNHEARD, Post
from sim.arrays import Array
from sim.estimation.attractiveness import prevalence, reach
from sim.estimation.opinion_table import OpinionTable


class AttractivenessRule(Protocol):
    """A kernel on posts and the vector a it realises."""

    def estimate(self, table: OpinionTable, voice: Array) -> Array:
        """Expected engagement of a post by its drawn group, (G,); voice[g, h] = P(heard as h | drawn as g)."""
        ...

    def engagement(self, posts: Sequence[Post], table: OpinionTable, readers: int, rng: np.random.Generator) -> Array:
        """Share of readers who engage with each post, (P,); every post meets `readers` fresh readers."""
        ...


class Prevalence:
    """A reader engages with a post that speaks in the voice of the reader's own group: a = voice @ shares."""

    def estimate(self, table: OpinionTable, voice: Array) -> Array:
        """Expected engagement by drawn group, shape (G,)."""
        return voice @ prevalence(table)

    def engagement(self, posts: Sequence[Post], table: OpinionTable, readers: int, rng: np.random.Generator) -> Array:
        """Share of readers whose group is the voice of the post, shape (P,)."""
        audience = rng.multinomial(readers, table.shares, size=len(posts))
        heard = np.array([post.voice for post in posts])
        matches = audience[np.arange(len(posts)), np.maximum(heard, 0)]
        return np.where(heard == UNHEARD, 0.0, matches / readers)


class Reach:
    """A reader engages with a post that gives the reader's own answer to its topic: a = K shares."""

    def estimate(self, table: OpinionTable, voice: Array) -> Array:
        """Expected engagement by drawn group, shape (G,); the answer, not the voice, decides."""
        return reach(table)

    def engagement(self, posts: Sequence[Post], table: OpinionTable, readers: int, rng: np.random.Generator) -> Array:
        """Share of readers who answer the topic as the post does, shape (P,)."""
        everybody = table.mean_answers()
        agree = [everybody[post.draft.topic][post.draft.answer] for post in posts]
        return rng.binomial(readers, np.clip(agree, 0.0, 1.0)) / readers
