"""Feature maps of an answer: which geometry says how far two answers are apart.

A feature map turns option k of a question into a vector f(k). All maps put the options of a question that are furthest
apart at distance one (theory of the alignment game, section 7).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import pdist

from sim.arrays import Array, finite_array, read_only, whole_number
from sim.errors import InputError
from sim.estimation.opinion_table import OpinionTable, check_length

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


@dataclass(frozen=True, eq=False, kw_only=True)
class Embedded:
    """Embeddings of the options' texts as features, scaled so that the furthest two of a question are one apart.

    With it an open question needs no theory of its own: its options are the texts that people gave, f(p_g) is the mean
    embedding of group g and the spread of g that of its texts around it.

    Attributes:
        vectors: Per question, one embedding per option, (K_q, F_q).

    Raises:
        InputError: A question whose options all have one embedding, or vectors that don't fit the table.
    """

    vectors: Sequence[Array]

    def __post_init__(self) -> None:
        scaled = []
        for q, given in enumerate(self.vectors):
            values = finite_array(f"vectors[{q}]", given, ndim=2)
            width = float(pdist(values).max()) if len(values) > 1 else 0.0
            if width == 0:
                raise InputError(f"vectors[{q}]", "options at one point", "expected options that differ")
            scaled.append(read_only(values / width))
        object.__setattr__(self, "vectors", tuple(scaled))

    def __call__(self, table: OpinionTable) -> tuple[Array, ...]:
        """Row k of each matrix is f(option k)."""
        check_length("vectors", self.vectors, len(table.questions))
        for question, values, answers in zip(table.questions, self.vectors, table.probabilities, strict=True):
            check_length(f"vectors of question {question!r}", list(values), answers.shape[1])
        return tuple(self.vectors)
