"""The interior equilibrium of every draw in closed form, on the tangent space, and where it keeps every group.

A threshold is above zero, so where all groups reach it the equilibrium is interior and has its closed form (theory of
the alignment game, section 4). No boundary has to be followed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.arrays import Array
from sim.estimation.draws import GameDraws
from sim.simplex import tangent_basis

COEFFICIENTS = ("attractiveness", "inconsistency", "diversity")
_CONDITION = 1e-9
"""Least curvature on the tangent space, relative to the largest, that counts as positive definite."""


class Centred(NamedTuple):
    """Draws on the tangent space, their gauge removed.

    Attributes:
        attractiveness: U'a, (B, D-1), U the tangent basis.
        inconsistency: 2 U'CU, (B, D-1, D-1).
        similarity: U'SU, (B, D-1, D-1).
        own_pull: -2 U'Cu with u the uniform mixture, (B, D-1).
        crowd_pull: -U'Su, (B, D-1).
    """

    attractiveness: Array
    inconsistency: Array
    similarity: Array
    own_pull: Array
    crowd_pull: Array

    @classmethod
    def of(cls, draws: GameDraws) -> Centred:
        """Project the terms of every draw."""
        basis = tangent_basis(draws.attractiveness.shape[1])

        def projected(matrices: Array) -> tuple[Array, Array]:
            # Removing the centre first keeps a large gauge constant from costing digits.
            centred = matrices - matrices.mean(axis=(1, 2), keepdims=True)
            return basis.T @ centred @ basis, -centred.mean(axis=2) @ basis

        own, own_pull = projected(2 * draws.inconsistency)
        crowd, crowd_pull = projected(draws.similarity)
        return cls(draws.attractiveness @ basis, own, crowd, own_pull, crowd_pull)


def levels_at(centred: Centred, own: float, crowd: float, threshold: float) -> tuple[Array, Array]:
    """The interval of bA in which all groups reach the threshold, in every draw, at one bI and bD.

    There w = w0 + bA P a is linear in bA, so the bA with w >= threshold form one interval.

    Returns:
        Lower ends (B,), at least 0, and upper ends (B,); the lower one is infinite where no bA does it.
    """
    matrices = own * centred.inconsistency + crowd * centred.similarity
    pulls = own * centred.own_pull + crowd * centred.crowd_pull
    basis = tangent_basis(matrices.shape[-1] + 1)
    good = definite(matrices)
    matrices = np.where(good[:, None, None], matrices, np.eye(matrices.shape[-1]))
    solved = np.linalg.solve(matrices, np.stack([pulls, centred.attractiveness], axis=2))
    room = 1 / len(basis) - threshold + solved[..., 0] @ basis.T
    slope = solved[..., 1] @ basis.T
    slope = np.where(np.abs(slope) <= 1e-14 * np.abs(slope).max(axis=1, keepdims=True), 0.0, slope)
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = -room / slope
    low = np.where(slope > 0, crossing, 0.0).max(axis=1, initial=0.0)
    high = np.where(slope < 0, crossing, np.inf).min(axis=1)
    possible = good & (high >= low) & ~((slope == 0) & (room < 0)).any(axis=1)
    return np.where(possible, low, np.inf), np.where(possible, high, -np.inf)


def definite(matrices: Array) -> NDArray[np.bool_]:
    """Which matrices are positive definite, and not nearly singular, (B,)."""
    values = np.linalg.eigvalsh(matrices)
    good: NDArray[np.bool_] = values[:, 0] > _CONDITION * np.abs(values[:, -1])
    return good
