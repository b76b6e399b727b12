"""Compiled: every point of a map from the linear pieces of its ray.

Rows are visited by rising bA (in the unit of the rays), so that a ray moves through its pieces once. The pieces in
force are copied side by side: one row of the map is then intercept + s slope over contiguous memory.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from sim.arrays import Array
from sim.compiling import counting_nothing, inlined, parallel
from sim.maps.classify import Classes
from sim.maps.grid import Block
from sim.maps.homotopy import Integers
from sim.maps.rays import Laws

Bytes = NDArray[np.uint8]

_ROWS_AT_ONCE, _COLUMNS_AT_ONCE = 64, 256
"""The part of a map that is written at once: its pieces stay in the nearest cache."""


class Outputs(NamedTuple):
    """Where the results go; an array without rows is not asked for.

    Attributes:
        mixtures: (n1, n2, D) or (0, 0, 0).
        interior: 1 where the equilibrium is interior, (n1, n2).
        below: 1 where a group's weight is below the threshold, (n1, n2, D) or (0, 0, 0).
    """

    mixtures: Array
    interior: Bytes
    below: Bytes


class _Points(NamedTuple):
    rows: Integers
    levels: Array
    starts: Integers


class _Present(NamedTuple):
    """The piece in force on each ray: its number, end, interior positions, and coefficients side by side.

    Besides, the interior positions of every piece.
    """

    interior: Integers
    piece: Integers
    ends: Array
    inside: Integers
    outside: Integers
    intercepts: Array
    slopes: Array


def fill_block(block: Block, laws: Laws, classes: Classes, outputs: Outputs, threshold: float) -> None:
    """Write the rows of one block."""
    _fill(_Points(block.rows, block.levels, block.starts), laws, classes.interior, outputs, threshold)


@parallel
def _fill(points: _Points, laws: Laws, interior: Integers, outputs: Outputs, threshold: float) -> None:
    rows, columns = points.rows.size, outputs.interior.shape[1]
    across = -(-columns // _COLUMNS_AT_ONCE)
    for part in prange(-(-rows // _ROWS_AT_ONCE) * across):
        first, left = part // across * _ROWS_AT_ONCE, part % across * _COLUMNS_AT_ONCE
        last, right = min(first + _ROWS_AT_ONCE, rows), min(left + _COLUMNS_AT_ONCE, columns)
        # Starts are monotone along the rows of a block.
        lowest = left + min(points.starts[first], points.starts[last - 1])
        rays = right + max(points.starts[first], points.starts[last - 1]) - lowest
        size = laws.intercepts.shape[1]
        whole, law = np.empty((3, rays), np.int64), np.empty((2, rays * size))
        present = _Present(interior, whole[0], np.empty(rays), whole[1], whole[2], law[0], law[1])
        _fill_part(points, laws, outputs, present, (first, last, left, right, lowest, threshold))


@counting_nothing
def _fill_part(
    points: _Points,
    laws: Laws,
    outputs: Outputs,
    present: _Present,
    part: tuple[int, int, int, int, int, float],
) -> None:
    """Write rows first..last - 1, columns left..right - 1; the first of their rays is `lowest`."""
    first, last, left, right, lowest, threshold = part
    size = laws.intercepts.shape[1]
    for ray in range(present.piece.size):
        present.piece[ray], present.ends[ray] = laws.first[lowest + ray] - 1, -1.0
    for position in range(first, last):
        row, level, start = points.rows[position], points.levels[position], points.starts[position] + left - lowest
        for ray in range(start, start + right - left):
            if level > present.ends[ray]:
                _advance(laws, present, ray, level)
        here, cells = slice(start, start + right - left), slice(start * size, (start + right - left) * size)
        _mark(outputs.interior[row, left:right], present.inside[here], present.outside[here], position)
        intercepts, slopes = present.intercepts[cells], present.slopes[cells]
        if outputs.mixtures.shape[0] > 0:
            _write(outputs.mixtures[row, left:right].reshape(-1), intercepts, slopes, level)
        if outputs.below.shape[0] > 0:
            _compare(outputs.below[row, left:right].reshape(-1), intercepts, slopes, level, threshold)


@inlined
def _advance(laws: Laws, present: _Present, ray: int, level: float) -> None:
    """Move one ray to the piece that holds at `level`."""
    size = laws.intercepts.shape[1]
    piece = present.piece[ray] + 1
    while level > laws.ends[piece]:
        piece += 1
    present.piece[ray], present.ends[ray] = piece, laws.ends[piece]
    present.inside[ray], present.outside[ray] = present.interior[piece, 0], present.interior[piece, 1]
    for d in range(size):
        present.intercepts[ray * size + d] = laws.intercepts[piece, d]
        present.slopes[ray * size + d] = laws.slopes[piece, d]


@counting_nothing
def _mark(interior: Bytes, inside: Integers, outside: Integers, position: int) -> None:
    for k in range(interior.size):
        interior[k] = (inside[k] <= position) & (position < outside[k])


@counting_nothing
def _write(weights: Array, intercepts: Array, slopes: Array, level: float) -> None:
    for k in range(weights.size):
        value = intercepts[k] + level * slopes[k]
        weights[k] = value if value > 0.0 else 0.0


@counting_nothing
def _compare(below: Bytes, intercepts: Array, slopes: Array, level: float, threshold: float) -> None:
    for k in range(below.size):
        below[k] = intercepts[k] + level * slopes[k] < threshold
