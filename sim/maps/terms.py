"""The game of a map: checked, and with its gauge removed.

Most games pass one compiled check that is stricter than the rule. Only what it does not pass goes through the slower
checks of a game, which then accept it or say what is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.alignment_game import AlignmentGame, Incentives
from sim.arrays import Array
from sim.compiling import compiled
from sim.errors import InputError
from sim.game_matrices import group_names
from sim.maps.homotopy import Terms
from sim.simplex import restricted_to_tangent

_SURE = 1e-8
"""Pivot, relative to the mean of the diagonal, above which a matrix is positive definite whatever the rounding."""


class Given(NamedTuple):
    """A valid game for a map, incentives apart.

    Attributes:
        attractiveness: a, (D,).
        inconsistency: C, (D, D).
        similarity: S, (D, D).
        groups: Names of the groups, or None.
        terms: The same with the gauge removed.
    """

    attractiveness: Array
    inconsistency: Array
    similarity: Array
    groups: tuple[str, ...] | None
    terms: Terms


def validated_game(
    attractiveness: ArrayLike, inconsistency: ArrayLike, similarity: ArrayLike, groups: Sequence[str] | None
) -> Given:
    """Check a, C and S as every game does, and remove their gauge.

    Raises:
        InputError: Bad input; the message names the field.
    """
    names = None if groups is None else tuple(groups)
    try:
        given = tuple(np.array(value, np.float64, order="C") for value in (attractiveness, inconsistency, similarity))
    except (TypeError, ValueError):
        given = ()  # the slower checks say what is wrong
    if given:
        pull, own, crowd = given
        square = (pull.size, pull.size)
        if pull.ndim == 1 and pull.size >= 2 and own.shape == crowd.shape == square:
            terms = _room(pull.size)
            if _centre(pull, own, crowd, terms) and _definite((terms.inconsistency, terms.similarity), 1.0, 0.0):
                return Given(pull, own, crowd, group_names(names, pull.size), terms)
    game = AlignmentGame(
        attractiveness=np.asarray(attractiveness),
        inconsistency=np.asarray(inconsistency),
        similarity=np.asarray(similarity),
        incentives=Incentives(1.0, 1.0, 1.0),
        accounts=2,
        groups=names,
    )
    terms = centred_terms(game.attractiveness, game.inconsistency, game.similarity)
    return Given(game.attractiveness, game.inconsistency, game.similarity, game.groups, terms)


def centred_terms(attractiveness: Array, inconsistency: Array, similarity: Array) -> Terms:
    """Remove the gauge of a, C and S once for all rays (theory of the alignment game, section 2)."""
    terms = _room(attractiveness.size)
    pull, own, crowd = (np.array(value, np.float64, order="C") for value in (attractiveness, inconsistency, similarity))
    _centre(pull, own, crowd, terms)
    return terms


def require_concave(game: Given, own: float, crowd: float) -> None:
    """Refuse an S that makes 2 bI C + bD S bend the wrong way at the largest ratio bD / bI of a grid.

    What is semidefinite there is so at every smaller ratio: it is a mean of that and of C.

    Args:
        game: A valid game.
        own: bI at the point of the largest ratio.
        crowd: bD there.

    Raises:
        InputError: The curvature on the tangent space is negative; the message says how much.
    """
    if _definite((game.terms.inconsistency, game.terms.similarity), own, crowd):
        return
    matrix = 2 * own * game.inconsistency + crowd * game.similarity
    curvature = float(np.linalg.eigvalsh(restricted_to_tangent(matrix))[0])
    size = float(np.abs(matrix - matrix.mean()).max())
    if curvature < -1e-10 * size - 1e-14 * float(np.abs(matrix).max()):
        least = float(np.linalg.eigvalsh(restricted_to_tangent(game.similarity))[0])
        raise InputError(
            "similarity",
            f"matrix with eigenvalue {least:.6g} on the tangent space",
            f"2 bI C + bD S has curvature {curvature:.6g} there at bI = {own:.6g}, bD = {crowd:.6g}, so a boundary"
            " equilibrium need not be unique; use a positive semidefinite similarity or less diversity",
        )


def _room(size: int) -> Terms:
    square = size, size
    return Terms(np.empty(square), np.empty(square), np.empty(size), np.empty(size), np.empty(size))


@compiled
def _centre(pull: Array, own: Array, crowd: Array, terms: Terms) -> bool:
    """Write the terms; whether everything is finite and both matrices are symmetric."""
    size = pull.size
    mean = 0.0
    for i in range(size):
        mean += pull[i]
    mean /= size
    good = True
    for i in range(size):
        terms.attractiveness[i] = pull[i] - mean
        good &= np.isfinite(pull[i])
    good &= _centre_matrix(own, 2.0, terms.inconsistency, terms.own_tilt)
    good &= _centre_matrix(crowd, 1.0, terms.similarity, terms.crowd_tilt)
    return good


@compiled
def _centre_matrix(matrix: Array, factor: float, centred: Array, tilt: Array) -> bool:
    size = tilt.size
    mean = largest = 0.0
    good = True
    for i in range(size):
        for j in range(size):
            mean += matrix[i, j]
            largest = max(largest, abs(matrix[i, j]))
            good &= np.isfinite(matrix[i, j])
    mean /= size * size
    bound = 1e-10 * max(largest, 1e-300)
    for i in range(size):
        tilt[i] = 0.0
        for j in range(size):
            good &= abs(matrix[i, j] - matrix[j, i]) <= bound
            # Removing the mean first keeps a large gauge constant from costing digits.
            centred[i, j] = factor * ((matrix[i, j] - mean) + (matrix[j, i] - mean)) / 2
            tilt[i] += centred[i, j]
        tilt[i] /= size
    for i in range(size):
        for j in range(size):
            centred[i, j] -= tilt[i] + tilt[j]
    return good


@compiled
def _definite(centred: tuple[Array, Array], own: float, crowd: float) -> bool:
    """Whether own C + crowd S, both centred, is surely positive definite on the tangent space."""
    size = centred[0].shape[0]
    factor = np.empty((size, size))
    trace = 0.0
    for i in range(size):
        for j in range(size):
            factor[i, j] = own * centred[0][i, j] + crowd * centred[1][i, j]
        trace += factor[i, i]
    bound = _SURE * trace / size
    for i in range(size):
        for j in range(i + 1):
            # The constant gives the uniform direction, which centring left empty, a curvature.
            total = factor[i, j] + trace / size
            for k in range(j):
                total -= factor[i, k] * factor[j, k]
            if i > j:
                factor[i, j] = total / factor[j, j]
            elif total > bound:
                factor[i, i] = np.sqrt(total)
            else:
                return False
    return bool(bound < np.inf)
