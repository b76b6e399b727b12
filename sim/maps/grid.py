"""The grid of a map: which coefficient is on which axis, checked, and its points grouped into rays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, finite_array, non_negative, read_only, shorten
from sim.errors import InputError
from sim.maps.homotopy import Integers, Rays

COEFFICIENTS = ("attractiveness", "inconsistency", "diversity")
"""The order of the axes of every map."""
_SAME_RATIO = 5e-13
"""Log axes whose steps agree to this share their ratios bD / bI."""
_POINTS_AT_ONCE = 16384
"""Points solved at once where every point is a ray of its own: bounds the memory."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Two coefficients on axes, the third fixed.

    Attributes:
        names: Coefficients on the axes, in the order of `COEFFICIENTS`.
        values: Their values, (n1,) and (n2,), as given.
        fixed: Name and value of the third coefficient.
    """

    names: tuple[str, str]
    values: tuple[Array, Array]
    fixed: tuple[str, float]

    @property
    def shape(self) -> tuple[int, int]:
        """Number of points along each axis."""
        return self.values[0].size, self.values[1].size

    def incentives(self, row: int, column: int) -> tuple[float, float, float]:
        """Values of bA, bI, bD at one point."""
        given = {self.fixed[0]: self.fixed[1]}
        given |= {self.names[0]: float(self.values[0][row]), self.names[1]: float(self.values[1][column])}
        return given["attractiveness"], given["inconsistency"], given["diversity"]


@dataclass(frozen=True, eq=False)
class Block:
    """Rows of a map whose points lie on given rays.

    Attributes:
        rows: Rows of the map, by rising level, (n,).
        levels: bA at every point of each of these rows, in the unit of the rays, rising, (n,).
        starts: Ray of the first point of each row; the ray of column j is j more, (n,).
        first: First row, counted in this order, that has a point on each ray, (K,).
        last: The last such row plus 1; all rows in between have one too, (K,).
        inconsistency: bI of each ray, (K,).
        diversity: bD of each ray, (K,).
        proportional: Whether all rays have one direction and differ by scale alone.
    """

    rows: Integers
    levels: Array
    starts: Integers
    first: Integers
    last: Integers
    inconsistency: Array
    diversity: Array
    proportional: bool = False

    @property
    def rays(self) -> Rays:
        """The rays with the range of levels on each."""
        return Rays(self.inconsistency, self.diversity, self.levels[self.first], self.levels[self.last - 1])

    def levels_on(self, ray: int) -> Array:
        """Levels asked for on one ray, rising and distinct."""
        return np.unique(self.levels[self.first[ray] : self.last[ray]])


def validated_grid(grid: Mapping[str, ArrayLike]) -> Grid:
    """Check a grid: exactly two of the three coefficients as 1-d arrays, the third a number.

    Raises:
        InputError: Wrong keys, not exactly two arrays, an empty array, a negative or non-finite value, or a
            point at which neither inconsistency nor diversity costs anything.
    """
    if not isinstance(grid, Mapping) or set(grid) != set(COEFFICIENTS):
        given = sorted(map(str, grid)) if isinstance(grid, Mapping) else shorten(grid)
        raise InputError("grid", given, f"expected exactly the keys {', '.join(COEFFICIENTS)}")
    varied = [name for name in COEFFICIENTS if np.ndim(grid[name]) > 0]
    if len(varied) != 2:
        raise InputError("grid", f"arrays for {varied or 'none'}", "expected two 1-d arrays and one number")
    axes = [_axis(name, grid[name]) for name in varied]
    (other,) = (name for name in COEFFICIENTS if name not in varied)
    number = non_negative(f"grid[{other!r}]", grid[other])  # type: ignore[arg-type]
    checked = Grid((varied[0], varied[1]), (axes[0], axes[1]), (other, number))
    least = {other: number, varied[0]: axes[0].min(), varied[1]: axes[1].min()}
    if least["inconsistency"] == 0 and least["diversity"] == 0:
        remedy = "no mixture costs anything there, so the answer is a corner or a tie; keep one of the two above 0"
        raise InputError("grid", "a point with inconsistency = 0 and diversity = 0", remedy)
    return checked


def _axis(name: str, given: ArrayLike) -> Array:
    values = np.array(given) if isinstance(given, np.ndarray) and given.dtype == np.float64 else np.empty(0)
    # One comparison passes what is finite and not negative; only what it does not pass is looked at closely.
    if values.ndim == 1 and values.size > 0 and values.min() >= 0 and values.max() < np.inf:
        return read_only(values)
    values = finite_array(f"grid[{name!r}]", given, ndim=1)
    if values.size == 0:
        raise InputError(f"grid[{name!r}]", "an empty array", "give at least one value")
    if values.min() < 0:
        where = f"grid[{name!r}][{int(values.argmin())}]"
        raise InputError(where, float(values.min()), "a coefficient must be >= 0")
    return values


def largest_ratio(grid: Grid) -> tuple[float, float]:
    """Values of bI and bD at the point of the grid with the largest bD / bI."""
    values = dict(zip(grid.names, grid.values, strict=True))
    least = float(np.min(values.get("inconsistency", grid.fixed[1])))
    most = float(np.max(values.get("diversity", grid.fixed[1])))
    return least, most


def blocks(grid: Grid) -> Iterator[Block]:
    """The points of a map as rays of fixed bD : bI.

    With attractiveness on an axis every value of the other coefficient is one ray. With inconsistency and
    diversity on the axes, the diagonals are rays if both axes are logarithmic with one step; otherwise every
    point is a ray of its own.
    """
    first, second = grid.values
    if grid.names[0] == "attractiveness":
        constant = np.full(second.size, grid.fixed[1])
        own, crowd = (second, constant) if grid.names[1] == "inconsistency" else (constant, second)
        order = np.argsort(first, kind="stable")
        starts = np.zeros(first.size, np.int64)
        none, all_ = np.zeros(second.size, np.int64), np.full(second.size, first.size)
        same = grid.fixed[1] == 0
        yield Block(order, first[order], starts, none, all_, own.copy(), crowd.copy(), proportional=same)
        return
    turn = _diagonals(first, second)
    if turn:
        yield _diagonal_block(grid, turn)
        return
    height = max(1, _POINTS_AT_ONCE // second.size)
    for start in range(0, first.size, height):
        yield _pointwise_block(grid, start, min(start + height, first.size))


def _diagonals(first: Array, second: Array) -> int:
    """1 or -1 if both axes are logarithmic with the same or opposite step, 0 otherwise."""
    if first.size < 2 or second.size < 2 or min(first.min(), second.min()) <= 0:
        return 0
    steps = []
    for values in (first, second):
        logs = np.log(values)
        even = np.linspace(logs[0], logs[-1], values.size)
        if np.abs(logs - even).max() > _SAME_RATIO:
            return 0
        steps.append((logs[-1] - logs[0]) / (values.size - 1))
    longest = max(first.size, second.size)
    for turn in (1, -1):
        if abs(steps[0] - turn * steps[1]) * longest <= _SAME_RATIO:
            return turn
    return 0


def _diagonal_block(grid: Grid, turn: int) -> Block:
    own, crowd = grid.values
    levels = grid.fixed[1] / own
    order = np.argsort(levels, kind="stable")
    # Ray k holds the points (row, column) of equal column - row, or column + row if the axes run opposite ways.
    starts = (own.size - 1 - order) if turn == 1 else order
    ray = np.arange(own.size + crowd.size - 1)
    rising = starts[-1] > starts[0]
    rank = np.sort(starts)
    low, high = np.searchsorted(rank, ray - crowd.size, "right"), np.searchsorted(rank, ray, "right")
    first, last = (low, high) if rising else (own.size - high, own.size - low)
    middle = (first + last - 1) // 2  # the point whose ratio stands for its ray
    row, column = order[middle], ray - starts[middle]
    return Block(order, levels[order], starts, first, last, np.ones(ray.size), crowd[column] / own[row])


def _pointwise_block(grid: Grid, start: int, stop: int) -> Block:
    own, crowd = grid.values
    rows = np.arange(start, stop)
    position = np.repeat(rows - start, crowd.size)
    levels = np.full(rows.size, grid.fixed[1])
    starts = (rows - start) * crowd.size
    return Block(rows, levels, starts, position, position + 1, own[rows[position]], np.tile(crowd, rows.size))
