"""Estimators of S: how alike two groups sound, and so how much they crowd each other.

All are symmetric, positive semidefinite, shape (G, G) (theory of the alignment game, section 7).
"""

from __future__ import annotations

import numpy as np

from sim.arrays import Array
from sim.estimation.opinion_table import OpinionTable


def identity(table: OpinionTable) -> Array:
    """S = I: two accounts crowd each other by the overlap of their mixtures only."""
    return np.eye(len(table.groups))


def agreement(table: OpinionTable) -> Array:
    """K_gh = mean_q sum_k p_gqk p_hqk: chance that a member of g and one of h give the same answer."""
    return _mean_product(list(table.probabilities))


def bhattacharyya(table: OpinionTable) -> Array:
    """S_gh = mean_q sum_k sqrt(p_gqk p_hqk): Bhattacharyya coefficient, with a unit diagonal."""
    return _mean_product([np.sqrt(answers) for answers in table.probabilities])


def _mean_product(rows: list[Array]) -> Array:
    stacked = np.hstack(rows)
    product: Array = stacked @ stacked.T / len(rows)
    return product
