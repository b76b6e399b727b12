"""Slices: the equilibrium as one incentive coefficient is varied, or along a line of a map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.arrays import Array, finite_array, non_negative, read_only, shorten
from sim.errors import InputError
from sim.maps.exclusion_map import exclusion_map
from sim.maps.grid import COEFFICIENTS
from sim.maps.result import ExclusionMap


@dataclass(frozen=True, eq=False)
class Slice:
    """Homogeneous equilibria along one coefficient, in the order of its values.

    Attributes:
        name: The coefficient that is varied.
        values: Its values, (n,).
        fixed: The other two coefficients.
        mixtures: Equilibrium mixtures, (n, D); NaN without an interior equilibrium if `boundary` was off.
        interior: Points with an interior equilibrium, (n,).
        excluded: Points at which each group is excluded: interior and below the threshold, (n, D).
        threshold: Weight below which a group counts as excluded.
        groups: Names of the groups, or None.
    """

    name: str
    values: Array
    fixed: dict[str, float]
    mixtures: Array
    interior: NDArray[np.bool_]
    excluded: NDArray[np.bool_]
    threshold: float
    groups: tuple[str, ...] | None


def incentive_slice(
    *,
    attractiveness: ArrayLike,
    inconsistency: ArrayLike,
    similarity: ArrayLike,
    grid: Mapping[str, ArrayLike],
    threshold: float = 0.05,
    boundary: bool = True,
    groups: Sequence[str] | None = None,
) -> Slice:
    """The equilibrium along one coefficient, the other two fixed.

    Args:
        attractiveness: a, (D,).
        inconsistency: C, (D, D).
        similarity: S, (D, D).
        grid: "attractiveness", "inconsistency" and "diversity": one as a 1-d array, two as numbers.
        threshold: As in `exclusion_map`, and so the rest.
        boundary: See there.
        groups: See there.

    Raises:
        InputError: Bad input; the message names the field.

    >>> s = incentive_slice(
    ...     attractiveness=[0.5, 0.3, 0.2], inconsistency=np.diag([0.3, 0.3, 0.6]), similarity=np.eye(3),
    ...     grid={"attractiveness": [0, 1, 3.5, 5], "inconsistency": 1, "diversity": 1},
    ... )
    >>> s.mixtures[:, 2].round(3).tolist(), s.excluded[:, 2].tolist()
    ([0.267, 0.2, 0.033, 0.0], [False, False, True, False])
    """
    if not isinstance(grid, Mapping) or set(grid) != set(COEFFICIENTS):
        given = sorted(map(str, grid)) if isinstance(grid, Mapping) else shorten(grid)
        raise InputError("grid", given, f"expected exactly the keys {', '.join(COEFFICIENTS)}")
    varied = [name for name in COEFFICIENTS if np.ndim(grid[name]) > 0]
    if len(varied) != 1:
        raise InputError("grid", f"arrays for {varied or 'none'}", "expected one 1-d array and two numbers")
    (name,) = varied
    # A line is a map with one value on the other axis. Attractiveness makes whole rays, so it comes first.
    other = "attractiveness" if name != "attractiveness" else "inconsistency"
    value = non_negative(f"grid[{other!r}]", grid[other])  # type: ignore[arg-type]
    found = exclusion_map(
        attractiveness=attractiveness,
        inconsistency=inconsistency,
        similarity=similarity,
        grid={**grid, other: np.array([value])},
        threshold=threshold,
        boundary=boundary,
        groups=groups,
    )
    return map_slice(found, **{other: value})


def map_slice(found: ExclusionMap, **at: float) -> Slice:
    """A row or a column of a map.

    Args:
        found: A map with keep="mixtures".
        at: One coefficient on an axis of the map and one of its values there, such as diversity=1.0. The line
            nearest in value is taken only if it agrees to nine digits.

    Raises:
        InputError: Not one coefficient, not on an axis, no such value, or a map without mixtures.

    >>> m = exclusion_map(
    ...     attractiveness=[0.5, 0.5], inconsistency=np.eye(2), similarity=np.eye(2),
    ...     grid={"attractiveness": [1, 2], "inconsistency": [0.5, 1, 2], "diversity": 0},
    ... )
    >>> map_slice(m, attractiveness=2).values.tolist()
    [0.5, 1.0, 2.0]
    """
    if len(at) != 1 or next(iter(at)) not in found.grid.names:
        remedy = f"expected one of {found.grid.names[0]}=..., {found.grid.names[1]}=...: the axes of this map"
        raise InputError("at", sorted(at), remedy)
    ((fixed, wanted),) = at.items()
    axis = found.grid.names.index(fixed)
    values = found.grid.values[axis]
    value = float(finite_array(fixed, wanted, ndim=0))
    line = int(np.argmin(np.abs(values - value)))
    if abs(values[line] - value) > 1e-9 * abs(value):
        remedy = f"not on the axis, whose nearest value is {values[line]:.6g}; a slice does not interpolate"
        raise InputError(fixed, value, remedy)
    mixtures = np.take(found.mixtures, line, axis=axis)
    interior = np.take(found.interior, line, axis=axis)
    with np.errstate(invalid="ignore"):
        excluded = interior[:, None] & (mixtures < found.threshold)
    return Slice(
        name=found.grid.names[1 - axis],
        values=found.grid.values[1 - axis],
        fixed={found.grid.fixed[0]: found.grid.fixed[1], fixed: float(values[line])},
        mixtures=read_only(mixtures),
        interior=interior,
        excluded=excluded,
        threshold=found.threshold,
        groups=found.groups,
    )
