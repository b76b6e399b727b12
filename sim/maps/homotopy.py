"""Compiled: the equilibrium along one ray of fixed bD : bI, for every bA at once.

On such a ray the homogeneous equilibrium solves max (b0 + s b1)'w - w'Hw/2 on the simplex with s = bA, and is
piecewise linear in s, boundary included (theory of the alignment game, section 5). A parametric active set
follows it: while the support stays, every weight and every multiplier is linear in s; where the first of them
would change sign, its group leaves or enters. It starts from the uniform mixture, which is optimal for the linear
term H u, and first turns that term into the one without attractiveness.

One tableau holds H and the right-hand sides; a change of the support is a principal pivot (sweep) of it. What is kept
is checked, and refined if need be, against H itself.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from sim.arrays import Array
from sim.compiling import counting_nothing, inlined, parallel

Integers = NDArray[np.int64]

SINGULAR = 1e-9
"""Pivot, relative to the largest diagonal entry, below which a ray is left to the exact solver."""
_EPSILON = 2.0**-52


class Terms(NamedTuple):
    """The game with its gauge removed.

    Attributes:
        inconsistency: 2 C, centred, (D, D).
        similarity: S, centred, (D, D).
        own_tilt: 2 C at the uniform mixture, centred, (D,): the linear term that centring moved out.
        crowd_tilt: S at the uniform mixture, centred, (D,).
        attractiveness: a, centred, (D,).
    """

    inconsistency: Array
    similarity: Array
    own_tilt: Array
    crowd_tilt: Array
    attractiveness: Array


class Rays(NamedTuple):
    """Directions in the plane of bI and bD, and the range of bA that is asked for on each.

    Attributes:
        inconsistency: bI, (K,).
        diversity: bD, (K,).
        lowest: Least bA, (K,).
        highest: Largest bA, (K,).
    """

    inconsistency: Array
    diversity: Array
    lowest: Array
    highest: Array


class Pieces(NamedTuple):
    """Room for the linear pieces of the rays: K times the most that one ray may have.

    Attributes:
        first: Place of the first piece of each ray, (K,); the others follow it.
        found: Pieces found, (K,); -1 where the ray is singular or a check failed.
        ends: bA at which a piece ends, (room,); the last end of a ray is infinite.
        intercepts: Weights are intercept + bA slope, (room, D).
        slopes: (room, D).
    """

    first: Integers
    found: Integers
    ends: Array
    intercepts: Array
    slopes: Array


class _Scratch(NamedTuple):
    original: Array  # H (positive definite on the whole space by a gauge constant), 1, 0, -tilt and a, (D, D + 4)
    tableau: Array  # the same, swept on the support, (D, D + 4)
    slack: Array  # intercept and slope of each weight (in the support) or multiplier (outside), (2, D)
    miss: Array  # by which gradients in the support miss their common value, (2, D)
    point: Array  # weights where they were last checked, and the size of the gradients there, (D + 1,)
    row: Array  # the row of a pivot, apart from the tableau so that the others can be changed several at once, (D + 4,)
    inside: NDArray[np.bool_]  # the support, (D,)


@parallel
def trace_rays(terms: Terms, rays: Rays, pieces: Pieces, chunk: int) -> None:
    """Trace all rays into `pieces`, `chunk` at a time."""
    count, size = rays.lowest.size, terms.attractiveness.size
    for task in prange((count + chunk - 1) // chunk):
        work = _Scratch(
            np.empty((size, size + 4)),
            np.empty((size, size + 4)),
            np.empty((2, size)),
            np.empty((2, size)),
            np.empty(size + 1),
            np.empty(size + 4),
            np.empty(size, np.bool_),
        )
        _trace(terms, rays, pieces, work, (task * chunk, min(count, (task + 1) * chunk)))


@counting_nothing
def _trace(terms: Terms, rays: Rays, pieces: Pieces, work: _Scratch, span: tuple[int, int]) -> None:
    """Trace the rays of a span, one after the other from the place of the first."""
    first, last = span
    size = terms.attractiveness.size
    room = pieces.ends.size // pieces.found.size
    place = first * room
    for ray in range(first, last):
        curvature = _enter(terms, rays.inconsistency[ray], rays.diversity[ray], work)
        found, lowest, highest = -1, np.inf, 1.0
        # H u = 0 after centring: the uniform mixture is optimal for b = 0. Then b = -s tilt up to s = 1, and then
        # b = -tilt + s a.
        for phase in range(2 if curvature > 0 else 0):
            found = _follow(work, pieces, (place, room, size + 1 + phase), (lowest, highest), curvature)
            if found < 0:
                break
            lowest, highest = rays.lowest[ray], rays.highest[ray]
        pieces.first[ray], pieces.found[ray] = place, found
        place += max(found, 0)


@inlined
def _enter(terms: Terms, own: float, crowd: float, work: _Scratch) -> float:
    """Set up a ray with every group in the support; its largest curvature, or 0 if it is singular."""
    size, trace = terms.attractiveness.size, 0.0
    for i in range(size):
        for j in range(size):
            work.original[i, j] = own * terms.inconsistency[i, j] + crowd * terms.similarity[i, j]
        work.original[i, size] = 1.0
        work.original[i, size + 1] = 0.0
        work.original[i, size + 2] = -own * terms.own_tilt[i] - crowd * terms.crowd_tilt[i]
        work.original[i, size + 3] = terms.attractiveness[i]
        work.inside[i] = True
        trace += work.original[i, i]
    curvature = 0.0
    for i in range(size):
        for j in range(size):
            work.original[i, j] += trace / size
        for j in range(size + 4):
            work.tableau[i, j] = work.original[i, j]
        curvature = max(curvature, work.original[i, i])
    for i in range(size):
        if not work.tableau[i, i] > SINGULAR * curvature:
            return 0.0
        _sweep(work.tableau, work.row, i)
    return curvature


@inlined
def _sweep(tableau: Array, row: Array, pivot: int) -> None:
    """Move one index into the support or out of it: sweeping twice changes nothing."""
    size, width = tableau.shape
    inverse = 1.0 / tableau[pivot, pivot]
    for j in range(width):
        row[j] = tableau[pivot, j] * inverse
    for i in range(size):
        factor = tableau[i, pivot]
        for j in range(width):
            tableau[i, j] -= factor * row[j]
        tableau[i, pivot] = -factor * inverse
    for j in range(width):
        tableau[pivot, j] = row[j]
    tableau[pivot, pivot] = inverse


@inlined
def _follow(
    work: _Scratch, pieces: Pieces, place: tuple[int, int, int], span: tuple[float, float], curvature: float
) -> int:
    """Follow the optimum for b0 + s b1 from s = 0 to the upper end of `span`; keep the pieces that reach the lower end.

    Args:
        work: The tableau.
        pieces: Written.
        place: Where the first piece goes; most pieces; the column of b0 (that of b1 is the next).
        span: Range of s that is asked for.
        curvature: Largest diagonal entry of H.

    Returns:
        How many pieces were kept, or -1 if there is no room, a check failed or a tie did not resolve.
    """
    first, room, column = place
    size = work.inside.size
    largest = 0.0
    for i in range(size):
        largest = max(largest, abs(work.original[i, column]) + span[1] * abs(work.original[i, column + 1]))
    rounding = 16 * _EPSILON * (curvature + largest)
    here, kept = 0.0, 0
    # No support repeats in exact arithmetic; rounding may make two chase each other at a tie.
    for _ in range(40 + 10 * size):
        _laws(work, column)
        there, leaving = span[1], -1
        for i in range(size):
            tolerance = 1e-14 if work.inside[i] else rounding
            start, slope = work.slack[0, i], work.slack[1, i]
            # A sign that is only rounding over the whole range is no event.
            if slope < 0 and start + span[1] * slope < -tolerance:
                event = max(-start / slope, here)
                if event < there:
                    there, leaving = event, i
        if there >= span[0] and (there > here or leaving < 0):
            if kept == room or not _verified(work, column, max(here, span[0]), there, kept > 0):
                return -1
            pieces.ends[first + kept] = there if leaving >= 0 else np.inf
            for i in range(size):
                pieces.intercepts[first + kept, i] = work.slack[0, i] if work.inside[i] else 0.0
                pieces.slopes[first + kept, i] = work.slack[1, i] if work.inside[i] else 0.0
            kept += 1
        if leaving < 0:
            return kept
        _sweep(work.tableau, work.row, leaving)
        work.inside[leaving] = not work.inside[leaving]
        here = there
    return -1


@inlined
def _laws(work: _Scratch, column: int) -> None:
    """Weights and multipliers of the present support as linear functions of s."""
    size, tableau = work.inside.size, work.tableau
    first, second, ones = -1.0, 0.0, 0.0
    for i in range(size):
        if work.inside[i]:
            first += tableau[i, column]
            second += tableau[i, column + 1]
            ones += tableau[i, size]
    first, second = first / ones, second / ones
    for i in range(size):
        start, slope = tableau[i, column] - first * tableau[i, size], tableau[i, column + 1] - second * tableau[i, size]
        work.slack[0, i] = start if work.inside[i] else -start
        work.slack[1, i] = slope if work.inside[i] else -slope


@inlined
def _verified(work: _Scratch, column: int, here: float, there: float, joined: bool) -> bool:
    """Whether the present laws satisfy the optimality (KKT) conditions from `here` to `there`, to about 1e-12.

    Weights and multipliers are linear in between, so that holding at both ends is holding on the piece. At `here`
    it is enough to continue the piece before (`joined`), which was checked there. Gradients are computed anew from
    H; where they differ by more than rounding, the weights are refined and everything is checked.
    """
    if joined and _continues(work, here) and _holds(work, column, there):
        return True
    for _ in range(3):
        _gradients(work, column)
        if max(_spread(work, column, here), _spread(work, column, there)) <= 1e-13:
            return _holds(work, column, here) and _holds(work, column, there)
        _refine(work)
    return False


@inlined
def _continues(work: _Scratch, s: float) -> bool:
    """Whether the weights at s are those in `point`, and the gradients there are level on the present support."""
    size = work.inside.size
    low, high = np.inf, -np.inf
    for i in range(size):
        weight = 0.0
        if work.inside[i]:
            weight = work.slack[0, i] + s * work.slack[1, i]
            low, high = min(low, work.miss[0, i]), max(high, work.miss[0, i])
        if abs(weight - work.point[i]) > 1e-13:
            return False
    return bool(high - low <= 1e-12 * work.point[size])


@inlined
def _holds(work: _Scratch, column: int, s: float) -> bool:
    """Whether the weights at s are a mixture whose gradients, from H, are level in the support, no higher outside.

    Leaves weights and size of the gradients in `point`, the gradients in `miss`.
    """
    size = work.inside.size
    height = total = least = 0.0
    for i in range(size):
        weight = work.slack[0, i] + s * work.slack[1, i] if work.inside[i] else 0.0
        total += weight
        least = min(least, weight)
        work.point[i] = weight
        work.miss[0, i] = work.original[i, column] + s * work.original[i, column + 1]
        height = max(height, abs(work.miss[0, i]) + work.original[i, i])
    for j in range(size):
        if work.inside[j]:
            for i in range(size):
                work.miss[0, i] -= work.point[j] * work.original[j, i]
    work.point[size] = height
    low, high, outside = np.inf, -np.inf, -np.inf
    for i in range(size):
        if work.inside[i]:
            low, high = min(low, work.miss[0, i]), max(high, work.miss[0, i])
        else:
            outside = max(outside, work.miss[0, i])
    level = high - low <= 1e-13 * height and outside - high <= 1e-12 * height
    return level and least >= -1e-12 and abs(total - 1.0) <= 1e-12


@inlined
def _gradients(work: _Scratch, column: int) -> None:
    """Gradients from H and the weights: how the support misses their mean, and the multipliers of the others."""
    size = work.inside.size
    for k in range(2):
        for i in range(size):
            work.miss[k, i] = work.original[i, column + k]
        for j in range(size):
            if work.inside[j]:
                weight = work.slack[k, j]
                for i in range(size):
                    work.miss[k, i] -= weight * work.original[j, i]
        level, count = 0.0, 0.0
        for i in range(size):
            if work.inside[i]:
                level += work.miss[k, i]
                count += 1.0
        for i in range(size):
            work.miss[k, i] -= level / count
            if not work.inside[i]:
                work.slack[k, i] = -work.miss[k, i]


@inlined
def _spread(work: _Scratch, column: int, s: float) -> float:
    """Largest difference of a gradient in the support from the mean at s, relative to the terms of a gradient.

    The diagonal bounds H, which is positive definite.
    """
    worst = height = 0.0
    for i in range(work.inside.size):
        pull = abs(work.original[i, column] + s * work.original[i, column + 1])
        height = max(height, pull + work.original[i, i])
        if work.inside[i]:
            worst = max(worst, abs(work.miss[0, i] + s * work.miss[1, i]))
    return worst / height


@inlined
def _refine(work: _Scratch) -> None:
    """One step of iterative refinement of the weights: the tableau holds the inverse of H on the support."""
    size = work.inside.size
    for k in range(2):
        total, ones = 0.0, 0.0
        for i in range(size):
            if work.inside[i]:
                ones += work.tableau[i, size]
                for j in range(size):
                    total += work.tableau[i, j] * work.miss[k, j] if work.inside[j] else 0.0
        for i in range(size):
            if work.inside[i]:
                step = -total / ones * work.tableau[i, size]
                for j in range(size):
                    step += work.tableau[i, j] * work.miss[k, j] if work.inside[j] else 0.0
                work.slack[k, i] += step
