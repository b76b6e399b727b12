"""Compiled: which points of each linear piece are interior or below the threshold, counted without visiting them.

On a piece every weight is monotone in bA, in floating point too, so that the points of the piece below a bound are
its first or its last ones: a binary search finds the border that a comparison of every point would find.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import prange

from sim.arrays import Array
from sim.compiling import counting_nothing, inlined, parallel
from sim.equilibrium.homogeneous import INTERIOR_TOLERANCE
from sim.maps.grid import Block
from sim.maps.homotopy import Integers
from sim.maps.rays import Laws


class Classes(NamedTuple):
    """What holds where.

    Attributes:
        interior: First and last + 1 position, among the rising levels, of the interior points of each piece, (P, 2).
        counts: By ray: interior points; black points by group; points below the threshold by group, (K, 1 + 2 D).
    """

    interior: Integers
    counts: Integers


class _Levels(NamedTuple):
    values: Array  # rising
    first: Integers  # first position on each ray
    last: Integers  # last position on each ray, plus 1


def classify(block: Block, laws: Laws, threshold: float) -> Classes:
    """Classify the points of every piece of a block."""
    count, size = block.first.size, laws.intercepts.shape[1]
    classes = Classes(np.empty((laws.ends.size, 2), np.int64), np.empty((count, 1 + 2 * size), np.int64))
    levels = _Levels(block.levels, block.first, block.last)
    # A weight is interior when it exceeds the tolerance: when it is at least the next number.
    rule = (threshold, float(np.nextafter(INTERIOR_TOLERANCE, 1.0)))
    _classify(levels, laws, classes, *rule)
    return classes


@parallel
def _classify(levels: _Levels, laws: Laws, classes: Classes, threshold: float, interior: float) -> None:
    for ray in prange(laws.first.size):
        _classify_ray(levels, laws, classes, ray, (threshold, interior))


@counting_nothing
def _classify_ray(levels: _Levels, laws: Laws, classes: Classes, ray: int, rule: tuple[float, float]) -> None:
    size = laws.intercepts.shape[1]
    counts = classes.counts[ray]
    counts[:] = 0
    start = levels.first[ray]
    for piece in range(laws.first[ray], laws.last[ray]):
        stop = _after(levels.values, start, levels.last[ray], laws.ends[piece])
        span = start, stop
        inside, outside = start, stop
        for d in range(size):
            low, high = _above(levels.values, span, laws.intercepts[piece, d], laws.slopes[piece, d], rule[1])
            inside, outside = max(inside, low), min(outside, high)
        outside = max(inside, outside)
        classes.interior[piece, 0], classes.interior[piece, 1] = inside, outside
        counts[0] += outside - inside
        for d in range(size):
            low, high = _above(levels.values, span, laws.intercepts[piece, d], laws.slopes[piece, d], rule[0])
            counts[1 + d] += (outside - inside) - max(0, min(high, outside) - max(low, inside))
            counts[1 + size + d] += (stop - start) - (high - low)
        start = stop


@inlined
def _after(values: Array, start: int, stop: int, end: float) -> int:
    """First position in start..stop whose value is above `end`."""
    while start < stop:
        middle = (start + stop) // 2
        if values[middle] <= end:
            start = middle + 1
        else:
            stop = middle
    return start


@inlined
def _above(values: Array, span: tuple[int, int], intercept: float, slope: float, bound: float) -> tuple[int, int]:
    """Positions start..stop - 1 in span at which intercept + value slope >= bound."""
    start, stop = span
    if start == stop:
        return start, start
    at_start = intercept + values[start] * slope >= bound
    at_stop = intercept + values[stop - 1] * slope >= bound
    if at_start == at_stop:
        return start, stop if at_start else start
    low, high = start, stop - 1  # the verdict at low is that at the start, the verdict at high the other one
    while high - low > 1:
        middle = (low + high) // 2
        if (intercept + values[middle] * slope >= bound) == at_start:
            low = middle
        else:
            high = middle
    return (start, high) if at_start else (high, stop)
