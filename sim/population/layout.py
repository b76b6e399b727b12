"""What the kernels of this package are given: records of arrays, and the rows of their working memory."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.arrays import Array

LANES = 4
"""Tables and the similarity are padded to a multiple of this, so that processors can use their vector units."""
SCALE, STRICT, INVERTED = 0, 1, 2
"""Places in the last row of a kind's matrices."""

# Rows of the working memory of a thread; from LOWER on it holds a triangular factor.
PULL, LAW, ASCENT, FIRST, SECOND, INDEX, LOWER = range(7)


Supports = NDArray[np.signedinteger]


class Terms(NamedTuple):
    """What accounts maximise, apart from their own curvature; an axis of length 1 is shared by all accounts."""

    linear: Array  # (M or 1, D)
    kinds: NDArray[np.int32]  # (M or 1,)
    price: Array  # (M or 1,)
    crowd: Array  # (D, W): S transposed, padded with zeros
    starts: NDArray[np.int64]  # (M + 1,): where the neighbours of each account start; empty on the complete graph
    neighbours: NDArray[np.int32]


class Laws(NamedTuple):
    """The K kinds of own curvature, ready for solving; see pivot_table.py.

    Rows of matrices[k]: 0..D-1 the centred H, made positive definite along (1, ..., 1) as well; D..2D-1 the inverse law
    P of the full support; 2D its constant; 2D + 1 the tilt that centring adds to the linear term; 2D + 2 the largest
    curvature, whether the kind is well curved in every direction (others go to sim.quadratic), and whether P is there.
    """

    tables: Array  # (K, 2^D, D + 2, W), or (0, 0, 0, 0) where supports are solved one by one
    matrices: Array  # (K, 2D + 3, W)
    tag: tuple[int, ...]  # D entries make the kernels be compiled for this D; none, for any D


class Board(NamedTuple):
    """What a pass over the accounts reads and writes."""

    mixtures: Array  # (M, D)
    total: Array  # (D,): their sum
    supports: Supports  # (M,): where to start, and then what was found; 0 for accounts left to sim.quadratic
    out: Array  # (M, D), or what else the pass computes
    work: Array  # from scratch(); of this thread alone
    others: Array  # (M, D): sums over neighbours, where `gather` has left them; (0, 0) if it hasn't


class Rule(NamedTuple):
    """How accounts move."""

    floor: float
    rate: float  # damping, or step size


NOT_GATHERED: Array = np.zeros((0, 0))


def scratch(width: int) -> Array:
    """Fresh working memory of a thread, for W lanes."""
    return np.zeros((LOWER + width, width))
