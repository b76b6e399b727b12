"""From curvatures to laws: what each support's maximiser is, as an affine function of the linear term.

For a support F of an account with centred curvature H the maximiser of q'u - u'Hu/2 over {u_F free, sum u = mass}
is u_F = P q + mass c, and the slack of the groups outside is affine in q as well (principal pivots of the KKT
system; Cottle, Pang and Stone, The Linear Complementarity Problem, section 2.3). For D <= 10 a table holds every law,
so that an account costs one D x D product; otherwise supports are solved as they come.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.arrays import Array, read_only
from sim.compiling import counting_nothing
from sim.errors import InputError
from sim.population.kernels import cholesky, unknown_zero
from sim.population.layout import INDEX, INVERTED, LANES, LOWER, SCALE, STRICT, Laws, scratch

TABLE_GROUPS = 10
"""Most groups D for which a table of all 2^D - 1 supports is made."""
LARGEST_DIMENSION = 64
"""Most groups D: a support is kept in the bits of one integer."""
_MANY_ACCOUNTS = 20_000
"""From here on it pays to compile the kernels for this D alone: they are up to twice as fast."""
_WELL_CURVED = 1e-5
"""Kinds whose least curvature is below this share of their largest are left to sim.quadratic."""
_ROUNDING = 16 * float(np.finfo(np.float64).eps)


def padded(dimension: int) -> int:
    """D rounded up to whole vector lanes."""
    return -(-dimension // LANES) * LANES


def laws_of(curvatures: Array, accounts: int) -> Laws:
    """Prepare K kinds of own curvature for `accounts` accounts.

    Tables are made for D <= 10 if they have at most a quarter as many supports, over all kinds, as there are accounts:
    otherwise making them would cost more than they save. They take 8 K 2^D (D + 2) W bytes, W = D rounded up to a
    multiple of 4: 33 kB per kind for D = 6, 1.2 MB for D = 10.

    Args:
        curvatures: H_k, symmetric, positive semidefinite on the tangent space, shape (K, D, D), 2 <= D <= 64.
        accounts: Number of accounts M.

    Raises:
        InputError: A kind is asymmetric or has negative curvature on the tangent space.
    """
    kinds, dimension = curvatures.shape[:2]
    width = padded(dimension)
    matrices = np.zeros((kinds, 2 * dimension + 3, width))
    asymmetric = prepare(curvatures, matrices, scratch(width))
    if asymmetric >= 0:
        gap = float(np.abs(curvatures[asymmetric] - curvatures[asymmetric].T).max())
        raise InputError(f"curvatures[{asymmetric}]", f"matrix with asymmetry {gap:.3g}", "expected a symmetric matrix")
    facts = matrices[:, 2 * dimension + 2]
    for kind in np.flatnonzero(facts[:, STRICT] == 0):
        facts[kind, STRICT] = _inspect(int(kind), matrices[kind, :dimension, :dimension], curvatures[kind])
    strict = np.flatnonzero(facts[:, STRICT])
    if dimension > TABLE_GROUPS:
        _add_full_laws(matrices, strict)
    tabled = dimension <= TABLE_GROUPS and strict.size and kinds * 2**dimension <= accounts / 4
    tables = _tables(matrices, strict) if tabled else np.zeros((0, 0, 0, 0))
    tagged = dimension <= TABLE_GROUPS and accounts >= _MANY_ACCOUNTS
    return Laws(read_only(tables), read_only(matrices), (0,) * dimension if tagged else ())


@counting_nothing
def prepare(curvatures: Array, matrices: Array, work: Array) -> int:
    """Centre every kind, shift it along (1, ..., 1), and find those that are plainly well curved.

    Returns the first asymmetric kind, or -1. A kind is plainly well curved if no pivot of its Cholesky factor is small;
    for the others eigenvalues must decide.
    """
    dimension = curvatures.shape[1]
    for i in range(dimension):
        work[INDEX, i] = i
    for kind in range(curvatures.shape[0]):
        largest, gap = 0.0, 0.0
        for i in range(dimension):
            for j in range(dimension):
                largest = max(largest, abs(curvatures[kind, i, j]))
                gap = max(gap, abs(curvatures[kind, i, j] - curvatures[kind, j, i]))
        if gap > 1e-10 * max(largest, 1e-300):
            return kind
        typical = centre(kind, curvatures, matrices)
        # Entries that cancel in the centring leave rounding of the size of the original entries.
        if typical > 1e-6 * largest and cholesky(kind, matrices, unknown_zero(), dimension, work):
            least = typical
            for i in range(dimension):
                least = min(least, work[LOWER + i, i] * work[LOWER + i, i])
            matrices[kind, 2 * dimension + 2, STRICT] = 1.0 if least > 1e-3 * typical else 0.0
    return -1


@counting_nothing
def centre(kind: int, curvatures: Array, matrices: Array) -> float:
    """Write the centred and shifted curvature of a kind, its tilt and its scale; returns its mean curvature."""
    dimension = curvatures.shape[1]
    mean = 0.0
    for i in range(dimension):
        for j in range(dimension):
            mean += curvatures[kind, i, j]
    mean /= dimension * dimension
    for i in range(dimension):
        tilt = 0.0
        for j in range(dimension):
            tilt += curvatures[kind, i, j] - mean
        matrices[kind, 2 * dimension + 1, i] = tilt / dimension
    trace = 0.0
    for i in range(dimension):
        for j in range(dimension):
            both = (curvatures[kind, i, j] + curvatures[kind, j, i]) / 2
            tilts = matrices[kind, 2 * dimension + 1, i] + matrices[kind, 2 * dimension + 1, j]
            matrices[kind, i, j] = both - mean - tilts
        trace += matrices[kind, i, i]
    typical = trace / (dimension - 1)
    matrices[kind, 2 * dimension + 2, SCALE] = max(typical, 1e-300)
    for i in range(dimension):
        for j in range(dimension):
            matrices[kind, i, j] += typical / dimension
    return float(typical)


def _inspect(kind: int, shifted: Array, given: Array) -> bool:
    """Whether a kind is well curved in every direction; the answer comes from its eigenvalues.

    Raises:
        InputError: It has negative curvature on the tangent space.
    """
    curvature = np.linalg.eigvalsh(shifted - shifted.mean())
    size, entry = float(np.abs(curvature).max()), float(np.abs(given).max())
    if curvature[0] < -max(1e-10 * size, 1e-13 * entry):
        raise InputError(
            f"curvatures[{kind}]",
            f"matrix with curvature {curvature[0]:.3g} on the tangent space",
            "expected a positive semidefinite matrix there: otherwise best responses jump",
        )
    # One eigenvalue belongs to (1, ..., 1) and is zero; the next is the least on the tangent space.
    least = float(curvature[1])
    return least > _WELL_CURVED * size and least > 1e-10 * entry


def _add_full_laws(matrices: Array, strict: NDArray[np.intp]) -> None:
    """Add the law of the full support, u = P q + mass c, to each strict kind."""
    dimension = (matrices.shape[1] - 3) // 2
    for kind in strict:
        inverse = np.linalg.inv(matrices[kind, :dimension, :dimension])
        reach = inverse.sum(axis=1)
        matrices[kind, dimension : 2 * dimension, :dimension] = inverse - np.outer(reach, reach) / reach.sum()
        matrices[kind, 2 * dimension, :dimension] = reach / reach.sum()
        matrices[kind, 2 * dimension + 2, INVERTED] = 1.0


def _tables(matrices: Array, strict: NDArray[np.intp]) -> Array:
    """All laws of all strict kinds, shape (K, 2^D, D + 2, W).

    tables[k, F, d, :] multiplies q_d, row D multiplies the mass, and row D + 1 starts with the two terms of the noise
    level: constant, and per unit of the largest |q|.
    """
    kinds, dimension = matrices.shape[0], (matrices.shape[1] - 3) // 2
    tables = np.zeros((kinds, 2**dimension, dimension + 2, padded(dimension)))
    inside = (np.arange(1, 2**dimension)[:, None] >> np.arange(dimension)) & 1 == 1
    pairs = inside[:, :, None] & inside[:, None, :]
    system = np.zeros((inside.shape[0], dimension + 1, dimension + 1))
    for kind in strict:
        shifted, scale = matrices[kind, :dimension, :dimension], matrices[kind, 2 * dimension + 2, SCALE]
        system[:, :dimension, :dimension] = np.where(pairs, shifted, np.eye(dimension) * scale)
        system[:, :dimension, dimension] = system[:, dimension, :dimension] = inside * scale
        solved = np.linalg.inv(system)
        # Columns of groups outside are dropped: their equation reads u_d = 0.
        columns = np.where(inside[:, None, :], solved[:, :, :dimension], 0.0)
        weights = np.where(inside[:, :, None], columns[:, :dimension], 0.0)
        centre = np.where(inside, solved[:, :dimension, dimension], 0.0) * scale
        level = columns[:, dimension] * scale
        level_centre = solved[:, dimension, dimension] * scale**2
        slack = (level[:, None, :] - np.eye(dimension) + shifted @ weights) / scale
        slack_centre = (level_centre[:, None] + centre @ shifted) / scale
        rule = np.where(inside[:, :, None], weights, slack)
        tables[kind, 1:, :dimension, :dimension] = rule.transpose(0, 2, 1)
        tables[kind, 1:, dimension, :dimension] = np.where(inside, centre, slack_centre)
        tables[kind, 1:, dimension + 1, 0] = _ROUNDING
        tables[kind, 1:, dimension + 1, 1] = _ROUNDING * np.abs(rule).sum(axis=2).max(axis=1)
    return tables
