"""Slow sweeps of a parameter, up and down again: at which value is a group lost, and at which is it won back?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.arrays import Array, finite_array, whole_number
from sim.coevolution.fixed_points import newton
from sim.coevolution.piecewise import PiecewiseMap
from sim.errors import InputError

NEAR = 0.05
"""A fixed point within this of where the map has come counts as where it was going."""


class Settled(NamedTuple):
    """Where the map comes to rest.

    Attributes:
        point: The fixed point, or where the map was when patience ended, shape (X,).
        at_rest: Whether it is a fixed point.
    """

    point: Array
    at_rest: bool


def settle(system: PiecewiseMap, start: Array, parameter: float, *, rounds: int = 20_000, chunk: int = 50) -> Settled:
    """Play the map from a start until it rests; Newton's method ends the last stretch.

    Args:
        system: The map.
        start: Shape (X,).
        parameter: Value of the parameter.
        rounds: Patience.
        chunk: Rounds between two looks.
    """
    point = start
    moved = np.inf
    for _ in range(-(-rounds // chunk)):
        before, known = point, moved
        for _ in range(chunk):
            point = system.evaluate(point, parameter).image
        moved = float(np.abs(point - before).max())
        # Only a motion that dies out is cut short: slow passages near a vanished fixed point are played in full.
        if moved < 1e-3 and moved < 0.5 * known:
            rest = newton(system, parameter, point)
            if rest is not None and np.abs(rest - point).max() < NEAR * max(1e-3, moved) / 1e-3:
                return Settled(rest, True)
        if moved < 1e-12:
            return Settled(point, True)
    return Settled(point, False)


@dataclass(frozen=True, eq=False)
class Sweep:
    """A path under a parameter that changes every round.

    Attributes:
        parameters: Value in each round, shape (R,).
        points: Where the map is after each round, shape (R, X).
    """

    parameters: Array
    points: Array


def sweep(system: PiecewiseMap, start: Array, parameters: ArrayLike) -> Sweep:
    """Play one round at each value of the parameter.

    Args:
        system: The map.
        start: Shape (X,).
        parameters: Shape (R,).
    """
    values = finite_array("parameters", parameters, ndim=1)
    points = np.empty((values.size, start.size))
    point = start
    for played, value in enumerate(values):
        point = system.evaluate(point, float(value)).image
        points[played] = point
    return Sweep(values, points)


def crossing(parameters: Array, observed: Array, level: float) -> float:
    """Value of the parameter at which an observed number first changes sides of a level; NaN if it never does.

    Args:
        parameters: Shape (R,).
        observed: Shape (R,).
        level: Interpolated linearly between the rounds on its two sides.
    """
    above = np.asarray(observed) > level
    changes = np.flatnonzero(above[1:] != above[:-1])
    if changes.size == 0:
        return float("nan")
    k = int(changes[0])
    share = (level - observed[k]) / (observed[k + 1] - observed[k])
    return float(parameters[k] + share * (parameters[k + 1] - parameters[k]))


@dataclass(frozen=True, eq=False)
class Loop:
    """A sweep there and back.

    Attributes:
        there: From the first end to the second.
        back: And back, from where `there` ended.
        lost_at: Where the observed number crosses the level on the way there; NaN if it doesn't.
        won_back_at: The same on the way back: NaN says that what was lost stays lost within the range.
    """

    there: Sweep
    back: Sweep
    lost_at: float
    won_back_at: float

    @property
    def width(self) -> float:
        """How much further back the parameter must go: distance between the two values."""
        return abs(self.lost_at - self.won_back_at)


def hysteresis_loop(
    system: PiecewiseMap,
    start: Array,
    ends: tuple[float, float],
    *,
    rounds: int,
    observe: Callable[[Array], Array],
    level: float,
    steps: int = 1000,
) -> Loop:
    """Sweep a parameter from one end to the other and back.

    Args:
        system: The map.
        start: At rest at the first end, shape (X,).
        ends: First and second end; the second may be the lower.
        rounds: Each way.
        observe: Points (R, X) -> the observed number (R,), for example the share of a group that is present.
        level: That counts as lost on one side.
        steps: Different values at most, each held as long: a new value costs more than a round.
    """
    there = sweep(system, start, staircase(*ends, rounds, steps))
    back = sweep(system, there.points[-1], staircase(*ends[::-1], rounds, steps))
    return Loop(
        there,
        back,
        crossing(there.parameters, observe(there.points), level),
        crossing(back.parameters, observe(back.points), level),
    )


def staircase(first: float, last: float, rounds: int, steps: int = 1000) -> Array:
    """Values from `first` to `last` at an even pace, each held for as many rounds, shape (about `rounds`,).

    Args:
        first: In the first round.
        last: In the last.
        rounds: How many, rounded down to a multiple of the number of values.
        steps: Different values at most, >= 2.
    """
    whole_number("steps", steps, minimum=2)
    whole_number("rounds", rounds, minimum=2)
    if first == last:
        raise InputError("ends", (first, last), "expected two different values")
    hold = max(1, rounds // steps)
    return np.repeat(np.linspace(first, last, rounds // hold), hold)


class AtRest(NamedTuple):
    """What jumps at finite speeds say about infinitely slow sweeps.

    Attributes:
        value: The jump extrapolated to speed zero.
        spread: Largest change of it when one speed is left out.
    """

    value: float
    spread: float


def at_rest(speeds: Sequence[float], jumps: Sequence[float]) -> AtRest:
    """Extrapolate the parameter at which a swept map jumps to speed zero.

    Past a fold the delay is c1 speed^(2/3) + c2 speed + ... (Jung, Gray and Roy 1990; Berglund and Gentz 2006, section
    2.2); fitted by least squares.

    Args:
        speeds: Change of the parameter in a round, at least four, all > 0.
        jumps: Where each jumped.
    """
    speed, jump = np.array(speeds, dtype=np.float64), np.array(jumps, dtype=np.float64)
    if speed.size < 4 or speed.size != jump.size:
        raise InputError("speeds", f"{speed.size} speeds, {jump.size} jumps", "expected at least 4 of each")
    if speed.min() <= 0 or not np.isfinite(jump).all():
        raise InputError("jumps", jump.tolist(), "every sweep must have a speed above 0 and jump")
    columns = np.stack([np.ones_like(speed), speed ** (2 / 3), speed], axis=1)

    def intercept(kept: NDArray[np.bool_]) -> float:
        return float(np.linalg.lstsq(columns[kept], jump[kept], rcond=None)[0][0])

    value = intercept(np.ones(speed.size, np.bool_))
    return AtRest(value, max(abs(intercept(np.arange(speed.size) != k) - value) for k in range(speed.size)))
