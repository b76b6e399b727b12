"""A solved map: who is excluded where, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from sim.arrays import Array, shorten
from sim.errors import InputError
from sim.maps.grid import Grid

Mask = NDArray[np.bool_]
_Part = TypeVar("_Part", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Components:
    """Connected parts of an excluded region.

    Attributes:
        count: Number of parts.
        sizes: Cells in each, largest first, (count,).
        labels: 0 outside the region, else the rank of the part (1 is the largest), (n1, n2), in the map's order.
        connectivity: 4 if cells must share an edge, 8 if a corner is enough.
    """

    count: int
    sizes: NDArray[np.int64]
    labels: NDArray[np.int64]
    connectivity: int


@dataclass(frozen=True, eq=False)
class ExclusionMap:
    """Homogeneous equilibria over a grid of two incentive coefficients (theory of the alignment game, section 6).

    Colours are the paper's: a cell is white without an interior equilibrium, black for group d if its equilibrium
    is interior and gives d less than the threshold. A group is named by its index or, if groups are named, by name.

    Attributes:
        grid: The two axes, in the order attractiveness, inconsistency, diversity, and the fixed coefficient.
        threshold: Weight below which a group counts as excluded.
        boundary: Whether cells without an interior equilibrium carry their boundary equilibrium; NaN otherwise.
        groups: Names of the groups, or None.
        dimension: Number of groups D.
        keep: "mixtures", "masks" or "areas": what was kept.
        counts: Cells with an interior equilibrium; black cells by group; cells below the threshold by group,
            (1 + 2 D,).
    """

    grid: Grid
    threshold: float
    boundary: bool
    groups: tuple[str, ...] | None
    dimension: int
    keep: str
    counts: NDArray[np.int64]
    _mixtures: Array | None = field(default=None, repr=False)
    _interior: Mask | None = field(default=None, repr=False)
    _below: Mask | None = field(default=None, repr=False)

    @property
    def cells(self) -> int:
        """Number of cells n1 n2."""
        return self.grid.shape[0] * self.grid.shape[1]

    @property
    def mixtures(self) -> Array:
        """Equilibrium mixture of every cell, (n1, n2, D); without `boundary`, NaN in white cells.

        Raises:
            InputError: The map kept masks or areas only.
        """
        return _kept(self._mixtures, self.keep, "mixtures", "mixtures")

    @property
    def interior(self) -> Mask:
        """Cells whose equilibrium is interior, (n1, n2). The others are white.

        Raises:
            InputError: The map kept areas only.
        """
        return _kept(self._interior, self.keep, "interior", "masks")

    @property
    def white_area(self) -> float:
        """Share of cells without an interior equilibrium."""
        return 1.0 - int(self.counts[0]) / self.cells

    def excluded(self, group: int | str) -> Mask:
        """Black cells of a group: interior and below the threshold, (n1, n2).

        Raises:
            InputError: Unknown group, or the map kept areas only.
        """
        d = self.index(group)
        if self._mixtures is not None:
            below: Mask = self._mixtures[..., d] < self.threshold
        else:
            below = _kept(self._below, self.keep, "excluded(...)", "masks")[..., d]
        return self.interior & below

    def unrepresented(self, group: int | str) -> Mask:
        """Cells where a group's equilibrium weight, boundary included, is below the threshold, (n1, n2).

        Unlike `excluded` this counts white cells too: there the group may have left altogether.

        Raises:
            InputError: Unknown group, or the map was made without `boundary`, or kept areas only.
        """
        d = self.index(group)
        self._require_boundary("unrepresented")
        if self._mixtures is not None:
            below: Mask = self._mixtures[..., d] < self.threshold
            return below
        return _kept(self._below, self.keep, "unrepresented(...)", "masks")[..., d].copy()

    def area(self, group: int | str) -> float:
        """Exclusion area: share of all cells that are black for a group."""
        return int(self.counts[1 + self.index(group)]) / self.cells

    def conditional_area(self, group: int | str) -> float | None:
        """Conditional exclusion: black cells over cells with an interior equilibrium; None if there is none."""
        black = int(self.counts[1 + self.index(group)])
        return black / int(self.counts[0]) if self.counts[0] else None

    def unrepresented_area(self, group: int | str) -> float:
        """Share of all cells in which a group's weight, boundary included, is below the threshold.

        Raises:
            InputError: Unknown group, or the map was made without `boundary`.
        """
        d = self.index(group)
        self._require_boundary("unrepresented_area")
        return int(self.counts[1 + self.dimension + d]) / self.cells

    def components(self, group: int | str, connectivity: int = 4) -> Components:
        """Connected parts of a group's excluded region.

        Neighbours are next to each other in value, whatever the order of the axes.

        Args:
            group: Index or name.
            connectivity: 4 (cells that share an edge) or 8 (a corner is enough).

        Raises:
            InputError: Unknown group or connectivity, or the map kept areas only.
        """
        if connectivity not in (4, 8):
            raise InputError("connectivity", shorten(connectivity), "expected 4 (shared edge) or 8 (shared corner)")
        orders = [np.argsort(values, kind="stable") for values in self.grid.values]
        structure = np.ones((3, 3)) if connectivity == 8 else None
        found, count = label(self.excluded(group)[np.ix_(*orders)], structure=structure)
        sizes = np.bincount(found.ravel(), minlength=count + 1)[1:]
        largest = np.argsort(-sizes, kind="stable")
        rank = np.zeros(count + 1, np.int64)
        rank[1 + largest] = np.arange(1, count + 1)
        labels = np.empty(found.shape, np.int64)
        labels[np.ix_(*orders)] = rank[found]
        return Components(int(count), sizes[largest], labels, connectivity)

    def index(self, group: int | str) -> int:
        """Index of a group given by index or name.

        Raises:
            InputError: There is no such group.
        """
        if isinstance(group, str):
            if self.groups is None or group not in self.groups:
                known = ", ".join(self.groups) if self.groups else "unnamed; give an index"
                raise InputError("group", repr(group), f"the groups of this map are {known}")
            return self.groups.index(group)
        if not isinstance(group, int | np.integer) or not 0 <= group < self.dimension:
            raise InputError("group", shorten(group), f"expected an index from 0 to {self.dimension - 1}, or a name")
        return int(group)

    def _require_boundary(self, what: str) -> None:
        if not self.boundary:
            raise InputError(what, "boundary=False", "white cells have no mixture in this map; use boundary=True")


def _kept(part: NDArray[_Part] | None, keep: str, what: str, needed: str) -> NDArray[_Part]:
    if part is None:
        raise InputError(what, f'keep="{keep}"', f'this map did not keep it; make it with keep="{needed}"')
    return part
