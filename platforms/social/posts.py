"""The posts of a round as columns: what a feed handles when posts come by the hundred thousand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from platforms.social.post import UNHEARD, Post
from sim.arrays import Array
from sim.errors import InputError
from sim.simplex import validated_profile

IntArray = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class PostBatch:
    """P posts, one entry of every column per post.

    Attributes:
        account: Index of the account, shape (P,).
        group: Group drawn from the account's mixture, shape (P,).
        voice: Group that readers hear in it, or UNHEARD, shape (P,).
        topic: Question it is about, shape (P,).
        answer: Option chosen on that question, shape (P,).
        time: When it appeared, in rounds; later is larger, shape (P,).
        features: What rankings by similarity compare: an embedding of the text or, without text, the one-hot of the
            voice, shape (P, F).

    Raises:
        InputError: At construction: the columns differ in length.
    """

    account: IntArray
    group: IntArray
    voice: IntArray
    topic: IntArray
    answer: IntArray
    time: Array
    features: Array

    def __post_init__(self) -> None:
        for column in fields(self):
            length = len(getattr(self, column.name))
            if length != len(self.account):
                remedy = f"expected {len(self.account)}, as in the column 'account': one entry per post"
                raise InputError(f"posts.{column.name}", f"{length} entries", remedy)

    def __len__(self) -> int:
        return len(self.account)

    @classmethod
    def of(cls, posts: Sequence[Post], time: Array, features: Array) -> PostBatch:
        """Columns of written posts.

        Args:
            posts: The posts, length P.
            time: When each appeared, shape (P,).
            features: Embeddings of the texts, or one-hots of the voices, shape (P, F).
        """
        rows = [(p.draft.account, p.draft.group, p.voice, p.draft.topic, p.draft.answer) for p in posts]
        account, group, voice, topic, answer = np.array(rows, dtype=np.int64).reshape(-1, 5).T.copy()
        return cls(account=account, group=group, voice=voice, topic=topic, answer=answer, time=time, features=features)

    def take(self, index: IntArray) -> PostBatch:
        """The posts at `index`, in that order."""
        return PostBatch(**{column.name: getattr(self, column.name)[index] for column in fields(self)})

    def followed_by(self, others: PostBatch) -> PostBatch:
        """These posts and then the others; features must have the same width."""
        return PostBatch(
            **{f.name: np.concatenate([getattr(self, f.name), getattr(others, f.name)]) for f in fields(self)}
        )


def one_hot(voice: IntArray, groups: int) -> Array:
    """A one in the column of the voice, nothing for an unheard post, shape (P, G).

    >>> one_hot(np.array([1, -1]), 2)
    array([[0., 1.],
           [0., 0.]])
    """
    rows: Array = np.vstack([np.eye(groups), np.zeros(groups)])[np.where(voice == UNHEARD, groups, voice)]
    return rows


class Voices(Protocol):
    """Which voice readers hear in posts that have no text of their own."""

    def __call__(self, group: IntArray, topic: IntArray, rng: np.random.Generator) -> IntArray:
        """Voice heard in each post, or UNHEARD, shape (P,), from the drawn group and the topic, each (P,)."""
        ...


class AsDrawn:
    """Every post is heard as the group that was drawn."""

    def __call__(self, group: IntArray, topic: IntArray, rng: np.random.Generator) -> IntArray:
        """The drawn group, shape (P,)."""
        return group


class Confused:
    """Posts are mistaken for other groups' with given probabilities.

    Args:
        confusion: P(heard as h | drawn as g), rows sum to one, shape (G, G).

    Raises:
        InputError: Not a square matrix of probabilities.
    """

    def __init__(self, confusion: ArrayLike) -> None:
        matrix = validated_profile("confusion", confusion)
        if matrix.shape[0] != matrix.shape[1]:
            raise InputError("confusion", f"array of shape {matrix.shape}", "expected a row and a column per group")
        self._bounds = bounds(matrix)

    def __call__(self, group: IntArray, topic: IntArray, rng: np.random.Generator) -> IntArray:
        """Voices drawn from the rows of the drawn groups, shape (P,)."""
        return drawn(self._bounds[group], rng.random(len(group)))


def bounds(probabilities: Array) -> Array:
    """Where the numbers of one category end and those of the next begin, shape (..., K - 1) from (..., K).

    A category without probability is never drawn, not even the last after rounding: the whole sums to one exactly.
    """
    cumulative = probabilities.cumsum(axis=-1)
    inner: Array = cumulative[..., :-1] / cumulative[..., -1:]
    return inner


def drawn(bounds: Array, numbers: Array) -> IntArray:
    """Categories drawn by inversion: how many bounds lie at or below each number, shape (...).

    Args:
        bounds: As `bounds` gives them, shape (..., K - 1).
        numbers: Uniform on [0, 1), shape (...).

    >>> drawn(bounds(np.array([0.5, 0.0, 0.5])), np.array([0.2, 0.5, 0.9])).tolist()
    [0, 2, 2]
    """
    chosen: IntArray = (numbers[..., None] >= bounds).sum(axis=-1)
    return chosen
