"""Estimators of S: how alike two groups sound, and so how much they crowd each other.

All are symmetric, shape (G, G), and positive semidefinite; one made elsewhere is refused if it is not, unless asked
(theory of the alignment game, section 7).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from sim.arrays import Array, finite_array, read_only
from sim.errors import InputError
from sim.estimation.features import Features
from sim.estimation.opinion_table import OpinionTable
from sim.game_matrices import symmetric_matrix
from sim.simplex import restricted_to_tangent


def identity(table: OpinionTable) -> Array:
    """S = I: two accounts crowd each other by the overlap of their mixtures only."""
    return np.eye(len(table.groups))


def agreement(table: OpinionTable) -> Array:
    """K_gh = mean_q sum_k p_gqk p_hqk: chance that a member of g and one of h give the same answer."""
    return _mean_product(list(table.probabilities))


def bhattacharyya(table: OpinionTable) -> Array:
    """S_gh = mean_q sum_k sqrt(p_gqk p_hqk): Bhattacharyya coefficient, with a unit diagonal."""
    return _mean_product([np.sqrt(answers) for answers in table.probabilities])


def jensen_shannon(table: OpinionTable) -> Array:
    """S_gh = 1 - mean_q JSD(p_gq, p_hq), in bits, with a unit diagonal.

    Each option adds (p + q) H(p / (p + q)) / 2, H the binary entropy: a kernel whose spectrum
    sech(pi x) / ((1 + 4 x^2) log 2) is positive, so S is a Gram matrix (Vedaldi and Zisserman, 2012, table 1).
    """
    total = np.zeros((len(table.groups), len(table.groups)))
    for answers in table.probabilities:
        middle = (answers[:, None] + answers[None, :]) / 2
        own = xlogy(answers, answers).sum(axis=1)
        total += (own[:, None] + own[None, :]) / 2 - xlogy(middle, middle).sum(axis=2)
    similarity: Array = 1 - total / (len(table.questions) * np.log(2))
    return similarity


@dataclass(frozen=True, eq=False, kw_only=True)
class FeatureCosine:
    """S_gh = mean_q cos(f(p_gq), f(p_hq)): cosine of the groups' mean features, recomputed with every table.

    Attributes:
        features: Feature map, such as `Embedded` for texts.

    Raises:
        InputError: A group's mean feature is zero, so that it has no direction.
    """

    features: Features

    def __call__(self, table: OpinionTable) -> Array:
        """S, shape (G, G)."""
        rows = [
            _directions(answers @ values, f"feature of question {question!r}", table.groups)
            for question, answers, values in zip(
                table.questions, table.probabilities, self.features(table), strict=True
            )
        ]
        return _mean_product(rows)


@dataclass(frozen=True, eq=False, kw_only=True)
class EmbeddingCosine:
    """S_gh = mean_q cos(e_gq, e_hq) of given embeddings, which a bootstrap does not draw again.

    Attributes:
        vectors: Embedding of each group's text, (G, F), or of its text on each of Q questions, (G, Q, F).

    Raises:
        InputError: Wrong shape, or a vector of zeros.
    """

    vectors: Array

    def __post_init__(self) -> None:
        vectors = finite_array("vectors", self.vectors, ndim=2 if np.ndim(self.vectors) == 2 else 3)
        by_question = vectors[:, None] if vectors.ndim == 2 else vectors
        object.__setattr__(self, "vectors", read_only(by_question.copy()))

    def __call__(self, table: OpinionTable) -> Array:
        """S, shape (G, G)."""
        if len(self.vectors) != len(table.groups):
            given = f"vectors of {len(self.vectors)} groups"
            raise InputError("vectors", given, f"the table has {len(table.groups)} groups")
        each = np.swapaxes(self.vectors, 0, 1)
        return _mean_product([_directions(rows, f"vector {q}", table.groups) for q, rows in enumerate(each)])


@dataclass(frozen=True, eq=False, kw_only=True)
class GivenSimilarity:
    """A similarity made elsewhere, such as by human or model judges; the same for every table.

    Attributes:
        matrix: S, symmetric, shape (G, G).
        allow_indefinite: Whether S may have negative eigenvalues. Then homogeneous equilibria can be many, and maps
            refuse what is not concave.

    Raises:
        InputError: S is not symmetric, or it is indefinite and that was not allowed; the message says by how much.
    """

    matrix: Array
    allow_indefinite: bool = False

    def __post_init__(self) -> None:
        given = finite_array("similarity", self.matrix, ndim=2)
        matrix = symmetric_matrix("similarity", given, len(given))
        if not self.allow_indefinite:
            require_gram(matrix)
        object.__setattr__(self, "matrix", matrix)

    def __call__(self, table: OpinionTable) -> Array:
        """S, shape (G, G)."""
        size = len(table.groups)
        if self.matrix.shape != (size, size):
            raise InputError("similarity", f"array of shape {self.matrix.shape}", f"expected ({size}, {size})")
        return self.matrix.copy()


def require_gram(similarity: Array) -> None:
    """Refuse a similarity that is not a Gram matrix.

    Raises:
        InputError: It has a negative eigenvalue; the message says how far below zero, and how far on the tangent space.
    """
    least = float(np.linalg.eigvalsh(similarity)[0])
    if least < -1e-10 * float(np.abs(similarity).max()):
        inside = float(np.linalg.eigvalsh(restricted_to_tangent(similarity))[0])
        raise InputError(
            "similarity",
            f"matrix with eigenvalue {least:.6g}",
            f"expected none below 0; on the tangent space, where equilibria are decided, the least is {inside:.6g}."
            " Use a Gram matrix, such as bhattacharyya, or say allow_indefinite=True",
        )


def _directions(vectors: Array, what: str, groups: tuple[str, ...]) -> Array:
    lengths = np.linalg.norm(vectors, axis=1)
    if not lengths.all():
        group = groups[int(lengths.argmin())]
        raise InputError(f"{what} of group {group!r}", 0.0, "a zero vector has no direction; leave it out")
    unit: Array = vectors / lengths[:, None]
    return unit


def _mean_product(rows: list[Array]) -> Array:
    stacked = np.hstack(rows)
    product: Array = stacked @ stacked.T / len(rows)
    return product
