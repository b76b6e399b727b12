"""The simplex of mixtures: validation, projection, tangent space, distance, sampling."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, finite_array, non_negative, read_only, whole_number
from sim.errors import InputError

SUM_TOLERANCE = 1e-8
"""How far a mixture may sum from one, and fall below zero, before it is refused."""


def validated_mixture(field: str, value: ArrayLike, dimension: int | None = None) -> Array:
    """Return `value` as a read-only mixture, shape (D,).

    Args:
        field: Name used in the error message.
        value: Weights >= 0 that sum to one (within `SUM_TOLERANCE`; they are not rescaled).
        dimension: Required D, if known.

    Raises:
        InputError: Wrong shape, a negative entry, or a sum other than one; the message names which.
    """
    mixture = finite_array(field, value, ndim=1)
    if dimension is not None and mixture.size != dimension:
        raise InputError(field, f"{mixture.size} weights", f"expected one weight per group, {dimension} in all")
    _check_rows(field, mixture[None, :], single=True)
    return mixture


def validated_profile(field: str, value: ArrayLike, shape: tuple[int, int] | None = None) -> Array:
    """Return `value` as a read-only profile: one mixture per account, shape (M, D).

    Raises:
        InputError: Wrong shape, a negative entry, or a row that does not sum to one; the message names
            the account and the offending sum or entry.
    """
    profile = finite_array(field, value, ndim=2)
    if shape is not None and profile.shape != shape:
        raise InputError(
            field,
            f"array of shape {profile.shape}",
            f"expected (accounts, groups) = {shape}: one row per account",
        )
    _check_rows(field, profile, single=False)
    return profile


def validated_floor(field: str, value: float, dimension: int) -> float:
    """Return `value` as a weight floor, 0 <= floor <= 1/D.

    Raises:
        InputError: The floor is negative, or so high that D weights cannot sum to one.
    """
    floor = non_negative(field, value)
    if floor * dimension > 1 + 1e-12:
        raise InputError(field, floor, f"{dimension} weights >= floor cannot sum to 1; use at most {1 / dimension:.6g}")
    return floor


def _check_rows(field: str, rows: Array, *, single: bool) -> None:
    if rows.shape[1] == 0:
        raise InputError(field, "an empty mixture", "give at least one weight")
    lowest = np.unravel_index(np.argmin(rows), rows.shape) if rows.size else None
    if lowest is not None and rows[lowest] < -SUM_TOLERANCE:
        where = f"{field}[{lowest[1]}]" if single else f"{field}[{lowest[0]}, {lowest[1]}]"
        raise InputError(
            where, rows[lowest], "a weight must be >= 0; project_to_simplex() maps any vector to a mixture"
        )
    sums = rows.sum(axis=1)
    worst = int(np.argmax(np.abs(sums - 1))) if sums.size else 0
    if sums.size and abs(sums[worst] - 1) > SUM_TOLERANCE:
        where = f"sum of {field}" if single else f"sum of {field}[{worst}]"
        raise InputError(where, sums[worst], "the weights of a mixture must sum to 1; divide by their sum")


def project_to_simplex(point: ArrayLike, floor: float = 0.0) -> Array:
    """Euclidean projection of each vector onto {w >= floor, sum w = 1}.

    Sort-and-threshold, exact: w = max(x - t, 0) with the t that makes the weights sum to one (Held, Wolfe
    and Crowder 1974), applied to the shrunken simplex for floor > 0.

    Args:
        point: Finite vectors, shape (..., D).
        floor: Least weight, at most 1/D.

    Returns:
        The projections, shape (..., D).

    Raises:
        InputError: Non-finite input, or a floor above 1/D.

    >>> project_to_simplex([0.5, 0.5, 2.0])
    array([0., 0., 1.])
    """
    points = np.array(point, dtype=np.float64)
    if points.ndim == 0 or points.shape[-1] == 0 or not np.isfinite(points).all():
        raise InputError("point", f"array of shape {points.shape}", "expected finite vectors of shape (..., D), D >= 1")
    dimension = points.shape[-1]
    floor = validated_floor("floor", floor, dimension)
    mass = max(1.0 - dimension * floor, 0.0)
    # Centring first keeps the cumulative sums accurate for vectors far from the simplex.
    shifted = points - points.max(axis=-1, keepdims=True)
    descending = -np.sort(-shifted, axis=-1)
    thresholds = (np.cumsum(descending, axis=-1) - mass) / np.arange(1, dimension + 1)
    support = np.maximum(np.sum(descending > thresholds, axis=-1, keepdims=True), 1)
    threshold = np.take_along_axis(thresholds, support - 1, axis=-1)
    weights: Array = np.maximum(shifted - threshold, 0.0) + floor
    return weights


def tangent_basis(dimension: int) -> Array:
    """Orthonormal basis of the tangent space T = {v : sum v = 0}, shape (D, D-1), read-only.

    The Helmert contrasts: column k compares the mean of the first k entries with entry k.

    Raises:
        InputError: `dimension` is below 1.
    """
    return _helmert(whole_number("dimension", dimension, minimum=1))


@lru_cache(maxsize=256)
def _helmert(dimension: int) -> Array:
    basis = np.zeros((dimension, dimension - 1))
    for k in range(1, dimension):
        basis[:k, k - 1] = 1.0 / np.sqrt(k * (k + 1))
        basis[k, k - 1] = -k / np.sqrt(k * (k + 1))
    return read_only(basis)


def restricted_to_tangent(matrix: Array) -> Array:
    """A symmetric matrix as a quadratic form on the tangent space, shape (D-1, D-1).

    Unchanged when a constant is added to every entry (the gauge of theory of the alignment game, section 2).
    """
    basis = tangent_basis(matrix.shape[0])
    # Removing the centre first keeps a large gauge constant from costing digits.
    restricted = basis.T @ (matrix - matrix.mean()) @ basis
    symmetric: Array = (restricted + restricted.T) / 2
    return symmetric


def total_variation(first: ArrayLike, second: ArrayLike) -> Array:
    """Total variation distance between mixtures, half the sum of |differences|, in [0, 1].

    Args:
        first: Shape (..., D).
        second: Shape (..., D), broadcast against `first`.

    Returns:
        Shape (...): the largest probability by which the two mixtures can differ on any set of groups.

    >>> float(total_variation([1, 0], [0.25, 0.75]))
    0.75
    """
    difference = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    distance: Array = np.abs(difference).sum(axis=-1) / 2
    return distance


def sample_uniform(rng: np.random.Generator, dimension: int, size: int | tuple[int, ...] = ()) -> Array:
    """Mixtures drawn uniformly from the simplex (Dirichlet(1, ..., 1)), shape (*size, D).

    Args:
        rng: Source of randomness.
        dimension: Number of groups D.
        size: Leading shape.

    Raises:
        InputError: `dimension` is below 1.
    """
    whole_number("dimension", dimension, minimum=1)
    leading = (size,) if isinstance(size, int) else tuple(size)
    exponentials = rng.standard_exponential((*leading, dimension))
    mixtures: Array = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return mixtures
