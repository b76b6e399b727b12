"""Whether a homogeneous equilibrium holds, or the accounts specialise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.alignment_game import AlignmentGame
from sim.arrays import Array
from sim.equilibrium.crowding import SharedCrowding, on_tangent, skew_pull
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame
from sim.simplex import restricted_to_tangent

_FLAT = 1e-12
"""Curvature below this share of the largest counts as zero."""


def crowding_modes(game: AlignmentGame | HeterogeneousGame) -> NDArray[np.complex128]:
    """Crowding against own curvature, mode by mode: k_j = (c / 2 bI) mu_j, shape (D-1,), without unit.

    mu_j are the eigenvalues of (C_T)^{-1} S_T on the tangent space T, and c is the price of a whole neighbourhood:
    c = bD for crowding="mean" and c = (M-1) bD for "sum" (on a regular network, bD times the number of
    neighbours). So k_j is what ALL others do to an account when they move together: no factor M - 1 is left
    to apply, and simultaneous best response contracts at max |k_j|. What ONE other account does is
    k_j / (M-1); the largest real part of that is `stability_number`. (Algorithms of the alignment game, section 5.)

    Returns:
        Descending by real part; real (zero imaginary part) where S is symmetric.

    Raises:
        InputError: C is singular on T or bI = 0 while there is crowding: a mode is infinite. `stability_number` has
            a value there too. Or accounts that differ.
    """
    shared = SharedCrowding.of(game)
    crowd = shared.total * on_tangent(shared.similarity)
    if not _acts(crowd, shared.total * shared.similarity):
        return np.zeros(game.dimension - 1, dtype=np.complex128)
    curvature, modes = np.linalg.eigh(restricted_to_tangent(shared.own))
    if curvature[0] <= _FLAT * max(float(curvature[-1]), 0.0):
        raise InputError(
            "inconsistency",
            f"2 bI C with least curvature {curvature[0]:.3g} on the tangent space",
            "a crowding mode is infinite there; stability_number() says which way it acts",
        )
    root = np.sqrt(curvature)
    ratio = modes.T @ crowd @ modes / np.outer(root, root)
    if skew_pull(shared.similarity)[1] <= 1e-10 * float(np.abs(shared.similarity).max()):
        return np.linalg.eigvalsh((ratio + ratio.T) / 2)[::-1].astype(np.complex128)
    values = np.linalg.eigvals(ratio).astype(np.complex128)
    # Equal real parts: the mode with positive imaginary part first, so that pairs come in a fixed order.
    ordered: NDArray[np.complex128] = values[np.lexsort((-values.imag, -values.real.round(12)))]
    return ordered


def stability_number(game: AlignmentGame | HeterogeneousGame) -> float:
    """Stability number kappa_max = lambda_max((b / 2 bI) C_T^{-1} S_T), without unit.

    Crowding against own curvature, on the tangent space T (theory of the alignment game, section 5). At the
    homogeneous interior equilibrium gradient play, replicator and sequential best response are locally stable
    iff kappa_max < 1, simultaneous best response iff also (M-1) kappa_max < 1. Above 1 accounts specialise.

    It is the largest real part of `crowding_modes` over M - 1 (on a network: times |least eigenvalue of the
    normalised adjacency|, which is 1/(M-1) on the complete graph); for S asymmetric this is the definition.
    `stability_verdicts` gives the condition of each rule, for asymmetric S too.

    Where C_T is singular (or bI = 0) it is the least k for which 2 bI k C - b S is positive semidefinite on
    T: `inf` if crowding acts along a direction without own curvature, which no k can offset (with S asymmetric:
    wherever there is crowding). It is 0 for a single account, for bD = 0, and where bI = 0 and crowding pushes no
    accounts apart. It is negative where similarity is negative definite on T: such accounts attract each other.

    Returns:
        kappa_max, finite or `inf`; never NaN.

    Raises:
        InputError: Accounts that differ: their uniqueness and stability come from `uniqueness`.
    """
    shared = SharedCrowding.of(game)
    price = -float(shared.modes[-1]) * shared.total
    if not _acts(price * on_tangent(shared.similarity), price * shared.similarity):
        return 0.0
    own = restricted_to_tangent(shared.own)
    curvature, modes = np.linalg.eigh(own)
    curved = curvature > _FLAT * max(float(curvature[-1]), 0.0)
    if skew_pull(shared.similarity)[1] > 1e-10 * float(np.abs(shared.similarity).max()):
        if not curved.all():
            return float("inf")
        return float(crowding_modes(game).real.max() * -shared.modes[-1])
    rotated = modes.T @ (price * restricted_to_tangent(shared.similarity)) @ modes
    if curved.all():
        return _largest_ratio(rotated, curvature)
    tolerance = _FLAT * float(np.abs(rotated).max())
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
    """Whether the symmetric part of a matrix is positive definite on the tangent space, relative tolerance 1e-12."""
    eigenvalues = np.linalg.eigvalsh(restricted_to_tangent(matrix))
    size = float(np.abs(matrix - matrix.mean()).max())
    return bool(eigenvalues[0] > _FLAT * max(size, float(np.abs(eigenvalues).max())))


def _acts(restricted: Array, whole: Array) -> bool:
    """Whether crowding is more than the rounding of a gauge."""
    size = max(float(np.abs(whole - whole.mean()).max()), 2e-4 * float(np.abs(whole).max()))
    return float(np.abs(restricted).max()) > _FLAT * size


def _largest_ratio(crowd: Array, curvature: Array) -> float:
    root = np.sqrt(curvature)
    return float(np.linalg.eigvalsh(crowd / np.outer(root, root))[-1])
