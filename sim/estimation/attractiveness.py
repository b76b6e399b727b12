"""Estimators of a: how much attention each group's voice attracts."""

from __future__ import annotations

from sim.arrays import Array
from sim.estimation.opinion_table import OpinionTable
from sim.estimation.similarity import agreement


def prevalence(table: OpinionTable) -> Array:
    """Population share of each group, a = pi, shape (G,) (theory of the alignment game, section 7)."""
    return table.shares.copy()


def reach(table: OpinionTable) -> Array:
    """Chance that a reader drawn from the population gives the same answer, a = K pi, shape (G,).

    K is the `agreement` matrix (theory of the alignment game, section 7).
    """
    reached: Array = agreement(table) @ table.shares
    return reached
