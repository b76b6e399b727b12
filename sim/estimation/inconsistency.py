"""Estimators of C: what a mixture of groups costs in inconsistency.

With f the feature map, f(p) the mean feature of an answer distribution and pbar the population's answers
(theory of the alignment game, section 7). All are symmetric and positive semidefinite; shape (G, G).
"""

from __future__ import annotations

import numpy as np

from sim.arrays import Array
from sim.estimation.features import Features, nominal
from sim.estimation.opinion_table import OpinionTable


def gram(table: OpinionTable, features: Features = nominal) -> Array:
    """B_gh = mean_q <f(p_gq) - f(pbar_q), f(p_hq) - f(pbar_q)>: distance from the population's answers.

    Rank at most G - 1, null vector pi.
    """
    deviations = [
        table_q @ map_q - mean_q @ map_q
        for table_q, mean_q, map_q in zip(table.probabilities, table.mean_answers(), features(table), strict=True)
    ]
    return _mean_gram(deviations)


def spread(table: OpinionTable, features: Features = nominal) -> Array:
    """v_g = mean_q E|f(Y_gq) - f(p_gq)|^2: how much the members of a group differ, shape (G,)."""
    per_question = [
        table_q @ np.sum(map_q**2, axis=1) - np.sum((table_q @ map_q) ** 2, axis=1)
        for table_q, map_q in zip(table.probabilities, features(table), strict=True)
    ]
    # A variance: what lies below zero is rounding.
    mean: Array = np.maximum(np.mean(per_question, axis=0), 0.0)
    return mean


def gram_plus_spread(table: OpinionTable, features: Features = nominal) -> Array:
    """C = diag(v) + B: distance from the population plus disagreement inside each group; well conditioned."""
    combined: Array = gram(table, features) + np.diag(spread(table, features))
    return combined


def row_sum(table: OpinionTable, features: Features = nominal) -> Array:
    """C_gh = mean_q |f(p_gq) - f(p_hq)|^2 off the diagonal; C_gg = sum of the row.

    Diagonally dominant, hence positive semidefinite: the reading that fits the Gersgorin argument of
    arXiv 2602.06836. The pairwise measure is our choice; the paper's is not published.
    """
    base = gram(table, features)
    own = np.diag(base)
    pairwise = np.maximum(own[:, None] + own[None, :] - 2 * base, 0.0)
    np.fill_diagonal(pairwise, 0.0)
    dominant: Array = pairwise + np.diag(pairwise.sum(axis=1))
    return dominant


def _mean_gram(vectors: list[Array]) -> Array:
    stacked = np.hstack(vectors)
    product: Array = stacked @ stacked.T / len(vectors)
    return product
