"""Inconsistency: how far an account's answers lie from everybody's, and so from each other."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.arrays import Array
from sim.estimation.features import Features, by_scale, nominal
from sim.estimation.inconsistency import gram, gram_plus_spread
from sim.estimation.opinion_table import OpinionTable


class InconsistencyRule(Protocol):
    """A kernel on an account's drafts and the matrix C it realises.

    Attributes:
        sets: Independent sets of drafts the kernel needs per topic.
    """

    sets: int

    def estimate(self, table: OpinionTable) -> Array:
        """Expected kernel, shape (G, G)."""
        ...

    def kernel(self, answers: NDArray[np.int64], topics: NDArray[np.int64], table: OpinionTable) -> Array:
        """Mean over topics of the kernel between drafts of any two groups, (G, G), from (sets, topics, G) answers."""
        ...


def deviations(
    answers: NDArray[np.int64], topics: NDArray[np.int64], table: OpinionTable, features: Features
) -> list[Array]:
    """Features of each draft less what all people answer on the topic: per topic (sets, G, F)."""
    maps, everybody = features(table), table.mean_answers()
    return [maps[topic][answers[:, t, :]] - everybody[topic] @ maps[topic] for t, topic in enumerate(topics)]


class _DraftProducts:
    """Inner products between the deviations of an account's drafts; with two sets, between the first and the second.

    Args:
        ordinal: Compare answers along the scale where a question has one; else any two answers are equally apart.
    """

    sets: int

    def __init__(self, ordinal: bool = False) -> None:
        self._features = by_scale if ordinal else nominal

    def kernel(self, answers: NDArray[np.int64], topics: NDArray[np.int64], table: OpinionTable) -> Array:
        """Mean over topics of the kernel between drafts of any two groups, symmetrised, (G, G)."""
        drafts = deviations(answers, topics, table, self._features)
        products: Array = np.mean([d[0] @ d[-1].T for d in drafts], axis=0)
        return (products + products.T) / 2.0


class GramSpread(_DraftProducts):
    """One draft per group: the squared distance of the account's stance to everybody's; C = gram + spread."""

    sets = 1

    def estimate(self, table: OpinionTable) -> Array:
        """Gram matrix of group deviations plus the spread inside each group, shape (G, G)."""
        return gram_plus_spread(table, self._features)


class Gram(_DraftProducts):
    """Two independent drafts per group, compared with each other: C = gram, without the spread."""

    sets = 2

    def estimate(self, table: OpinionTable) -> Array:
        """Gram matrix of group deviations, shape (G, G)."""
        return gram(table, self._features)
