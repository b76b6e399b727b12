"""What continuation returns: branches of fixed points with their stability, and the events on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.arrays import Array
from sim.coevolution.piecewise import Regime

Kind = Literal["fold", "border fold", "border", "branch point", "period doubling", "Neimark-Sacker"]
End = Literal["range", "closed", "length", "corner", "stuck"]
TIPPING: tuple[Kind, Kind] = ("fold", "border fold")
"""Kinds of event at which a branch turns back: beyond, the state has to go somewhere else."""


@dataclass(frozen=True, eq=False)
class Event:
    """A point of a branch at which something happens.

    Attributes:
        kind: "fold": a multiplier passes 1 and the branch turns back. "border": a voice falls silent or speaks up
            and the branch goes on. "border fold": it turns back there. "branch point": a multiplier passes 1 and
            another branch crosses. "period doubling": one passes -1. "Neimark-Sacker": a pair leaves the circle.
        point: Shape (X,).
        parameter: Where.
        border: Which border, for the two kinds at one; None otherwise.
        unstable: Multipliers outside the unit circle before and after, in the direction of the branch.
    """

    kind: Kind
    point: Array
    parameter: float
    border: int | None
    unstable: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Branch:
    """Fixed points along a curve, in its order.

    Attributes:
        points: Shape (N, X).
        parameters: Shape (N,).
        radii: Spectral radius at each, shape (N,). At an event on a border: that of the piece before it.
        unstable: Number of multipliers outside the unit circle, shape (N,).
        regimes: Piece of each.
        events: In the order of the curve.
        ends: Why it stops at its beginning and at its end: at the end of the "range" of the parameter, "closed" upon
            itself, at the allowed "length", at a "corner" where two borders meet, or "stuck": no next point was found.
    """

    points: Array
    parameters: Array
    radii: Array
    unstable: NDArray[np.intp]
    regimes: tuple[Regime, ...]
    events: tuple[Event, ...]
    ends: tuple[End, End]

    @property
    def tipping_points(self) -> tuple[Event, ...]:
        """Events at which the branch turns back."""
        return tuple(event for event in self.events if event.kind in TIPPING)

    @property
    def stable(self) -> NDArray[np.bool_]:
        """Whether every multiplier is inside the unit circle, shape (N,)."""
        inside: NDArray[np.bool_] = self.unstable == 0
        return inside

    def at(self, parameter: float) -> Array:
        """Points of the branch at a value of the parameter, interpolated, shape (K, X)."""
        side = self.parameters >= parameter
        # The last point belongs to no stretch that begins with it: met exactly, it counts too.
        ahead = side[1:] != side[:-1]
        ahead[-1] |= bool(self.parameters[-1] == parameter and side[-2])
        ahead[0] |= bool(self.parameters[0] == parameter and side[1])
        crossings = np.flatnonzero(ahead & (self.parameters[1:] != self.parameters[:-1]))
        share = (parameter - self.parameters[crossings]) / (self.parameters[crossings + 1] - self.parameters[crossings])
        found: Array = self.points[crossings] + share[:, None] * (self.points[crossings + 1] - self.points[crossings])
        return found


def joined(backward: Branch, forward: Branch) -> Branch:
    """One branch of two that start at the same point in opposite directions."""
    if forward.ends[1] == "closed":
        return forward
    turned = tuple(
        Event(event.kind, event.point, event.parameter, event.border, (event.unstable[1], event.unstable[0]))
        for event in reversed(backward.events)
    )
    return Branch(
        np.concatenate([backward.points[:0:-1], forward.points]),
        np.concatenate([backward.parameters[:0:-1], forward.parameters]),
        np.concatenate([backward.radii[:0:-1], forward.radii]),
        np.concatenate([backward.unstable[:0:-1], forward.unstable]),
        (*backward.regimes[:0:-1], *forward.regimes),
        (*turned, *forward.events),
        (backward.ends[1], forward.ends[1]),
    )
