"""How the homogeneous equilibrium moves with every input: derivatives within the present support."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, read_only
from sim.equilibrium.homogeneous import homogeneous_equilibrium
from sim.errors import InputError
from sim.simplex import tangent_basis

_TIE = 1e-10


@dataclass(frozen=True, eq=False)
class ComparativeStatics:
    """Derivatives of the homogeneous equilibrium mixture w.

    Within the support the weights move smoothly; groups at zero stay there. Where a group is about to enter or leave
    (`turning` not empty) the derivatives are those of the present support and hold to one side only.

    Attributes:
        mixture: w, shape (D,).
        support: Groups with a weight above zero.
        attractiveness: dw/dbA = P a, shape (D,).
        inconsistency: dw/dbI = -2 P C w, shape (D,).
        diversity: dw/dbD = -(M-1) g P S w, shape (D,).
        attractiveness_of: dw/da = bA P; entry [d, e] moves w_d when a_e rises, shape (D, D).
        inconsistency_of: dw/dC_ee = -2 bI w_e P[:, e]; entry [d, e] moves w_d when C_ee rises, shape (D, D).
        similarity_of: dw/dS_ee = -(M-1) b w_e P[:, e], as above, shape (D, D).
        response: P, the inverse of A on the tangent space of the support, zero elsewhere, shape (D, D).
        turning: Groups of weight zero that earn as much as the support, up to 1e-10 of the scale.
    """

    mixture: Array
    support: tuple[int, ...]
    attractiveness: Array
    inconsistency: Array
    diversity: Array
    attractiveness_of: Array
    inconsistency_of: Array
    similarity_of: Array
    response: Array
    turning: tuple[int, ...]


def comparative_statics(game: AlignmentGame) -> ComparativeStatics:
    """All derivatives of the homogeneous equilibrium, interior or on the boundary.

    P = A^{-1} - A^{-1}ee'A^{-1}/(e'A^{-1}e) on the support, computed as V(V'AV)^{-1}V' with V a basis of its tangent
    space, which stays regular where A itself is singular (theory of the alignment game, section 4). S may be
    asymmetric. Only two ratios of the incentives matter: bA dw/dbA + bI dw/dbI + bD dw/dbD = 0.

    Raises:
        InputError: As `homogeneous_equilibrium`; or A is singular on the tangent space of the support, where the
            equilibrium is not a single moving point.
    """
    found = homogeneous_equilibrium(game)
    mixture, matrix = found.mixture, game.consensus_matrix
    inside = np.flatnonzero(mixture > 0)
    gradient = game.incentives.attractiveness * game.attractiveness - matrix @ mixture
    scale = max(float(np.abs(gradient - gradient.mean()).max()), float(np.abs(matrix - matrix.mean()).max()))
    tied = (mixture == 0) & (gradient >= found.multiplier - _TIE * scale)
    response = _response(matrix, inside)
    price = game.incentives
    crowd = (game.accounts - 1) * game.crowding_weight
    per_diversity = crowd / price.diversity if price.diversity > 0 else _unit_crowding(game)
    values = {
        "attractiveness": response @ game.attractiveness,
        "inconsistency": -2 * response @ game.inconsistency @ mixture,
        "diversity": -per_diversity * response @ game.similarity @ mixture,
        "attractiveness_of": price.attractiveness * response,
        "inconsistency_of": -2 * price.inconsistency * response * mixture,
        "similarity_of": -crowd * response * mixture,
        "response": response,
    }
    return ComparativeStatics(
        mixture=mixture,
        support=tuple(inside.tolist()),
        turning=tuple(np.flatnonzero(tied).tolist()),
        **{name: read_only(value) for name, value in values.items()},
    )


def _response(matrix: Array, inside: NDArray[np.intp]) -> Array:
    dimension = matrix.shape[0]
    response = np.zeros((dimension, dimension))
    if inside.size < 2:
        return response
    basis = np.zeros((dimension, inside.size - 1))
    basis[inside] = tangent_basis(inside.size)
    centred = matrix - matrix.mean()
    face = basis.T @ centred @ basis
    if np.linalg.svd(face, compute_uv=False)[-1] <= 1e-12 * max(float(np.abs(centred).max()), 1e-300):
        raise InputError(
            "inconsistency",
            "2 bI C + (M-1) b S singular on the support",
            "the equilibrium is one of many and has no derivative; raise bI or bD, or use a better conditioned C",
        )
    moved: Array = basis @ np.linalg.solve(face, basis.T)
    return moved


def _unit_crowding(game: AlignmentGame) -> float:
    """(M-1) g: what one unit of bD adds to the crowding of an account."""
    if game.accounts == 1:
        return 0.0
    return 1.0 if game.crowding == "mean" else float(game.accounts - 1)
