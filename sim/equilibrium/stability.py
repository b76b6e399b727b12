"""Whether a homogeneous equilibrium holds, or the accounts specialise."""

from __future__ import annotations

import numpy as np

from sim.alignment_game import AlignmentGame
from sim.arrays import Array
from sim.simplex import restricted_to_tangent

_FLAT = 1e-12
"""Curvature below this share of the largest counts as zero."""


def stability_number(game: AlignmentGame) -> float:
    """Stability number kappa_max = lambda_max((b / 2 bI) C_T^{-1} S_T), without unit.

    Crowding against own curvature, on the tangent space T (theory of the alignment game, section 5). At the
    homogeneous interior equilibrium gradient play, replicator and sequential best response are locally stable
    iff kappa_max < 1, simultaneous best response iff also (M-1) kappa_max < 1. Above 1 accounts specialise.

    Where C_T is singular (or bI = 0) it is the least k for which 2 bI k C - b S is positive semidefinite on
    T: `inf` if crowding acts along a direction without own curvature, which no k can offset. It is 0 for a
    single account, for bD = 0, and where bI = 0 and crowding pushes no accounts apart. It is negative where
    similarity is negative definite on T: such accounts attract each other.

    Returns:
        kappa_max, finite or `inf`; never NaN.
    """
    own = 2 * game.incentives.inconsistency * restricted_to_tangent(game.inconsistency)
    crowd = game.crowding_weight * restricted_to_tangent(game.similarity)
    scale = max(float(np.abs(own).max()), float(np.abs(crowd).max()))
    size = float(np.abs(game.similarity - game.similarity.mean()).max()) * game.crowding_weight
    if float(np.abs(crowd).max()) <= _FLAT * size or scale == 0:
        return 0.0
    curvature, modes = np.linalg.eigh(own)
    curved = curvature > _FLAT * max(float(curvature[-1]), 0.0)
    rotated = modes.T @ crowd @ modes
    if curved.all():
        return _largest_ratio(rotated, curvature)
    tolerance = _FLAT * float(np.abs(crowd).max())
    idle = rotated[np.ix_(~curved, ~curved)]
    levels, directions = np.linalg.eigh(idle)
    cross = directions.T @ rotated[np.ix_(~curved, curved)]
    level_zero = np.abs(levels) <= tolerance
    if levels[-1] > tolerance or (np.abs(cross[level_zero]) > tolerance).any():
        return float("inf")
    if not curved.any():
        return 0.0
    # Eliminate the directions without curvature (Schur complement); those left behave as usual.
    bent = cross[~level_zero]
    complement = rotated[np.ix_(curved, curved)] - bent.T @ (bent / levels[~level_zero][:, None])
    return _largest_ratio(complement, curvature[curved])


def positive_definite_on_tangent(matrix: Array) -> bool:
    """Whether a symmetric matrix is positive definite on the tangent space, with relative tolerance 1e-12."""
    eigenvalues = np.linalg.eigvalsh(restricted_to_tangent(matrix))
    size = float(np.abs(matrix - matrix.mean()).max())
    return bool(eigenvalues[0] > _FLAT * max(size, float(np.abs(eigenvalues).max())))


def _largest_ratio(crowd: Array, curvature: Array) -> float:
    root = np.sqrt(curvature)
    return float(np.linalg.eigvalsh(crowd / np.outer(root, root))[-1])
