"""What the matrices of a game must satisfy: shape, symmetry, curvature; and the names of its groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, finite_array, shorten
from sim.errors import InputError
from sim.simplex import restricted_to_tangent


def symmetric_matrix(field: str, value: ArrayLike, dimension: int) -> Array:
    """Return `value` as a symmetric matrix, shape (D, D).

    Raises:
        InputError: Wrong shape, entries that are not finite, or an asymmetric matrix; the message names the entry.
    """
    matrix = _square_matrix(field, value, dimension)
    difference = np.abs(matrix - matrix.T)
    row, column = np.unravel_index(np.argmax(difference), difference.shape)
    if difference[row, column] > 1e-10 * max(float(np.abs(matrix).max()), 1e-300):
        raise InputError(
            f"{field}[{row}, {column}] - {field}[{column}, {row}]",
            matrix[row, column] - matrix[column, row],
            "the matrix must be symmetric; (X + X.T) / 2 is its symmetric part. A similarity that differs by direction"
            " needs AlignmentGame(..., directed=True)",
        )
    return matrix


def similarity_matrix(value: ArrayLike, dimension: int, *, directed: bool) -> Array:
    """Return `value` as a similarity matrix, shape (D, D): symmetric, unless `directed`.

    Raises:
        InputError: Wrong shape, entries that are not finite, or an asymmetric matrix in an undirected game.
    """
    if directed:
        return _square_matrix("similarity", value, dimension)
    return symmetric_matrix("similarity", value, dimension)


def _square_matrix(field: str, value: ArrayLike, dimension: int) -> Array:
    matrix = finite_array(field, value, ndim=2)
    if matrix.shape != (dimension, dimension):
        remedy = f"expected shape ({dimension}, {dimension}), one row and column per entry of attractiveness"
        raise InputError(field, f"array of shape {matrix.shape}", remedy)
    return matrix


def require_semidefinite(field: str, matrix: Array) -> None:
    """Refuse a matrix that is not positive semidefinite on the tangent space.

    Raises:
        InputError: An eigenvalue there is below zero; the message says by how much.
    """
    eigenvalues = np.linalg.eigvalsh(restricted_to_tangent(matrix))
    size = float(np.abs(matrix - matrix.mean()).max())
    # A large constant in the matrix (its gauge) leaves rounding of its own size.
    if eigenvalues[0] < -1e-10 * size - 1e-14 * float(np.abs(matrix).max()):
        raise InputError(
            field,
            f"matrix with eigenvalue {eigenvalues[0]:.6g} on the tangent space",
            "expected none below 0 there (vectors that sum to zero), or utilities are not concave and best"
            " responses jump; use a positive semidefinite estimator, such as gram_plus_spread",
        )


def group_names(groups: tuple[str, ...] | None, dimension: int) -> tuple[str, ...] | None:
    """Return the names of the groups as distinct strings, or None.

    Raises:
        InputError: Not one name per group, or a name twice.
    """
    if groups is None:
        return None
    names = tuple(str(name) for name in groups)
    if len(names) != dimension:
        raise InputError("groups", shorten(groups), f"expected {dimension} names, one per group")
    if len(set(names)) != dimension:
        raise InputError("groups", shorten(groups), "every group needs a name of its own")
    return names
