"""The contract of a ranking: what it may see in a round, and what it returns."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np

from platforms.social.posts import IntArray, PostBatch
from sim.arrays import Array
from sim.errors import InputError

BLANK = -1
"""Stands where there is no post: among the candidates, and in a slot of a feed."""


@dataclass(frozen=True, kw_only=True)
class Feeds:
    """What a ranking may see in a round: R readers, C candidates each, of P posts by A accounts in G voices.

    Its arrays are views that can't be written through: a ranking orders the feeds and changes nothing else.

    Attributes:
        round: Round played.
        posts: The posts as columns.
        candidates: Indices into `posts` of what each reader may be shown, no post twice in a row, BLANK where there
            is none, shape (R, C).
        group: Group of each reader, shape (R,).
        taste: The platform's estimate of P(reader engages | voice), from what readers of that group did in the past,
            never the truth, shape (R, G).
        popularity: Engaged views per view of each account so far, shape (A,).
        exposure: Share of all views so far that each voice had, shape (G,).
        shares: Share of the audience in each group, shape (G,).
        liked: Mean features of the posts that the readers of each group liked so far, zero for a group that has liked
            none, shape (G, F).

    Raises:
        InputError: At construction: two shapes disagree.
    """

    round: int
    posts: PostBatch
    candidates: IntArray
    group: IntArray
    taste: Array
    popularity: Array
    exposure: Array
    shares: Array
    liked: Array

    def __post_init__(self) -> None:
        for column in fields(self):
            value = getattr(self, column.name)
            if isinstance(value, np.ndarray):
                seen = value.view()
                seen.setflags(write=False)
                object.__setattr__(self, column.name, seen)
        readers, groups = len(self.group), len(self.shares)
        expected = {
            "candidates": (readers, self.candidates.shape[-1]),
            "taste": (readers, groups),
            "exposure": (groups,),
            "liked": (groups, self.posts.features.shape[-1]),
        }
        for name, shape in expected.items():
            if getattr(self, name).shape != shape:
                remedy = f"expected {shape}: a row per reader or per group, as in 'group' and 'shares'"
                raise InputError(f"feeds.{name}", f"array of shape {getattr(self, name).shape}", remedy)

    @property
    def offered(self) -> IntArray:
        """Number of candidates of each reader, shape (R,)."""
        count: IntArray = np.count_nonzero(self.candidates != BLANK, axis=1)
        return count


class Ranking(Protocol):
    """Which posts each reader is shown, and in which order."""

    def rank(self, feeds: Feeds, slots: int, rng: np.random.Generator) -> IntArray:
        """Indices into the posts, best first, BLANK for an empty slot, shape (R, slots)."""
        ...


def best_first(scores: Array, candidates: IntArray, slots: int) -> IntArray:
    """The candidates with the highest scores, the highest first; of equal ones the earlier candidate.

    Args:
        scores: Score of each candidate; -inf withholds it; those of BLANK candidates don't matter, shape (R, C).
        candidates: Indices of posts or BLANK, shape (R, C).
        slots: Length of a feed.

    Returns:
        Indices of posts, BLANK in slots for which no candidate is left, shape (R, slots).

    Raises:
        InputError: The shapes differ, or the score of a candidate is NaN.

    >>> best_first(np.array([[0.1, 0.7, 0.7, 9.0]]), np.array([[4, 8, 6, BLANK]]), 5)
    array([[ 8,  6,  4, -1, -1]])
    """
    if np.shape(scores) != candidates.shape:
        remedy = f"expected a score per candidate, shape {candidates.shape}"
        raise InputError("scores", f"array of shape {np.shape(scores)}", remedy)
    offered = candidates != BLANK
    undefined = np.argwhere(np.isnan(scores) & offered)
    if undefined.size:
        reader, place = (int(i) for i in undefined[0])
        remedy = "expected a number for every candidate; -inf withholds a post"
        raise InputError(f"scores[{reader}, {place}]", "nan", remedy)
    score = np.where(offered, scores, -np.inf)
    order = np.argsort(-score, axis=1, kind="stable")[:, :slots]
    feed = np.full((len(candidates), slots), BLANK)
    shown = np.take_along_axis(candidates, order, axis=1)
    feed[:, : order.shape[1]] = np.where(np.take_along_axis(score, order, axis=1) > -np.inf, shown, BLANK)
    return feed
