"""Samples without replacement for many readers at once."""

from __future__ import annotations

import numpy as np

from platforms.social.posts import IntArray
from platforms.social.ranking.feeds import BLANK
from sim.arrays import Array


def distinct(rng: np.random.Generator, rows: int, total: int, count: int) -> IntArray:
    """`count` different numbers below `total` in each row, every set equally likely; shape (rows, min(count, total)).

    Floyd's method (Bentley and Floyd 1987): one draw per number whatever the total. Rows are not in random order.
    """
    size = min(count, total)
    chosen = np.empty((rows, size), dtype=np.int64)
    for k in range(size):
        last = total - size + k
        number = rng.integers(last + 1, size=rows)
        taken = (chosen[:, :k] == number[:, None]).any(axis=1)
        chosen[:, k] = np.where(taken, last, number)
    return chosen


def some_of(rng: np.random.Generator, pool: IntArray, count: int) -> IntArray:
    """`count` entries of each row at random, those that are BLANK last, shape (rows, min(count, width))."""
    if pool.shape[1] <= count:
        return pool
    keys: Array = rng.random(pool.shape) + (pool == BLANK)
    return np.take_along_axis(pool, np.argpartition(keys, count - 1, axis=1)[:, :count], axis=1)


def without_repeats(rows: IntArray) -> IntArray:
    """The same rows with BLANK in place of every number that stands to the left already.

    >>> without_repeats(np.array([[4, 2, 4, -1, 2]])).tolist()
    [[4, 2, -1, -1, -1]]
    """
    order = np.argsort(rows, axis=1, kind="stable")
    ascending = np.take_along_axis(rows, order, axis=1)
    ascending[:, 1:][ascending[:, 1:] == ascending[:, :-1]] = BLANK
    kept = np.empty_like(rows)
    np.put_along_axis(kept, order, ascending, axis=1)
    return kept
