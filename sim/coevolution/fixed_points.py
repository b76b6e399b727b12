"""All fixed points of a piecewise smooth map from many starts, each with its stability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.arrays import Array, read_only
from sim.coevolution.piecewise import PiecewiseMap, Regime, jacobian, multipliers

RESIDUAL = 1e-10
"""A point that moves by less is a fixed point; coordinates are of order one."""
SAME = 1e-6
"""Fixed points nearer to each other are one."""
AT_BORDER = 1e-8
"""A margin below this puts a fixed point on a border: its slope differs by side."""
NEUTRAL = 1e-6
"""A spectral radius nearer to 1 decides nothing."""
MOST_PAIRS = 60
"""Segments searched before a search gives up on a missing point."""
Stability = Literal["stable", "unstable", "undecided"]


@dataclass(frozen=True, eq=False)
class FixedPoint:
    """A fixed point.

    Attributes:
        point: Shape (X,).
        parameter: Value of the parameter.
        regime: The piece it lies on.
        margin: Least margin of that piece, infinite without borders.
        multipliers: Eigenvalues of the slope, largest modulus first, shape (X,).
        index: Sign of det(1 - slope); over all fixed points of a map of a convex compact set into itself they sum to 1.
        residual: How far the map moves it.
    """

    point: Array
    parameter: float
    regime: Regime
    margin: float
    multipliers: NDArray[np.complex128]
    index: int
    residual: float

    @property
    def radius(self) -> float:
        """Spectral radius of the slope."""
        return float(np.abs(self.multipliers[0]))

    @property
    def stability(self) -> Stability:
        """Whether small disturbances die out; undecided on a border or with a multiplier on the unit circle."""
        if self.margin < AT_BORDER or abs(self.radius - 1) < NEUTRAL:
            return "undecided"
        return "stable" if self.radius < 1 else "unstable"


@dataclass(frozen=True, eq=False)
class FixedPoints:
    """What a search found.

    Attributes:
        points: The fixed points, in the order of their coordinates.
        starts: Number of starts.
        lost: Starts from which no fixed point was reached.
    """

    points: tuple[FixedPoint, ...]
    starts: int
    lost: int

    @property
    def index_sum(self) -> int:
        """Sum of the indices; for a map of a convex compact set into itself anything but 1 says that some are lost."""
        return sum(one.index for one in self.points)

    @property
    def stable(self) -> tuple[FixedPoint, ...]:
        """Those that are stable."""
        return tuple(one for one in self.points if one.stability == "stable")


def fixed_points(
    system: PiecewiseMap, parameter: float, starts: Array, *, rounds: int = 300, between: int = 7
) -> FixedPoints:
    """Find fixed points by Newton's method on F(x) - x from every start, piece by piece.

    A start from which Newton fails is first moved by `rounds` rounds of the map itself. Saddles attract few starts but
    stand between attractors: while the indices don't sum to 1, the segments between the points found give new starts.
    What is still missing then, `index_sum` tells.

    Args:
        system: The map.
        parameter: Value of its parameter.
        starts: Shape (K, X).
        rounds: Of the map.
        between: New starts on the segment between two points.
    """
    found: list[FixedPoint] = []

    def note(point: Array | None) -> bool:
        new = point is not None and all(np.abs(point - one.point).max() > SAME for one in found)
        if point is not None and new:
            found.append(examine(system, parameter, point))
        return new

    lost = 0
    for start in starts:
        point = newton(system, parameter, start)
        if point is None:
            moved = start
            for _ in range(rounds):
                moved = system.evaluate(moved, parameter).image
            point = newton(system, parameter, moved)
        lost += point is None
        note(point)
    tried: set[tuple[int, int]] = set()
    while sum(one.index for one in found) != 1:
        pairs = [pair for pair in combinations(range(len(found)), 2) if pair not in tried][:MOST_PAIRS]
        if not pairs or len(tried) > MOST_PAIRS:
            break
        tried.update(pairs)
        for first, second in pairs:
            for share in np.arange(1, between + 1) / (between + 1):
                note(newton(system, parameter, (1 - share) * found[first].point + share * found[second].point))
    return FixedPoints(_ordered(found), len(starts), lost)


def newton(system: PiecewiseMap, parameter: float, start: Array, *, steps: int = 60) -> Array | None:
    """A fixed point near a start, or None; the slope is that of the piece the iterate lies on."""
    point = start
    here = system.evaluate(point, parameter)
    for _ in range(steps):
        off = here.image - point
        size = float(np.abs(off).max())
        if size < RESIDUAL / 100:
            break
        slope = jacobian(system, point, parameter, here.regime)
        try:
            move = np.linalg.solve(slope - np.eye(point.size), -off)
        except np.linalg.LinAlgError:
            return None
        move /= max(1.0, float(np.abs(move).max()))  # the box of all states is about this wide
        # Halving keeps the iterate from leaping over pieces; the last try is taken even so.
        for halving in range(12):
            trial = point + move / 2**halving
            there = system.evaluate(trial, parameter)
            if np.abs(there.image - trial).max() < (1 - 0.1 / 2**halving) * size:
                break
        else:
            return point if size < RESIDUAL else None
        point, here = trial, there
    return point if float(np.abs(here.image - point).max()) < RESIDUAL else None


def examine(system: PiecewiseMap, parameter: float, point: Array) -> FixedPoint:
    """Stability, index and residual of a fixed point."""
    here = system.evaluate(point, parameter)
    slope = jacobian(system, point, parameter, here.regime)
    return FixedPoint(
        point=read_only(np.array(point)),
        parameter=parameter,
        regime=here.regime,
        margin=float(here.margins.min(initial=np.inf)),
        multipliers=multipliers(slope),
        index=int(np.sign(np.linalg.det(np.eye(point.size) - slope))),
        residual=float(np.abs(here.image - point).max()),
    )


def _ordered(found: Sequence[FixedPoint]) -> tuple[FixedPoint, ...]:
    return tuple(sorted(found, key=lambda one: tuple(np.round(-one.point, 6))))
