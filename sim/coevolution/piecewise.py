"""Maps that are smooth in pieces: what fixed points and continuation need to know of a map, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.arrays import Array

Regime = tuple[bool, ...]
DIFFERENCE = 1e-6
"""Half length of a central difference; coordinates are of order one."""


class Evaluation(NamedTuple):
    """A map at a point.

    Attributes:
        image: Where the point goes, shape (X,).
        regime: Which piece was used; flipping entry k gives the piece beyond border k.
        margins: Distance-like numbers, one a border, >= 0 where the piece is the map itself, shape (K,).
    """

    image: Array
    regime: Regime
    margins: Array


class PiecewiseMap(Protocol):
    """A continuous map x -> F(x; p), smooth in pieces."""

    def evaluate(self, point: Array, parameter: float, regime: Regime | None = None) -> Evaluation:
        """The map at a point, shape (X,).

        Given a regime: that piece's smooth extension, whether or not it is the map there, at one point or many, (K, X).
        """
        ...


@dataclass(frozen=True)
class SmoothMap:
    """A map without borders.

    Attributes:
        function: (point, parameter) -> image, one point at a time.
    """

    function: Callable[[Array, float], Array]

    def evaluate(self, point: Array, parameter: float, regime: Regime | None = None) -> Evaluation:
        """See `PiecewiseMap`."""
        image = np.apply_along_axis(self.function, -1, point, parameter)
        return Evaluation(image, (), np.empty(0))


def jacobian(system: PiecewiseMap, point: Array, parameter: float, regime: Regime) -> Array:
    """dF/dx of one piece by central differences, shape (X, X)."""
    moves = DIFFERENCE * np.eye(point.size)
    images = system.evaluate(np.concatenate([point + moves, point - moves]), parameter, regime).image
    slope: Array = (images[: point.size] - images[point.size :]).T / (2 * DIFFERENCE)
    return slope


def multipliers(slope: Array) -> NDArray[np.complex128]:
    """Eigenvalues of the slope of a map at a fixed point, largest modulus first, shape (X,)."""
    values = np.linalg.eigvals(slope).astype(np.complex128)
    return values[np.argsort(-np.abs(values), kind="stable")]


def flipped(regime: Regime, border: int) -> Regime:
    """The regime on the other side of a border."""
    return tuple(on != (k == border) for k, on in enumerate(regime))
