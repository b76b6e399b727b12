"""Exact maximum of a concave quadratic over the simplex: the problem behind every best response.

maximise q'w - w'Hw/2 over {w >= floor, sum w = 1}, with H symmetric, positive semidefinite on the tangent
space (theory of the alignment game, sections 3 and 5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import nnls

from sim.arrays import Array, finite_array
from sim.errors import InputError
from sim.simplex import project_to_simplex, tangent_basis, validated_floor

_EPSILON = float(np.finfo(np.float64).eps)
_FLAT = 64 * _EPSILON
"""Curvature below _FLAT * D * (largest curvature) counts as zero."""
_STRAIGHT = 1e-7
"""Curvature below _STRAIGHT * (largest curvature) needs care with rounding errors."""


@dataclass(frozen=True)
class Certificate:
    """How far a mixture is from satisfying the optimality (KKT) conditions; all residuals are >= 0.

    Attributes:
        multiplier: Common gradient of the weights above the floor (the largest gradient).
        infeasibility: Largest violation of w >= floor or of sum w = 1.
        stationarity: Largest shortfall of a gradient below the multiplier among weights above the floor.
        gap: Largest first-order gain g'(v - w) over feasible v. It bounds what any mixture could gain, so a
            small gap certifies optimality whatever solver produced w.
    """

    multiplier: float
    infeasibility: float
    stationarity: float
    gap: float


def maximise_on_simplex(
    quadratic: ArrayLike, linear: ArrayLike, floor: float = 0.0, near: ArrayLike | None = None
) -> Array:
    """Maximiser of q'w - w'Hw/2 over {w >= floor, sum w = 1}, shape (D,).

    Primal active set. Every step starts from weights that are strictly above the floor on the working
    support, so it strictly raises the objective and no support is visited twice: it ends after finitely many
    steps, without a stopping tolerance on the objective.

    Ties. Where H is singular on the tangent space the maximiser need not be unique; the one nearest to `near`
    (Euclidean) is returned: the uniform mixture if not given. With H = 0 and q = (1, 1, 0): (1/2, 1/2, 0).

    Args:
        quadratic: H, symmetric, shape (D, D), positive semidefinite on the tangent space.
        linear: q, shape (D,).
        floor: Least weight, 0 <= floor <= 1/D.
        near: Where the search starts and how ties are broken, shape (D,); any vector, projected if need be.

    Returns:
        The mixture; weights on the boundary equal `floor` exactly.

    Raises:
        InputError: Shapes disagree, H is not symmetric or not positive semidefinite on the tangent space.

    >>> maximise_on_simplex([[2, 0], [0, 2]], [0.5, 0.0])
    array([0.625, 0.375])
    """
    vector = finite_array("linear", linear, ndim=1)
    anchor = None if near is None else finite_array("near", near, ndim=1)[None]
    best: Array = maximise_rows_on_simplex(quadratic, vector[None], floor, anchor)[0]
    return best


def maximise_rows_on_simplex(
    quadratic: ArrayLike, linear: ArrayLike, floor: float = 0.0, near: ArrayLike | None = None
) -> Array:
    """Maximisers of q'w - w'Hw/2, one for each row q of `linear`, shape (N, D); as `maximise_on_simplex`.

    The curvature is examined once for all rows.

    Args:
        quadratic: H, shape (D, D).
        linear: One q a row, shape (N, D).
        floor: Least weight, 0 <= floor <= 1/D.
        near: One starting point and tie-breaker a row, shape (N, D).

    Raises:
        InputError: As `maximise_on_simplex`.
    """
    rows = finite_array("linear", linear, ndim=2)
    size, dimension = rows.shape
    curvature = _Curvature.of(quadratic, dimension)
    floor = validated_floor("floor", floor, dimension)
    uniform = np.full((size, dimension), 1.0 / dimension)
    if 1.0 - dimension * floor <= 4 * _EPSILON:
        return uniform
    anchors = uniform if near is None else project_to_simplex(finite_array("near", near, ndim=2), floor)
    if anchors.shape != rows.shape:
        raise InputError("near", f"{anchors.shape[-1]} weights", f"expected {dimension}, one per group")
    best = np.empty_like(rows)
    for row in range(size):
        problem = curvature.problem(rows[row])
        best[row] = _ascend(problem, anchors[row], floor)
        if not problem.strict:
            best[row] = _nearest_optimum(problem, best[row], anchors[row], floor)
    return best


def certificate(quadratic: ArrayLike, linear: ArrayLike, mixture: ArrayLike, floor: float = 0.0) -> Certificate:
    """Check a claimed maximiser of q'w - w'Hw/2 over {w >= floor, sum w = 1} without solving anything.

    Args:
        quadratic: H, shape (D, D).
        linear: q, shape (D,).
        mixture: The claimed maximiser, shape (D,).
        floor: Least weight.

    Raises:
        InputError: Shapes disagree or entries are not finite.
    """
    vector = finite_array("linear", linear, ndim=1)
    matrix = _checked_matrix(quadratic, vector.size)
    weights = finite_array("mixture", mixture, ndim=1)
    if weights.size != vector.size:
        raise InputError("mixture", f"{weights.size} weights", f"expected {vector.size}, one per group")
    gradient = vector - matrix @ weights
    multiplier = float(gradient.max())
    above = weights > floor + 8 * _EPSILON
    slack = weights - floor
    return Certificate(
        multiplier=multiplier,
        infeasibility=max(abs(float(np.sum(weights)) - 1), -float(np.min(slack)), 0.0),
        stationarity=float((multiplier - gradient[above]).max(initial=0.0)),
        gap=max(float(slack @ (multiplier - gradient)), 0.0),
    )


@dataclass(frozen=True)
class _Curvature:
    """H with its gauge removed: centred, so that it acts on the tangent space only."""

    quadratic: Array
    tilt: Array
    """Part of H that acts as a linear term."""
    flat: float
    """Curvature at or below this is treated as zero."""
    weak: float
    """Below this curvature a gradient at rounding level would send the step anywhere, so it is ignored."""
    strict: bool
    """Whether every tangent direction is well curved: the maximiser is unique and plain solves are accurate."""

    @classmethod
    def of(cls, quadratic: ArrayLike, dimension: int) -> _Curvature:
        matrix = _checked_matrix(quadratic, dimension)
        shifted = matrix - matrix.mean()
        tilt = shifted.mean(axis=1)
        centred = shifted - tilt[:, None] - tilt[None, :]
        curvature = np.linalg.eigvalsh(centred)
        size = float(np.abs(curvature).max())
        # Entries that cancel in the centring leave rounding of the size of the original entries.
        flat = dimension * max(_FLAT * size, 2 * _EPSILON * float(np.abs(matrix).max()))
        if curvature[0] < -max(flat, 1e-10 * size):
            raise InputError(
                "quadratic",
                f"matrix with curvature {curvature[0]:.3g} on the tangent space",
                "expected a positive semidefinite matrix there: otherwise the objective is not concave",
            )
        # One eigenvalue is the centre's own and always zero; the next is the least on the tangent space.
        strict = dimension == 1 or bool(curvature[1] > max(flat, _STRAIGHT * size))
        return cls(centred, tilt, flat, _STRAIGHT * size, strict)

    def problem(self, linear: Array) -> _Problem:
        pull = linear - linear.mean() - self.tilt
        noise = 16 * _EPSILON * (float(np.abs(pull).max()) + float(np.abs(self.quadratic).max()))
        if not self.strict:
            # Curvature that is taken for zero still bends gradients by its own size.
            noise += 2 * self.flat
        return _Problem(self.quadratic, pull, self.flat, self.weak, noise, self.strict)


@dataclass(frozen=True)
class _Problem:
    """One objective with its gauge removed; `flat`, `weak` and `strict` are those of its curvature."""

    quadratic: Array
    linear: Array
    flat: float
    weak: float
    noise: float
    """Gradient differences at or below this are rounding errors."""
    strict: bool

    def gradient(self, weights: Array) -> Array:
        difference: Array = self.linear - self.quadratic @ weights
        return difference


def _checked_matrix(quadratic: ArrayLike, dimension: int) -> Array:
    matrix = finite_array("quadratic", quadratic, ndim=2)
    if dimension == 0 or matrix.shape != (dimension, dimension):
        raise InputError("quadratic", f"array of shape {matrix.shape}", f"expected shape {(dimension,) * 2}")
    asymmetry = float(np.abs(matrix - matrix.T).max())
    if asymmetry > 1e-10 * max(float(np.abs(matrix).max()), 1e-300):
        raise InputError("quadratic", f"matrix with asymmetry {asymmetry:.3g}", "expected a symmetric matrix")
    return matrix


def _ascend(problem: _Problem, start: Array, floor: float) -> Array:
    """Climb from `start` to a maximiser, changing the support by strictly improving steps."""
    excess = start - floor
    free = excess > 4 * _EPSILON
    excess = np.where(free, excess, 0.0)
    # No support repeats in exact arithmetic; the bound turns a rounding accident into an error.
    for _ in range(200 + 50 * start.size):
        direction, bounded = _direction(problem, excess + floor, free)
        falling = free & (direction < 0)
        reach = np.where(falling, excess / np.where(falling, -direction, 1.0), np.inf)
        longest = float(reach.min())
        if not bounded or longest < 1.0:
            excess = np.maximum(excess + longest * direction, 0.0)
            free = free & (reach > longest) & (excess > 0)
            excess = np.where(free, excess, 0.0)
            excess *= (1.0 - floor * start.size) / excess.sum()
            continue
        excess = np.maximum(excess + direction, 0.0)
        excess *= (1.0 - floor * start.size) / excess.sum()
        gradient = problem.gradient(excess + floor)
        level = gradient[free].mean()
        # What the free gradients still differ by is the accuracy of this solve: no advantage below is real.
        noise = problem.noise + 2 * float(np.abs(gradient[free] - level).max())
        advantage = np.where(free, -np.inf, gradient - level)
        best = int(np.argmax(advantage))
        if advantage[best] <= noise:
            return excess + floor
        free = free & (excess > 0)
        free[best] = True
    if certificate(problem.quadratic, problem.linear, excess + floor, floor).gap <= 64 * problem.noise:
        return excess + floor
    raise ArithmeticError("active set did not settle; please report the quadratic and linear terms")


def _direction(problem: _Problem, weights: Array, free: NDArray[np.bool_]) -> tuple[Array, bool]:
    """Step to the maximum over the free weights, or (False) a direction in which the objective only rises."""
    index = np.flatnonzero(free)
    basis = tangent_basis(index.size)
    reduced = basis.T @ problem.gradient(weights)[index]
    restricted = basis.T @ problem.quadratic[np.ix_(index, index)] @ basis
    direction = np.zeros(weights.size)
    if problem.strict:
        direction[index] = basis @ np.linalg.solve(restricted, reduced)
        return direction, True
    curvature, modes = np.linalg.eigh(restricted)
    along = modes.T @ reduced
    curved = curvature > problem.flat
    rising = ~curved & (np.abs(along) > problem.noise)
    if rising.any():
        direction[index] = basis @ (modes @ np.where(rising, along, 0.0))
        return direction, False
    clear = curved & ((curvature > problem.weak) | (np.abs(along) > problem.noise))
    step = np.divide(along, curvature, out=np.zeros_like(along), where=clear)
    direction[index] = basis @ (modes @ step)
    return direction, True


def _nearest_optimum(problem: _Problem, optimum: Array, anchor: Array, floor: float) -> Array:
    """The maximiser nearest to `anchor`, given one maximiser."""
    gradient = problem.gradient(optimum)
    open_ = (optimum > floor) | (gradient >= gradient.max() - 4 * problem.noise)
    index = np.flatnonzero(open_)
    if index.size < 2:
        return optimum
    basis = tangent_basis(index.size)
    # v leaves the objective unchanged iff v'Hv = 0: for a semidefinite H, iff H v = 0 on the tangent space.
    curvature, modes = np.linalg.eigh(basis.T @ problem.quadratic[np.ix_(index, index)] @ basis)
    idle = basis @ modes[:, curvature <= problem.flat]
    if idle.shape[1] == 0:
        return optimum
    moved = optimum.copy()
    away = (anchor - optimum)[index]
    centre = optimum[index] + idle @ (idle.T @ away)
    moved[index] = centre + idle @ _least_distance(idle, floor - centre)
    moved = np.maximum(moved, floor)
    moved[moved - floor < 1e-13] = floor
    excess = moved - floor
    nearest: Array = floor + excess * ((1.0 - floor * moved.size) / excess.sum())
    return nearest


def _least_distance(rows: Array, bounds: Array) -> Array:
    """Shortest y with rows @ y >= bounds (Lawson and Hanson, Solving Least Squares Problems, chapter 23)."""
    if np.all(bounds <= 0):
        return np.zeros(rows.shape[1])
    stacked = np.vstack([rows.T, bounds])
    target = np.zeros(stacked.shape[0])
    target[-1] = 1.0
    solution, _ = nnls(stacked, target)
    residual = stacked @ solution - target
    shortest: Array = -residual[:-1] / residual[-1]
    return shortest
