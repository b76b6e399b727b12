"""Compiled: every point of a map from the linear pieces of its ray.

Rows are visited by rising bA (in the unit of the rays), so that a ray moves through its pieces once. The pieces in
force are copied side by side: one row of the map is then intercept + s slope over contiguous memory.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.arrays import Array
from sim.maps.classify import Classes
from sim.maps.compiled import compiled, inlined
from sim.maps.grid import Block
from sim.maps.homotopy import Integers
from sim.maps.rays import Laws
from sim.threads import in_chunks

Bytes = NDArray[np.uint8]

_ROWS_AT_ONCE = 32
_WEIGHTS_AT_ONCE = 65536
"""Least number of weights that one task writes: below it, starting a thread costs more than it saves."""


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
    """The piece in force on each ray: its number, end, interior positions, and coefficients side by side."""

    piece: Integers
    ends: Array
    inside: Integers
    outside: Integers
    intercepts: Array
    slopes: Array


def fill_block(block: Block, laws: Laws, classes: Classes, outputs: Outputs, threshold: float) -> None:
    """Write the rows of one block, in parallel over fixed chunks of rows."""
    points = _Points(block.rows, block.levels, block.starts)
    width = outputs.interior.shape[1] * laws.intercepts.shape[1]
    in_chunks(
        lambda span: _fill(points, laws, classes.interior, outputs, (*span, threshold)),
        block.rows.size,
        max(_ROWS_AT_ONCE, _WEIGHTS_AT_ONCE // width),
    )


@compiled
def _fill(points: _Points, laws: Laws, interior: Integers, outputs: Outputs, task: tuple[int, int, float]) -> None:
    first, last, threshold = task
    columns, size = outputs.interior.shape[1], laws.intercepts.shape[1]
    # Starts are monotone along the rows of a block.
    lowest = min(points.starts[first], points.starts[last - 1])
    rays = max(points.starts[first], points.starts[last - 1]) + columns - lowest
    present = _Present(
        np.empty(rays, np.int64),
        np.empty(rays),
        np.empty(rays, np.int64),
        np.empty(rays, np.int64),
        np.empty(rays * size),
        np.empty(rays * size),
    )
    for ray in range(rays):
        present.piece[ray], present.ends[ray] = laws.first[lowest + ray] - 1, -1.0
    for position in range(first, last):
        row, level, start = points.rows[position], points.levels[position], points.starts[position] - lowest
        for ray in range(start, start + columns):
            if level > present.ends[ray]:
                _advance(laws, interior, present, ray, level)
        inside, outside = present.inside[start : start + columns], present.outside[start : start + columns]
        for column in range(columns):
            outputs.interior[row, column] = (inside[column] <= position) & (position < outside[column])
        intercepts = present.intercepts[start * size : (start + columns) * size]
        slopes = present.slopes[start * size : (start + columns) * size]
        if outputs.mixtures.shape[0] > 0:
            _write(outputs.mixtures[row].reshape(-1), intercepts, slopes, level)
        if outputs.below.shape[0] > 0:
            _compare(outputs.below[row].reshape(-1), intercepts, slopes, level, threshold)


@inlined
def _advance(laws: Laws, interior: Integers, present: _Present, ray: int, level: float) -> None:
    """Move one ray to the piece that holds at `level`."""
    size = laws.intercepts.shape[1]
    piece = present.piece[ray] + 1
    while level > laws.ends[piece]:
        piece += 1
    present.piece[ray], present.ends[ray] = piece, laws.ends[piece]
    present.inside[ray], present.outside[ray] = interior[piece, 0], interior[piece, 1]
    for d in range(size):
        present.intercepts[ray * size + d] = laws.intercepts[piece, d]
        present.slopes[ray * size + d] = laws.slopes[piece, d]


@compiled
def _write(weights: Array, intercepts: Array, slopes: Array, level: float) -> None:
    for k in range(weights.size):
        value = intercepts[k] + level * slopes[k]
        weights[k] = value if value > 0.0 else 0.0


@compiled
def _compare(below: Bytes, intercepts: Array, slopes: Array, level: float, threshold: float) -> None:
    for k in range(below.size):
        below[k] = intercepts[k] + level * slopes[k] < threshold
