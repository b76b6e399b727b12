"""Feature maps of an answer: which geometry says how far two answers are apart.

A feature map turns option k of a question into a vector f(k). Both maps put the two ends of a question at
distance one: |f(first) - f(last)| = 1 (theory of the alignment game, section 7).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.arrays import Array, whole_number
from sim.estimation.opinion_table import OpinionTable

Features = Callable[[OpinionTable], tuple[Array, ...]]
"""From a table to one matrix per question, shape (K_q, F_q): row k is f(option k)."""


def one_hot(options: int) -> Array:
    """Nominal map: e_k / sqrt(2), shape (K, K), so that any two different answers are at distance one.

    Raises:
        InputError: `options` is below 2.
    """
    scaled: Array = np.eye(whole_number("options", options, minimum=2)) / np.sqrt(2.0)
    return scaled


def cumulative(options: int) -> Array:
    """Ordinal map: f_j(k) = [k <= j] / sqrt(K - 1), j = 0..K-2, shape (K, K-1).

    |f(k) - f(l)|^2 = |k - l| / (K - 1), so answer distributions are compared in the Cramer (energy) distance.
    For two options it is the same geometry as `one_hot`.

    Raises:
        InputError: `options` is below 2.
    """
    count = whole_number("options", options, minimum=2)
    upper: Array = np.triu(np.ones((count, count - 1))) / np.sqrt(count - 1.0)
    return upper


def nominal(table: OpinionTable) -> tuple[Array, ...]:
    """`one_hot` for every question, whether or not its options are ordered."""
    return tuple(one_hot(answers.shape[1]) for answers in table.probabilities)


def by_scale(table: OpinionTable) -> tuple[Array, ...]:
    """`cumulative` for ordinal questions, `one_hot` for the others."""
    return tuple(
        (cumulative if table.is_ordinal(q) else one_hot)(answers.shape[1])
        for q, answers in enumerate(table.probabilities)
    )
