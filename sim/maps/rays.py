"""The linear pieces of every ray: traced by the homotopy, or exactly from the general solver where it cannot go."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.arrays import Array
from sim.maps.grid import Block
from sim.maps.homotopy import Integers, Pieces, Rays, Terms, trace_rays
from sim.quadratic import maximise_on_simplex

_RAYS_AT_ONCE = 10
"""Rays that one thread traces before it takes the next."""


class Laws(NamedTuple):
    """Pieces of all rays, with w = intercept + s slope on each. Some of the P places may be empty.

    Attributes:
        first: Pieces first[k]..last[k] - 1 belong to ray k, (K,).
        last: (K,).
        ends: bA at which a piece ends, infinite for the last of a ray, (P,).
        intercepts: (P, D).
        slopes: (P, D).
    """

    first: Integers
    last: Integers
    ends: Array
    intercepts: Array
    slopes: Array


def solve_rays(terms: Terms, block: Block) -> Laws:
    """The linear pieces of every ray of a block, verified.

    A ray whose curvature is singular on the tangent space, or whose check fails, is solved at a few of its
    levels by `maximise_on_simplex` (ties: nearest to the uniform mixture), until two neighbouring levels have the
    same support: in between, weights and multipliers are linear, so interpolation is exact.
    """
    if block.proportional:
        return _scaled(terms, block)
    pieces = _traced(terms, block.rays)
    if np.all(pieces.found > 0):
        return Laws(pieces.first, pieces.first + pieces.found, pieces.ends, pieces.intercepts, pieces.slopes)
    found = [
        _row(pieces, ray) if pieces.found[ray] > 0 else _exact(terms, block.rays, ray, block.levels_on(ray))
        for ray in range(pieces.found.size)
    ]
    return _joined(found)


Piece = tuple[Array, Array, Array]
"""Ends (p,), intercepts (p, D) and slopes (p, D) of one ray."""


def _traced(terms: Terms, rays: Rays) -> Pieces:
    count, size = rays.lowest.size, terms.attractiveness.size
    # A point of its own needs one piece, two on a border; a whole ray seldom more than two per group.
    room = 2 if np.all(rays.lowest == rays.highest) else 2 * size + 6
    places = np.empty((2, count), np.int64)
    laws = np.empty((2, count * room, size))
    pieces = Pieces(places[0], places[1], np.empty(count * room), laws[0], laws[1])
    trace_rays(terms, rays, pieces, _RAYS_AT_ONCE)
    return pieces


def _scaled(terms: Terms, block: Block) -> Laws:
    """All rays at once where they differ by scale: s / c on the unit ray is s on the ray c times as long."""
    own, crowd, low, high = block.rays
    scale = own + crowd
    unit = Rays(
        np.array([float(own[0] > 0)]),
        np.array([float(crowd[0] > 0)]),
        np.array([(low / scale).min()]),
        np.array([(high / scale).max()]),
    )
    pieces = _traced(terms, unit)
    if pieces.found[0] > 0:
        ends, intercepts, slopes = _row(pieces, 0)
    else:
        levels = np.unique(block.levels[:, None] / scale)
        ends, intercepts, slopes = _exact(terms, unit, 0, levels)
    first = np.arange(scale.size) * ends.size
    spread = (scale.size, *intercepts.shape)
    return Laws(
        first,
        first + ends.size,
        (scale[:, None] * ends).ravel(),
        np.broadcast_to(intercepts, spread).reshape(-1, spread[-1]).copy(),
        (slopes / scale[:, None, None]).reshape(-1, spread[-1]),
    )


def _exact(terms: Terms, rays: Rays, ray: int, levels: Array) -> Piece:
    """Pieces of one ray that are right at the given levels (rising, distinct)."""
    own, crowd = rays.inconsistency[ray], rays.diversity[ray]
    matrix = own * terms.inconsistency + crowd * terms.similarity
    tilt = own * terms.own_tilt + crowd * terms.crowd_tilt
    solved: dict[int, Array] = {}

    def at(position: int) -> Array:
        if position not in solved:
            solved[position] = maximise_on_simplex(matrix, levels[position] * terms.attractiveness - tilt)
        return solved[position]

    borders: list[tuple[int, int]] = []
    # With singular curvature the answer may jump as attractiveness appears: bA = 0 stands alone.
    spans = [(1, levels.size - 1), (0, 0)] if levels[0] == 0 and levels.size > 1 else [(0, levels.size - 1)]
    while spans:
        low, high = spans.pop()
        if np.array_equal(at(low) > 0, at(high) > 0):
            borders.append((low, high))
        elif high == low + 1:
            borders += [(low, low), (high, high)]
        else:
            middle = (low + high) // 2
            spans += [(middle + 1, high), (low, middle)]
    ends = np.array([(levels[high] + levels[high + 1]) / 2 for _, high in borders[:-1]] + [np.inf])
    slopes = np.array(
        [(at(high) - at(low)) / (levels[high] - levels[low]) if high > low else 0 * at(low) for low, high in borders]
    )
    intercepts = np.array([at(low) for low, _ in borders]) - slopes * levels[[low for low, _ in borders], None]
    return ends, intercepts, slopes


def _row(pieces: Pieces, ray: int) -> Piece:
    own = slice(int(pieces.first[ray]), int(pieces.first[ray] + pieces.found[ray]))
    return pieces.ends[own], pieces.intercepts[own], pieces.slopes[own]


def _joined(found: list[Piece]) -> Laws:
    last = np.cumsum([ends.size for ends, _, _ in found], dtype=np.int64)
    ends, intercepts, slopes = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Laws(np.append(0, last[:-1]), last, ends, intercepts, slopes)
