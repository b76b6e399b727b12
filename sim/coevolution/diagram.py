"""A bifurcation diagram: every branch that starts from fixed points at a few values of the parameter."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sim.arrays import Array
from sim.coevolution.branch import Branch
from sim.coevolution.continuation import continue_branch
from sim.coevolution.fixed_points import FixedPoints, fixed_points
from sim.coevolution.piecewise import PiecewiseMap

ON_BRANCH = 2e-3
"""A fixed point this near to a branch lies on it."""


def bifurcation_diagram(
    system: PiecewiseMap,
    bounds: tuple[float, float],
    seeds: Sequence[float],
    starts: Callable[[float], Array],
    *,
    step: float = 0.02,
    most_points: int = 2000,
) -> tuple[tuple[Branch, ...], tuple[FixedPoints, ...]]:
    """Branches through all fixed points found at the seed values, and those fixed points.

    A branch that no seed value meets is missing; closed ones far from every seed are the likeliest.

    Args:
        system: The map.
        bounds: Ends of the parameter's range.
        seeds: Values at which all fixed points are searched.
        starts: Value -> starts of that search, shape (K, X).
        step: Largest step, in units of the coordinates and of the width of the range.
        most_points: Points of a branch in each direction.
    """
    branches: list[Branch] = []
    searched = []
    for value in seeds:
        found = fixed_points(system, value, starts(value))
        searched.append(found)
        for one in found.points:
            known = (np.abs(branch.at(value) - one.point).max(axis=1, initial=0.0) for branch in branches)
            if not any((near < ON_BRANCH).any() for near in known):
                branches.append(
                    continue_branch(system, one.point, value, bounds=bounds, step=step, most_points=most_points)
                )
    return tuple(branches), tuple(searched)
