"""Pseudo-arclength continuation of fixed points of a piecewise smooth map in one parameter.

Within a piece the branch solves F(x; p) - x = 0 with the predictor along its tangent and Newton's method in the plane
normal to it (Keller 1977), so that it goes round folds. Where a margin of the piece reaches zero the branch is taken to
that border exactly, and goes on in the piece beyond with that piece's tangent, pointed away from the border: this keeps
the two outcomes of such a collision apart, going on and turning back (di Bernardo et al. 2008, chapter 3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from sim.arrays import Array, positive, whole_number
from sim.coevolution.branch import Branch, End, Event, Kind, joined
from sim.coevolution.piecewise import DIFFERENCE, PiecewiseMap, Regime, flipped, jacobian, multipliers
from sim.errors import InputError

CORRECTED = 1e-11
"""Residual at which a corrected point counts as on the branch."""
ON_BORDER = 1e-9
"""A margin nearer to zero than this is on the border."""
BEND = 0.98
"""Least cosine between tangents of neighbouring points."""


class _Place(NamedTuple):
    """A point of the branch in (x, u), u the parameter scaled to [0, 1]."""

    spot: Array
    regime: Regime
    tangent: Array
    slope: Array
    margins: Array

    @property
    def circle(self) -> NDArray[np.complex128]:
        return multipliers(self.slope)


class _Tracer:
    """The branch in scaled coordinates."""

    def __init__(self, system: PiecewiseMap, low: float, high: float) -> None:
        self.system, self.low, self.width = system, low, high - low

    def parameter(self, spot: Array) -> float:
        return self.low + self.width * float(spot[-1])

    def residual(self, spot: Array, regime: Regime) -> tuple[Array, Array]:
        here = self.system.evaluate(spot[:-1], self.parameter(spot), regime)
        return here.image - spot[:-1], here.margins

    def slopes(self, spot: Array, regime: Regime) -> tuple[Array, Array]:
        """dF/dx, shape (X, X), and dF/du, shape (X,)."""
        shift = np.zeros(spot.size)
        shift[-1] = DIFFERENCE
        along = (self.residual(spot + shift, regime)[0] - self.residual(spot - shift, regime)[0]) / (2 * DIFFERENCE)
        return jacobian(self.system, spot[:-1], self.parameter(spot), regime), along

    def place(self, spot: Array, regime: Regime, ahead: Array) -> _Place:
        """The place at a spot of the branch, its tangent on the side of `ahead`."""
        slope, along = self.slopes(spot, regime)
        full = np.hstack([slope - np.eye(slope.shape[0]), along[:, None]])
        tangent = np.linalg.svd(full)[2][-1]
        tangent = tangent if tangent @ ahead >= 0 else -tangent
        return _Place(spot, regime, tangent, slope, self.residual(spot, regime)[1])

    def step(self, start: _Place, length: float) -> Array | None:
        """The spot `length` ahead along the tangent, corrected in the plane normal to it; None if there is none."""
        aim = start.spot + length * start.tangent
        spot = aim
        for _ in range(10):
            off = np.append(self.residual(spot, start.regime)[0], start.tangent @ (spot - aim))
            if np.abs(off).max() < CORRECTED:
                return spot
            slope, along = self.slopes(spot, start.regime)
            system = np.vstack([np.hstack([slope - np.eye(slope.shape[0]), along[:, None]]), start.tangent])
            try:
                spot = spot - np.linalg.solve(system, off)
            except np.linalg.LinAlgError:
                return None
            if not np.isfinite(spot).all() or np.abs(spot - aim).max() > 1 + 5 * length:
                return None
        return None

    def at(self, start: _Place, length: float) -> _Place:
        """The place `length` ahead.

        Raises:
            ArithmeticError: There is none.
        """
        spot = start.spot if length == 0 else self.step(start, length)
        if spot is None:
            raise ArithmeticError("the branch is lost")
        return self.place(spot, start.regime, start.tangent)

    def root(self, start: _Place, length: float, score: Callable[[_Place], float]) -> _Place:
        """The place between `start` and `length` ahead at which a score changes sign.

        Raises:
            ArithmeticError: It doesn't, or the branch is lost.
        """
        try:
            reach = brentq(lambda reach: score(self.at(start, reach)), 0.0, length, xtol=1e-13)
        except ValueError as error:
            raise ArithmeticError("no change of sign") from error
        return self.at(start, float(reach))


def continue_branch(
    system: PiecewiseMap,
    point: Array,
    parameter: float,
    *,
    bounds: tuple[float, float],
    step: float = 0.02,
    least_step: float = 1e-7,
    most_points: int = 2000,
) -> Branch:
    """The branch through a fixed point, followed both ways until it leaves the range of the parameter.

    Args:
        system: The map.
        point: A fixed point, shape (X,), for example of `fixed_points`.
        parameter: Its parameter.
        bounds: Ends of the parameter's range.
        step: Largest step, in units of the coordinates and of the width of the range.
        least_step: Smallest step before the branch counts as stuck.
        most_points: Points in each direction.

    Raises:
        InputError: Bad bounds or steps, or a point that is no fixed point.
    """
    low, high = bounds
    if not (np.isfinite(low) and np.isfinite(high) and low < high and low <= parameter <= high):
        raise InputError("bounds", bounds, f"expected low < high with the parameter {parameter} between them")
    positive("step", step), positive("least_step", least_step), whole_number("most_points", most_points, minimum=2)
    here = system.evaluate(point, parameter)
    off = float(np.abs(here.image - point).max())
    if off > 1e-8:
        raise InputError(
            "point", f"a point that the map moves by {off:.3g}", "expected a fixed point: newton() finds one"
        )
    tracer = _Tracer(system, low, high)
    spot = np.append(point, (parameter - low) / tracer.width)
    ahead = np.zeros(spot.size)
    ahead[-1] = 1.0
    start = tracer.place(spot, here.regime, ahead)
    settings = (step, least_step, most_points)
    forward = _one_way(tracer, start, *settings)
    if forward.ends[1] == "closed":
        return forward
    return joined(_one_way(tracer, start._replace(tangent=-start.tangent), *settings), forward)


def _one_way(tracer: _Tracer, start: _Place, step: float, least_step: float, most_points: int) -> Branch:
    places, events = [start], list[Event]()
    end: End = "length"
    length = step / 4
    while len(places) < most_points and end == "length":
        last = places[-1]
        try:
            there, border = _next(tracer, last, length)
            happened = _events(tracer, last, there)
        except ArithmeticError:
            length /= 2
            end = "stuck" if length < least_step else end
            continue
        events += happened
        places.append(there)
        if there.spot[-1] in (0.0, 1.0):
            end = "range"
        elif border is not None and np.sum(np.abs(there.margins) < ON_BORDER) > 1:
            end = "corner"
        elif border is not None:
            beyond = _beyond(tracer, there, border)
            kind: Kind = "border" if beyond.tangent[-1] * there.tangent[-1] > 0 else "border fold"
            events.append(_event(kind, tracer.parameter(there.spot), there, (there, beyond), border))
            places.append(beyond)
            length = step / 4
        elif len(places) > 4 and np.linalg.norm(there.spot - start.spot) < length and there.regime == start.regime:
            end = "closed"
        else:
            length = min(step, 1.4 * length)
    return _branch(tracer, places, events, end)


def _next(tracer: _Tracer, last: _Place, length: float) -> tuple[_Place, int | None]:
    """The next place, at most `length` ahead, and the border it lies on if any.

    Raises:
        ArithmeticError: The step is too long.
    """
    there, border = tracer.at(last, length), None
    crossed = np.flatnonzero(there.margins < -ON_BORDER)
    if crossed.size == 0 and there.tangent @ last.tangent < BEND:
        raise ArithmeticError("the branch bends too much")
    if crossed.size:
        if last.margins[crossed].min() <= ON_BORDER:
            raise ArithmeticError("a border that was just crossed is crossed back")
        at_border = [
            (tracer.root(last, length, lambda place, k=k: float(place.margins[k])), int(k))  # type: ignore[misc]
            for k in crossed
        ]
        there, border = min(at_border, key=lambda found: float((found[0].spot - last.spot) @ last.tangent))
        if there.tangent @ last.tangent < BEND:
            raise ArithmeticError("the branch bends too much")
    if not 0 <= there.spot[-1] <= 1:
        edge, border = float(there.spot[-1] > 1), None
        reach = float((there.spot - last.spot) @ last.tangent)
        there = tracer.root(last, reach, lambda place: float(place.spot[-1] - edge))
        there.spot[-1] = edge
    return there, border


def _beyond(tracer: _Tracer, place: _Place, border: int) -> _Place:
    """The same spot in the piece beyond a border, with the tangent that leads away from it."""
    regime = flipped(place.regime, border)
    there = tracer.place(place.spot, regime, place.tangent)
    ahead, behind = (
        tracer.residual(place.spot + side * DIFFERENCE * there.tangent, regime)[1][border] for side in (1, -1)
    )
    return there if ahead > behind else there._replace(tangent=-there.tangent)


def _events(tracer: _Tracer, last: _Place, there: _Place) -> list[Event]:
    """What happens between two neighbouring places of one piece."""
    reach = float((there.spot - last.spot) @ last.tangent)
    before, after = _outside(last), _outside(there)
    turned = last.tangent[-1] * there.tangent[-1] < 0
    if turned:
        fold = tracer.root(last, reach, lambda place: float(place.tangent[-1]))
        return [_event("fold", tracer.parameter(fold.spot), fold, (last, there), None)]
    if before == after:
        return []
    try:
        place = tracer.root(last, reach, lambda place: _nearest(place, max(before, after)))
    except ArithmeticError:  # multipliers change their order by modulus in between
        place = there
    crossing = place.circle[np.argmin(np.abs(np.abs(place.circle) - 1))]
    if abs(crossing.imag) > 1e-6:
        kind: Kind = "Neimark-Sacker"
    else:
        kind = "branch point" if crossing.real > 0 else "period doubling"
    return [_event(kind, tracer.parameter(place.spot), place, (last, there), None)]


def _nearest(place: _Place, number: int) -> float:
    """Modulus less one of the multiplier that is number `number` by modulus."""
    return float(np.abs(place.circle[number - 1]) - 1)


def _outside(place: _Place) -> int:
    return int(np.sum(np.abs(place.circle) > 1))


def _event(kind: Kind, parameter: float, place: _Place, sides: tuple[_Place, _Place], border: int | None) -> Event:
    return Event(kind, place.spot[:-1].copy(), parameter, border, (_outside(sides[0]), _outside(sides[1])))


def _branch(tracer: _Tracer, places: list[_Place], events: list[Event], end: End) -> Branch:
    return Branch(
        np.stack([place.spot[:-1] for place in places]),
        np.array([tracer.parameter(place.spot) for place in places]),
        np.array([np.abs(place.circle[0]) for place in places]),
        np.array([_outside(place) for place in places]),
        tuple(place.regime for place in places),
        tuple(events),
        ("length", end),
    )
