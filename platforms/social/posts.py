"""The posts of a round as columns: what a feed handles when posts come by the hundred thousand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from platforms.social.post import UNHEARD, Post
from sim.arrays import Array
from sim.errors import InputError

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
    def of(cls, posts: Sequence[Post], time: Array, groups: int, features: Array | None = None) -> PostBatch:
        """Columns of written posts.

        Args:
            posts: The posts, length P.
            time: When each appeared, shape (P,).
            groups: Number of groups G.
            features: Embeddings, shape (P, F); None: one-hots of the voices.
        """
        rows = [(p.draft.account, p.draft.group, p.voice, p.draft.topic, p.draft.answer) for p in posts]
        account, group, voice, topic, answer = np.array(rows, dtype=np.int64).reshape(-1, 5).T
        return cls(
            account=account,
            group=group,
            voice=voice,
            topic=topic,
            answer=answer,
            time=time,
            features=one_hot(voice, groups) if features is None else features,
        )


def one_hot(voice: IntArray, groups: int) -> Array:
    """A one in the column of the voice, nothing for an unheard post, shape (P, G).

    >>> one_hot(np.array([1, UNHEARD]), 2)
    array([[0., 1.],
           [0., 0.]])
    """
    rows: Array = np.vstack([np.eye(groups), np.zeros(groups)])[np.where(voice == UNHEARD, groups, voice)]
    return rows
