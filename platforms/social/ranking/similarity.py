"""Similarity: posts like those that the reader's group liked come first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platforms.social.posts import IntArray
from platforms.social.ranking.feeds import Feeds, best_first
from sim.arrays import Array, shorten
from sim.errors import InputError


@dataclass(frozen=True)
class Similarity:
    """Cosine of a post's features with the mean features of what the reader's group has liked.

    It uses `posts.features`, embeddings of the text where there is text and else the one-hot of the voice, and
    `liked`; not the popularity of the account, nor what the reader's own taste is. A group that has liked nothing yet,
    and a post without features, score 0; equal scores keep the order of the candidates.
    """

    def rank(self, feeds: Feeds, slots: int, rng: np.random.Generator) -> IntArray:
        """Order by the cosine, shape (R, slots)."""
        # Not a matrix product of a library: its last bits depend on a post's place in the batch, and would decide ties.
        cosine = np.einsum("pf,gf->pg", unit_rows(feeds.posts.features), unit_rows(feeds.liked))
        return best_first(cosine[feeds.candidates, feeds.group[:, None]], feeds.candidates, slots)


def unit_rows(vectors: Array) -> Array:
    """The rows at length one; a row of zeros stays.

    Raises:
        InputError: A row is not finite.

    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(length).all():
        row = int(np.argmax(~np.isfinite(length)))
        raise InputError(f"features[{row}]", shorten(vectors[row]), "expected finite numbers")
    unit: Array = np.divide(vectors, length, out=np.zeros(vectors.shape), where=length > 0)
    return unit
