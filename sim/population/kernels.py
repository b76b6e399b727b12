"""Compiled best responses: the law of a support, and the walk over supports to the one that is best.

An account maximises q'u - u'Hu/2 over {u >= 0, sum u = mass}, where u is what its mixture has above the floor and H
is centred, so that the floor drops out. A support is a set of groups with u > 0, written as the bits of an integer; 0
stands for "not known". The law of a support gives one number per group: the weight u of a group inside it, and
the slack of a group outside (common gradient less its own, over the curvature scale). All of them >= 0 is the KKT
condition (theory of the alignment game, section 3).

Kernels pass few arrays to each other: a call with many costs more than a response, so the small ones are inlined.
"""

from __future__ import annotations

import numpy as np

from sim.arrays import Array
from sim.compiling import counting_nothing, inlined
from sim.population.layout import (
    ASCENT,
    FIRST,
    INDEX,
    INVERTED,
    LANES,
    LAW,
    LOWER,
    PULL,
    SCALE,
    SECOND,
    STRICT,
    Board,
    Laws,
    Terms,
)

_NOISE = 64 * 2.220446049250313e-16
_BLOCK_ROUNDS = 12


@inlined
def groups(laws: Laws) -> int:
    """Number of groups D: a constant to the compiler if the laws are tagged, so that loops over it are unrolled."""
    return len(laws.tag) if len(laws.tag) > 0 else (laws.matrices.shape[1] - 3) // 2


@inlined
def gather(span: tuple[int, int], terms: Terms, laws: Laws, mixtures: Array, others: Array) -> None:
    """Sum the mixtures of each account's neighbours. Apart from the rest, so that the waits for memory overlap."""
    dimension = groups(laws)
    for account in range(span[0], span[1]):
        for d in range(dimension):
            others[account, d] = 0.0
        for edge in range(terms.starts[account], terms.starts[account + 1]):
            neighbour = terms.neighbours[edge]
            for d in range(dimension):
                others[account, d] += mixtures[neighbour, d]


@inlined
def unknown_zero() -> int:
    """Zero, but not a constant: for each constant argument numba would compile the callee once more."""
    return int(np.int64(0))


@inlined
def lanes(size: int) -> int:
    """`size` rounded up to whole vector lanes."""
    return (size + LANES - 1) // LANES * LANES


@inlined
def pull(account: int, terms: Terms, laws: Laws, board: Board) -> int:
    """Fill work[PULL] with the centred linear term of one account, and return its kind."""
    linear, kinds, price, crowd, starts, neighbours = terms
    matrices, mixtures, total, work = laws.matrices, board.mixtures, board.total, board.work
    dimension = groups(laws)
    if board.others.size > 0:
        for d in range(dimension):
            work[FIRST, d] = board.others[account, d]
    elif starts.size > 0:
        for d in range(dimension):
            work[FIRST, d] = 0.0
        for edge in range(starts[account], starts[account + 1]):
            for d in range(dimension):
                work[FIRST, d] += mixtures[neighbours[edge], d]
    else:
        for d in range(dimension):
            work[FIRST, d] = total[d] - mixtures[account, d]
    for lane in range(0, lanes(dimension), LANES):
        a, b, c, e = 0.0, 0.0, 0.0, 0.0
        for d in range(dimension):
            weight = work[FIRST, d]
            a += crowd[d, lane] * weight
            b += crowd[d, lane + 1] * weight
            c += crowd[d, lane + 2] * weight
            e += crowd[d, lane + 3] * weight
        work[PULL, lane], work[PULL, lane + 1], work[PULL, lane + 2], work[PULL, lane + 3] = a, b, c, e
    kind = int(np.int64(kinds[account if kinds.size > 1 else 0]))
    cost = price[account if price.size > 1 else 0]
    row = account if linear.shape[0] > 1 else 0
    level = 0.0
    for d in range(dimension):
        value = linear[row, d] - cost * work[PULL, d] - matrices[kind, 2 * dimension + 1, d]
        work[PULL, d] = value
        level += value
    level /= dimension
    for d in range(dimension):
        work[PULL, d] -= level
    return kind


@inlined
def table_law(kind: int, support: int, laws: Laws, mass: float, work: Array) -> float:
    """Law of a support from the table into work[LAW]; returns the noise below which a sign means nothing."""
    tables, dimension = laws.tables, groups(laws)
    for lane in range(0, lanes(dimension), LANES):
        a = mass * tables[kind, support, dimension, lane]
        b = mass * tables[kind, support, dimension, lane + 1]
        c = mass * tables[kind, support, dimension, lane + 2]
        e = mass * tables[kind, support, dimension, lane + 3]
        for d in range(dimension):
            weight = work[PULL, d]
            a += tables[kind, support, d, lane] * weight
            b += tables[kind, support, d, lane + 1] * weight
            c += tables[kind, support, d, lane + 2] * weight
            e += tables[kind, support, d, lane + 3] * weight
        work[LAW, lane], work[LAW, lane + 1], work[LAW, lane + 2], work[LAW, lane + 3] = a, b, c, e
    largest = 0.0
    for d in range(dimension):
        size = abs(work[PULL, d])
        largest = size if size > largest else largest
    return float(tables[kind, support, dimension + 1, 0] + largest * tables[kind, support, dimension + 1, 1])


@counting_nothing
def cholesky(kind: int, matrices: Array, offset: int, size: int, work: Array) -> bool:
    """Factor rows and columns work[INDEX] of a block of matrices[kind]; False if it is not positive definite."""
    for i in range(size):
        row = offset + int(work[INDEX, i])
        for j in range(i + 1):
            value = matrices[kind, row, int(work[INDEX, j])]
            for k in range(j):
                value -= work[LOWER + i, k] * work[LOWER + j, k]
            if i > j:
                work[LOWER + i, j] = value / work[LOWER + j, j]
            elif value > 0.0:
                work[LOWER + i, i] = np.sqrt(value)
            else:
                return False
    return True


@counting_nothing
def cholesky_solve(target: int, size: int, work: Array) -> None:
    """Solve for work[target], in place, with the factor made by `cholesky`."""
    for i in range(size):
        value = work[target, i]
        for k in range(i):
            value -= work[LOWER + i, k] * work[target, k]
        work[target, i] = value / work[LOWER + i, i]
    for i in range(size - 1, -1, -1):
        value = work[target, i]
        for k in range(i + 1, size):
            value -= work[LOWER + k, i] * work[target, k]
        work[target, i] = value / work[LOWER + i, i]


@counting_nothing
def inverse_law(kind: int, support: int, matrices: Array, mass: float, work: Array) -> float:
    """Law of a large support: the law of all groups, and a correction of rank r for the r groups left out."""
    dimension = (matrices.shape[1] - 3) // 2
    outside, largest = unknown_zero(), mass
    for d in range(dimension):
        value = 0.0
        for j in range(dimension):
            value += matrices[kind, dimension + d, j] * work[PULL, j]
        work[LAW, d] = value + mass * matrices[kind, 2 * dimension, d]
        largest = max(largest, abs(value))
        if not (support >> d) & 1:
            work[INDEX, outside] = d
            outside += 1
    if not cholesky(kind, matrices, dimension, outside, work):
        return np.nan
    for i in range(outside):
        work[FIRST, i] = -work[LAW, int(work[INDEX, i])]
    cholesky_solve(unknown_zero() + FIRST, outside, work)
    for i in range(outside):
        row = dimension + int(work[INDEX, i])
        for d in range(dimension):
            work[LAW, d] += matrices[kind, row, d] * work[FIRST, i]
    for i in range(outside):
        work[LAW, int(work[INDEX, i])] = work[FIRST, i] / matrices[kind, 2 * dimension + 2, SCALE]
    return _NOISE * largest


@counting_nothing
def factor_law(kind: int, support: int, matrices: Array, mass: float, work: Array) -> float:
    """Law of a small support: a Cholesky factor of its curvature, bordered by sum u = mass."""
    dimension = (matrices.shape[1] - 3) // 2
    inside = unknown_zero()
    for d in range(dimension):
        if (support >> d) & 1:
            work[INDEX, inside] = d
            inside += 1
    if not cholesky(kind, matrices, unknown_zero(), inside, work):
        return np.nan
    for i in range(inside):
        work[FIRST, i] = work[PULL, int(work[INDEX, i])]
        work[SECOND, i] = 1.0
    cholesky_solve(unknown_zero() + FIRST, inside, work)
    cholesky_solve(unknown_zero() + SECOND, inside, work)
    drawn, spread = 0.0, 0.0
    for i in range(inside):
        drawn += work[FIRST, i]
        spread += work[SECOND, i]
    level = (drawn - mass) / spread
    largest, scale = mass, matrices[kind, 2 * dimension + 2, SCALE]
    for i in range(inside):
        largest = max(largest, abs(work[FIRST, i]) + abs(level * work[SECOND, i]))
        work[FIRST, i] -= level * work[SECOND, i]
    for d in range(dimension):
        slack = level - work[PULL, d]
        for i in range(inside):
            slack += matrices[kind, d, int(work[INDEX, i])] * work[FIRST, i]
        work[LAW, d] = slack / scale
        largest = max(largest, (abs(work[PULL, d]) + abs(level)) / scale)
    for i in range(inside):
        work[LAW, int(work[INDEX, i])] = work[FIRST, i]
    return _NOISE * largest


@counting_nothing
def law(kind: int, support: int, laws: Laws, mass: float, work: Array) -> float:
    """Law of a support into work[LAW]; returns its noise level, or NaN if the curvature is not positive there."""
    tables, matrices, _tag = laws
    if tables.shape[0] > 0:
        return table_law(kind, support, laws, mass, work)
    dimension = (matrices.shape[1] - 3) // 2
    if matrices[kind, 2 * dimension + 2, INVERTED] > 0.0:
        inside = 0
        for d in range(dimension):
            inside += (support >> d) & 1
        if 2 * inside > dimension:
            return inverse_law(kind, support, matrices, mass, work)
    return factor_law(kind, support, matrices, mass, work)


@counting_nothing
def settle(kind: int, support: int, laws: Laws, mass: float, work: Array) -> int:
    """Support of the best response, with its weights in work[LAW]; 0 if none was found.

    First all groups of the wrong sign change sides together, from the support given. That ends after a step or
    two almost always; where it does not, a primal active set decides.
    """
    dimension = groups(laws)
    if laws.matrices[kind, 2 * dimension + 2, STRICT] == 0.0:
        return 0
    trial = support if support != 0 else everyone(dimension)
    best, patience = dimension + 1, 3
    for _ in range(_BLOCK_ROUNDS):
        noise = law(kind, trial, laws, mass, work)
        if not noise < np.inf:
            return 0
        wrong, flips = 0, 0
        for d in range(dimension):
            if work[LAW, d] < -noise:
                wrong += 1
                flips |= 1 << d
        if wrong == 0:
            return trial
        if wrong < best:
            best = wrong
        else:
            patience -= 1
        if patience == 0:
            break
        trial ^= flips
        if trial == 0:
            trial = flips
    return climb(kind, laws, mass, work)


@counting_nothing
def climb(kind: int, laws: Laws, mass: float, work: Array) -> int:
    """Primal active set from the uniform mixture: every step raises the objective, so no support comes twice."""
    dimension = groups(laws)
    for d in range(dimension):
        work[ASCENT, d] = mass / dimension
    trial = everyone(dimension)
    for _ in range(100 + 20 * dimension):
        noise = law(kind, trial, laws, mass, work)
        if not noise < np.inf:
            return 0
        kept = advance(trial, noise, dimension, work)
        if kept != trial:
            trial = kept
            continue
        entering, worst = -1, -noise
        for d in range(dimension):
            if (trial >> d) & 1 == 0 and work[LAW, d] < worst:
                entering, worst = d, work[LAW, d]
        if entering < 0:
            return trial
        trial |= 1 << entering
    return 0


@counting_nothing
def advance(trial: int, noise: float, dimension: int, work: Array) -> int:
    """Move work[ASCENT] towards work[LAW] until a weight is used up; returns the support that is left."""
    reach = 1.0
    for d in range(dimension):
        u, aim = work[ASCENT, d], work[LAW, d]
        if (trial >> d) & 1 and aim < -noise and u > aim:
            reach = min(reach, u / (u - aim))
    kept = trial
    for d in range(dimension):
        if (trial >> d) & 1:
            u, aim = work[ASCENT, d], work[LAW, d]
            limit = u / (u - aim) if aim < -noise and u > aim else 2.0
            work[ASCENT, d] = max(u + reach * (aim - u), 0.0)
            if limit <= reach:
                work[ASCENT, d] = 0.0
                kept &= ~(1 << d)
    return kept


@counting_nothing
def everyone(dimension: int) -> int:
    """The support of all groups; the sign bit is the 64th group."""
    if dimension < 63:
        return (1 << dimension) - 1
    return -1 if dimension == 64 else 0x7FFFFFFFFFFFFFFF


@inlined
def best_weights(kind: int, support: int, laws: Laws, mass: float, work: Array) -> int:
    """Support of the best response (0: not found), with its weights in work[LAW], zeros included.

    The support given is tried here, without a call: once a population has settled that is all there is to do.
    """
    tables, matrices, _tag = laws
    dimension = groups(laws)
    trial, wrong = support, 1
    if tables.shape[0] > 0 and support != 0 and matrices[kind, 2 * dimension + 2, STRICT] > 0.0:
        noise = table_law(kind, support, laws, mass, work)
        wrong = 0
        for d in range(dimension):
            wrong += work[LAW, d] < -noise
    if wrong > 0:
        trial = settle(kind, support, laws, mass, work)
    lowest = 0.0
    for d in range(dimension):
        # A product, not a branch: supports differ from account to account, so no processor guesses them.
        weight = work[LAW, d] * ((trial >> d) & 1)
        lowest = weight if weight < lowest else lowest
        work[LAW, d] = weight
    if lowest < 0.0:
        clip(mass, dimension, work)
    return trial


@counting_nothing
def clip(mass: float, dimension: int, work: Array) -> None:
    """Make zero the weights that rounding left just below it."""
    total = 0.0
    for d in range(dimension):
        work[LAW, d] = max(work[LAW, d], 0.0)
        total += work[LAW, d]
    for d in range(dimension):
        work[LAW, d] *= mass / total if total > 0.0 else 0.0
