"""The one solution of a variational inequality on the simplex, by pivoting along a straight path of problems."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.arrays import Array

_EPSILON = float(np.finfo(np.float64).eps)


def solve_monotone(matrix: Array, pull: Array, floor: float = 0.0) -> Array:
    """The mixture w >= floor at which (q - A w)'(v - w) <= 0 for every mixture v >= floor, shape (D,).

    The symmetric part of A must be positive definite on the tangent space: then w exists and is unique. A itself may be
    asymmetric, so no objective is maximised. The pull runs in a straight line from one that an interior mixture
    answers to q; the solution runs along with it, linear between changes of the support, and each change is one pivot
    (the parametric method for complementarity problems: Cottle, Pang and Stone, The Linear Complementarity
    Problem, section 4.5). Exact to rounding: the last step solves on the final support alone.

    Args:
        matrix: A, shape (D, D).
        pull: q, shape (D,).
        floor: Least weight, below 1/D.

    Raises:
        ArithmeticError: The pivots did not end, or ended at a point that violates the KKT conditions.
    """
    size = pull.size
    mass = 1.0 - size * floor
    if mass <= 4 * _EPSILON:
        return np.full(size, 1.0 / size)
    centred = matrix - matrix.mean()
    scale = max(float(np.abs(centred).max()), 1e-300)
    own = centred / scale
    goal = (pull - pull.mean() - floor * centred.sum(axis=1)) / (scale * mass)
    # Uneven on purpose: from a symmetric start several weights could vanish at once.
    start = 1.0 + 0.25 * np.sin(1.0 + np.arange(size) * 2.3999632)
    origin = own @ (start / start.sum())
    inside = np.ones(size, dtype=bool)
    reached, swapped = 0.0, -1
    for _ in range(100 + 20 * size):
        fixed, moving = affine_path(own, inside, origin, goal - origin)
        rate = np.where(np.arange(size) == swapped, 0.0, moving)
        falling = rate < 0
        until = np.where(falling, -fixed / np.where(falling, rate, 1.0), np.inf)
        swapped = int(np.argmin(until))
        reached = max(reached, float(until[swapped]))
        if reached >= 1.0:
            return _finished(own, goal, inside, floor)
        inside[swapped] = not inside[swapped]
    raise ArithmeticError("pivoting did not settle; please report the matrix and the pull")


def affine_path(own: Array, inside: NDArray[np.bool_], origin: Array, change: Array) -> tuple[Array, Array]:
    """Weights inside the support and slacks outside it, as (value at 0, rate) along the path; each shape (D,)."""
    weights, levels = _on_support(own, inside, np.stack([origin, change], axis=1), np.array([1.0, 0.0]))
    slacks = levels + own @ weights - np.stack([origin, change], axis=1)
    both = np.where(inside[:, None], weights, slacks)
    return both[:, 0], both[:, 1]


def _on_support(own: Array, inside: NDArray[np.bool_], pulls: Array, masses: Array) -> tuple[Array, Array]:
    """Solve the bordered system of the support for several pulls at once: weights (D, k) and levels (k,)."""
    index = np.flatnonzero(inside)
    system = np.ones((index.size + 1,) * 2)
    system[:-1, :-1] = own[np.ix_(index, index)]
    system[-1, -1] = 0.0
    solution = np.linalg.solve(system, np.vstack([pulls[index], masses]))
    weights = np.zeros((own.shape[0], masses.size))
    weights[index] = solution[:-1]
    return weights, solution[-1]


def _finished(own: Array, goal: Array, inside: NDArray[np.bool_], floor: float) -> Array:
    weights, _ = _on_support(own, inside, goal[:, None], np.ones(1))
    share = np.maximum(weights[:, 0], 0.0)
    share /= share.sum()
    gradient = goal - own @ share
    if float(share @ (gradient.max() - gradient)) > 1e-9 * (1 + float(np.abs(goal).max())):
        raise ArithmeticError("pivoting ended away from a solution; please report the matrix and the pull")
    mixture: Array = floor + (1.0 - share.size * floor) * share
    return mixture
