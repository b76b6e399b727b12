"""One pass of Newton's method on the total of all mixtures: each account's answer to it, and how that answer moves.

If the total of all mixtures, an account's own included, were s, then on its support F its equilibrium weights would
solve G u = q - b S s + common level, sum u = mass, with G = H - b S. That is linear in s, so the sum of all answers and
its derivative come out together (theory of the alignment game, sections 3 and 5).

Supports are changed by principal pivots on a tableau [G, q, 1]: a group enters or leaves at the price of one update of
rank one, and entering twice restores what was there (Cottle, Pang and Stone, The Linear Complementarity Problem,
section 2.3). Only q changes from pass to pass: a tableau that is kept needs a new column and, rarely, a pivot.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from sim.arrays import Array
from sim.compiling import counting_nothing, inlined, parallel
from sim.population.kernels import everyone, lanes
from sim.population.layout import LANES, SCALE, Terms

TRIAL, BEST, STEP = 0, 1, 2
RESIDUAL, SHARE, STEPS = 0, 1, 2
MORE, ARRIVED, STUCK = 0, 1, 2
NOWHERE = -1
_MOST_STEPS = 40
_CLOSE = 1e-13
"""Distance per account, between a total and the sum of the answers to it, that counts as none."""
_TOGETHER = 12
_ONE_BY_ONE = 200
_NOISE = 1e-14
_LEAST_PIVOT = 1e-10
"""A pivot below this share of the account's curvature makes the pass give the account up."""


class Desk(NamedTuple):
    """What a pass reads and writes."""

    faced: Array  # S (s - floor), shape (D,)
    similarity: Array  # S, shape (D, D)
    supports: NDArray[np.int64]  # (M,): where to start, replaced by what was found; 0 for accounts that were lost
    mixtures: Array  # (M, D), written
    added: Array  # (D + 1, W): sum of the mixtures; below it sum of b K, with K the derivative of u in q. Added to.
    tableaus: Array  # (M, D + 2, W), kept from pass to pass; or (1, D + 2, W), working memory. W is padded(D + 2).
    pivoted: NDArray[np.int64]  # (M,): supports that the kept tableaus stand at, NOWHERE at first; (0,) if none is kept


class Runs(NamedTuple):
    """The accounts in P runs, whatever the number of threads: what differs from the desk of all."""

    lost: NDArray[np.int64]  # (P,)
    added: Array  # (P, D + 1, W)
    tableaus: Array  # (P, D + 2, W); (0, D + 2, W) where the desk keeps them


class Path(NamedTuple):
    """Where Newton's method stands."""

    totals: Array  # (3, D): total on trial, best total so far, full step from there
    facts: Array  # (3,): distance at the best total, share of the step on trial, steps done
    system: Array  # (D, D + 1), working memory


@counting_nothing
def answer(span: tuple[int, int], terms: Terms, matrices: Array, desk: Desk, floor: float) -> int:
    """Answers of accounts first..last-1 to the total; returns how many found no support whose signs are right."""
    supports, mixtures, added, pivoted = desk.supports, desk.mixtures, desk.added, desk.pivoted
    dimension, keeping = desk.faced.size, desk.pivoted.size > 0
    mass = 1.0 - dimension * floor
    everything = everyone(dimension)
    lost = 0
    for account in range(span[0], span[1]):
        price = terms.price[account if terms.price.size > 1 else 0]
        scale = matrices[terms.kinds[account if terms.kinds.size > 1 else 0], 2 * dimension + 2, SCALE]
        tableau = desk.tableaus[account if keeping else 0]
        noise = write_linear(account, terms, matrices, desk, tableau)
        support = begin(account, terms, matrices, desk, tableau)
        found, level = False, 0.0
        wanted = supports[account] if supports[account] != 0 else everything
        for turn in range(_TOGETHER + _ONE_BY_ONE):
            if not exchange_all(support ^ wanted, _LEAST_PIVOT * scale, dimension, tableau):
                break
            support = wanted
            drawn, spread = 0.0, 0.0
            for d in range(dimension):
                inside = (support >> d) & 1
                drawn += tableau[d, dimension] * inside
                spread += tableau[d, dimension + 1] * inside
            if spread == 0.0:
                break
            level, flips = (drawn - mass) / spread, 0
            for d in range(dimension):
                # Inside: the weight. Outside: the slack, with the opposite sign.
                value = tableau[d, dimension] - level * tableau[d, dimension + 1]
                wrong = value < -noise if (support >> d) & 1 else -value < -noise * scale
                flips |= wrong << d
            if flips == 0:
                found = True
                break
            # One group at a time, the first of them, is slower but sure if G is positive definite (Murty 1974).
            wanted = support ^ (flips if turn < _TOGETHER else flips & -flips)
            wanted = wanted if wanted != 0 else everything
        supports[account] = support if found else 0
        if keeping:
            pivoted[account] = support if found else NOWHERE
        if not found:
            lost += 1
        for d in range(dimension):
            inside = (support >> d) & 1 if found else 0
            weight = (tableau[d, dimension] - level * tableau[d, dimension + 1]) * inside
            mixtures[account, d] = floor + (weight if weight > 0.0 else 0.0) if found else 1.0 / dimension
            added[0, d] += mixtures[account, d]
        if found:
            add_derivative(support, price, dimension, tableau, added)
    return lost


@inlined
def begin(account: int, terms: Terms, matrices: Array, desk: Desk, tableau: Array) -> int:
    """Give a tableau that stands at a support its new linear terms, or write it afresh; returns where it stands."""
    support = desk.pivoted[account] if desk.pivoted.size > 0 else NOWHERE
    if support == NOWHERE:
        write_tableau(account, terms, matrices, desk, tableau)
        return 0
    pivot_linear(support, desk.faced.size, tableau)
    return support


@inlined
def write_linear(account: int, terms: Terms, matrices: Array, desk: Desk, tableau: Array) -> float:
    """Write q - b S s, less its mean, below the tableau; returns the weight below which a sign means nothing."""
    linear, kinds, price, _crowd, _starts, _neighbours = terms
    dimension = desk.faced.size
    kind = kinds[account if kinds.size > 1 else 0]
    cost = price[account if price.size > 1 else 0]
    row = account if linear.shape[0] > 1 else 0
    level, largest = 0.0, 0.0
    for d in range(dimension):
        value = linear[row, d] - matrices[kind, 2 * dimension + 1, d] - cost * desk.faced[d]
        tableau[dimension, d] = value
        level += value
    for d in range(dimension):
        tableau[dimension, d] -= level / dimension
        size = abs(tableau[dimension, d])
        largest = size if size > largest else largest
    return float(_NOISE * (1.0 + largest / matrices[kind, 2 * dimension + 2, SCALE]))


@inlined
def write_tableau(account: int, terms: Terms, matrices: Array, desk: Desk, tableau: Array) -> None:
    """Write [G, q - b S s, 1] of one account, the linear terms from the row below."""
    dimension = desk.faced.size
    kind = terms.kinds[account if terms.kinds.size > 1 else 0]
    cost = terms.price[account if terms.price.size > 1 else 0]
    for d in range(dimension):
        for j in range(dimension):
            tableau[d, j] = matrices[kind, d, j] - cost * desk.similarity[d, j]
        tableau[d, dimension] = tableau[dimension, d]
        tableau[d, dimension + 1] = 1.0


@inlined
def pivot_linear(support: int, dimension: int, tableau: Array) -> None:
    """Write the column of the linear terms as the pivots on this support would have left it."""
    linear, inside, width = tableau[dimension], tableau[dimension + 1], lanes(dimension + 2)
    write_mask(support, dimension, tableau)
    for d in range(dimension):
        inside[d] *= linear[d]
    for d in range(dimension):
        a, b, c, e = 0.0, 0.0, 0.0, 0.0
        for lane in range(0, width, LANES):
            a += tableau[d, lane] * inside[lane]
            b += tableau[d, lane + 1] * inside[lane + 1]
            c += tableau[d, lane + 2] * inside[lane + 2]
            e += tableau[d, lane + 3] * inside[lane + 3]
        drawn = (a + b) + (c + e)
        tableau[d, dimension] = drawn + linear[d] * (1 - ((support >> d) & 1))


@inlined
def write_mask(support: int, dimension: int, tableau: Array) -> None:
    """Write a row of ones and zeros, so that no branch depends on the support."""
    for lane in range(lanes(dimension + 2)):
        tableau[dimension + 1, lane] = (support >> lane) & 1 if lane < dimension else 0


@inlined
def add_derivative(support: int, price: float, dimension: int, tableau: Array, added: Array) -> None:
    """Add b K: K is the inverse of G on the support, less what keeps the weights summing to the mass."""
    column, inside, width = tableau[dimension], tableau[dimension + 1], lanes(dimension + 2)
    write_mask(support, dimension, tableau)
    for lane in range(width):
        column[lane] = 0.0
    for i in range(dimension):
        one = inside[i]
        for lane in range(0, width, LANES):
            a, b = column[lane] + one * tableau[i, lane], column[lane + 1] + one * tableau[i, lane + 1]
            c, e = column[lane + 2] + one * tableau[i, lane + 2], column[lane + 3] + one * tableau[i, lane + 3]
            column[lane], column[lane + 1] = a, b
            column[lane + 2], column[lane + 3] = c, e
    spread = column[dimension + 1]
    for i in range(dimension):
        weight, level = price * inside[i], tableau[i, dimension + 1] / spread
        for lane in range(0, width, LANES):
            a = (tableau[i, lane] - level * column[lane]) * inside[lane]
            b = (tableau[i, lane + 1] - level * column[lane + 1]) * inside[lane + 1]
            c = (tableau[i, lane + 2] - level * column[lane + 2]) * inside[lane + 2]
            e = (tableau[i, lane + 3] - level * column[lane + 3]) * inside[lane + 3]
            a, b = added[1 + i, lane] + weight * a, added[1 + i, lane + 1] + weight * b
            c, e = added[1 + i, lane + 2] + weight * c, added[1 + i, lane + 3] + weight * e
            added[1 + i, lane], added[1 + i, lane + 1] = a, b
            added[1 + i, lane + 2], added[1 + i, lane + 3] = c, e


@inlined
def exchange_all(changed: int, least: float, dimension: int, tableau: Array) -> bool:
    """Principal pivots on these groups, one after the other; False if one of them is too small."""
    width = lanes(dimension + 2)
    good = True
    for k in range(dimension):
        pivot = tableau[k, k]
        if (changed >> k) & 1 and good:
            # An inverse pivot, of a group that leaves, is large where the pivot was small; both must be sound.
            good = abs(pivot) > least or abs(pivot) * least > 1.0
            inverse = 1.0 / pivot if pivot != 0.0 else 0.0
            good = good and inverse != 0.0
            for lane in range(0, width, LANES):
                a, b = tableau[k, lane] * inverse, tableau[k, lane + 1] * inverse
                c, e = tableau[k, lane + 2] * inverse, tableau[k, lane + 3] * inverse
                tableau[k, lane], tableau[k, lane + 1] = a, b
                tableau[k, lane + 2], tableau[k, lane + 3] = c, e
            tableau[k, k] = inverse
            for i in range(dimension):
                factor = tableau[i, k]
                if i != k:
                    tableau[i, k] = 0.0
                    for lane in range(0, width, LANES):
                        a = tableau[i, lane] - factor * tableau[k, lane]
                        b = tableau[i, lane + 1] - factor * tableau[k, lane + 1]
                        c = tableau[i, lane + 2] - factor * tableau[k, lane + 2]
                        e = tableau[i, lane + 3] - factor * tableau[k, lane + 3]
                        tableau[i, lane], tableau[i, lane + 1] = a, b
                        tableau[i, lane + 2], tableau[i, lane + 3] = c, e
    return good


@counting_nothing
def iterate(terms: Terms, matrices: Array, desk: Desk, floor: float, path: Path) -> int:
    """Newton's method in one thread; returns how `advance` ended."""
    status = MORE
    while status == MORE:
        face(desk, floor, path)
        desk.added[:] = 0.0
        lost = answer((0, desk.mixtures.shape[0]), terms, matrices, desk, floor)
        status = advance(lost, desk, path)
    return status


@parallel
def answer_in_runs(terms: Terms, matrices: Array, desk: Desk, floor: float, runs: Runs) -> None:
    """Answers of all accounts, a run of them after the other in each thread."""
    accounts, count = desk.mixtures.shape[0], runs.lost.size
    each = -(-accounts // count)
    for run in prange(count):
        added = runs.added[run]
        added[:] = 0.0
        tableaus = runs.tableaus[run : run + 1] if runs.tableaus.shape[0] > 0 else desk.tableaus
        own = Desk(desk.faced, desk.similarity, desk.supports, desk.mixtures, added, tableaus, desk.pivoted)
        span = min(run * each, accounts), min((run + 1) * each, accounts)
        runs.lost[run] = answer(span, terms, matrices, own, floor)


@counting_nothing
def face(desk: Desk, floor: float, path: Path) -> None:
    """Write what the accounts face at the total on trial."""
    for d in range(desk.faced.size):
        desk.faced[d] = 0.0
        for j in range(desk.faced.size):
            desk.faced[d] += desk.similarity[d, j] * (path.totals[TRIAL, j] - floor)


@counting_nothing
def advance(lost: int, desk: Desk, path: Path) -> int:
    """Go from a total and the answers to it to the next total; says whether that is needed, or not possible.

    The step is halved until the answers come closer to the total they answer.
    """
    totals, facts, accounts = path.totals, path.facts, desk.mixtures.shape[0]
    dimension = desk.faced.size
    distance = 0.0
    for d in range(dimension):
        distance = max(distance, abs(desk.added[0, d] - totals[TRIAL, d]))
    facts[STEPS] += 1
    if lost == 0 and distance <= _CLOSE * accounts:
        return ARRIVED
    if facts[STEPS] >= _MOST_STEPS:
        return STUCK
    if lost > 0 or not distance < facts[RESIDUAL] * (1 - 1e-4 * facts[SHARE]):
        facts[SHARE] /= 2
        if facts[SHARE] < 1e-3 or facts[RESIDUAL] == np.inf:
            return STUCK
    else:
        if not newton_step(desk, path):
            return STUCK
        facts[RESIDUAL], facts[SHARE] = distance, 1.0
    for d in range(dimension):
        totals[TRIAL, d] = totals[BEST, d] + facts[SHARE] * totals[STEP, d]
    return MORE


@counting_nothing
def newton_step(desk: Desk, path: Path) -> bool:
    """Make the total on trial the best one, and write the step from there; False if the equations are singular."""
    totals, system, added = path.totals, path.system, desk.added
    dimension = desk.faced.size
    for d in range(dimension):
        totals[BEST, d] = totals[TRIAL, d]
        for j in range(dimension):
            system[d, j] = 1.0 if d == j else 0.0
            for i in range(dimension):
                system[d, j] += added[1 + d, i] * desk.similarity[i, j]
        system[d, dimension] = added[0, d] - totals[TRIAL, d]
    for k in range(dimension):
        pivot = k
        for i in range(k + 1, dimension):
            if abs(system[i, k]) > abs(system[pivot, k]):
                pivot = i
        if not abs(system[pivot, k]) > 1e-300:
            return False
        for j in range(k, dimension + 1):
            system[k, j], system[pivot, j] = system[pivot, j], system[k, j]
        for i in range(dimension):
            factor = system[i, k] / system[k, k] if i != k else 0.0
            for j in range(k, dimension + 1):
                system[i, j] -= factor * system[k, j]
    for d in range(dimension):
        totals[STEP, d] = system[d, dimension] / system[d, d]
    return True
