"""Exclusion maps under uncertainty: how often is a group left out, over draws of a, C and S?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.alignment_game import Incentives
from sim.arrays import Array, read_only
from sim.estimation.draws import Bounds, GameDraws, percentile_interval
from sim.maps.exclusion_map import Keep, exclusion_map
from sim.maps.grid import Grid
from sim.maps.result import ExclusionMap


@dataclass(frozen=True, eq=False, kw_only=True)
class RiskMap:
    """Shares of B draws in which something holds, cell by cell; and measures of the whole map, draw by draw.

    White and black are those of `ExclusionMap`. "Some" stands for some group, whichever.

    Attributes:
        grid: The grid, as of one map.
        threshold: Weight below which a group counts as excluded.
        groups: Names of the groups, or None.
        below: P(w_d < threshold), boundary equilibria included, (n1, n2, D).
        black: P(black for d): interior and below the threshold, (n1, n2, D).
        some_black: P(black for some group), (n1, n2).
        white: P(no interior equilibrium), (n1, n2).
        areas: Exclusion area of each group, (B, D).
        conditional_areas: Conditional exclusion of each group, (B, D); NaN in a draw without an interior equilibrium.
        some_areas: Share of cells that are black for some group, (B,).
        some_conditional_areas: The same among cells with an interior equilibrium, (B,); NaN as above.
        white_areas: Share of cells without an interior equilibrium, (B,).
        components: Connected parts of each group's black region, (B, D).
    """

    grid: Grid
    threshold: float
    groups: tuple[str, ...] | None
    below: Array
    black: Array
    some_black: Array
    white: Array
    areas: Array
    conditional_areas: Array
    some_areas: Array
    some_conditional_areas: Array
    white_areas: Array
    components: NDArray[np.int64]


def risk_map(
    draws: GameDraws, *, grid: Mapping[str, ArrayLike], threshold: float = 0.05, connectivity: int = 4
) -> RiskMap:
    """Solve the exclusion map of every draw and count (theory of the alignment game, sections 6 and 7).

    Args:
        draws: a, C and S of each draw.
        grid: As of `exclusion_map`.
        threshold: As of `exclusion_map`.
        connectivity: As of `ExclusionMap.components`. On a coarse grid a thin slanting band hangs together by its
            corners only: 8 tells it from separate regions.

    Raises:
        InputError: As of `exclusion_map`, for the grid or for a draw; or another connectivity than 4 or 8.

    >>> draws = GameDraws(
    ...     attractiveness=np.array([[0.5, 0.3, 0.2], [0.4, 0.3, 0.3]]),
    ...     inconsistency=np.stack([np.diag([0.3, 0.3, 0.6])] * 2),
    ...     similarity=np.stack([np.eye(3)] * 2),
    ... )
    >>> axis = np.logspace(-2, 2, 25)
    >>> risk = risk_map(draws, grid={"attractiveness": axis, "inconsistency": axis, "diversity": 1.0})
    >>> risk.black.shape, [round(float(area), 3) for area in risk.white_areas]
    ((25, 25, 3), [0.285, 0.155])
    """
    first = _solved(draws, 0, grid, threshold)
    count, dimension = draws.count, first.dimension
    below, black = np.zeros((2, *first.grid.shape, dimension))
    some_black, white = np.zeros((2, *first.grid.shape))
    parts = np.empty((count, dimension), np.int64)
    areas, some_areas, interior = np.empty((count, dimension)), np.empty(count), np.empty(count)
    for draw in range(count):
        one = _solved(draws, draw, grid, threshold)
        excluded = np.stack([one.excluded(d) for d in range(dimension)], axis=2)
        anyone = excluded.any(axis=2)
        below += np.stack([one.unrepresented(d) for d in range(dimension)], axis=2)
        black += excluded
        some_black += anyone
        white += ~one.interior
        parts[draw] = [one.components(d, connectivity).count for d in range(dimension)]
        areas[draw], some_areas[draw], interior[draw] = excluded.mean(axis=(0, 1)), anyone.mean(), one.interior.mean()
    known = np.where(interior > 0, interior, np.nan)
    return RiskMap(
        grid=first.grid,
        threshold=first.threshold,
        groups=draws.groups,
        below=read_only(below / count),
        black=read_only(black / count),
        some_black=read_only(some_black / count),
        white=read_only(white / count),
        areas=read_only(areas),
        conditional_areas=read_only(areas / known[:, None]),
        some_areas=read_only(some_areas),
        some_conditional_areas=read_only(some_areas / known),
        white_areas=read_only(1 - interior),
        components=parts,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class PointRisk:
    """The homogeneous equilibrium at one point of incentives, boundary included, in each of B draws.

    Attributes:
        mixtures: Equilibrium mixtures, (B, D).
        interior: Whether each is interior, (B,).
        below: P(w_d < threshold), (D,).
        no_interior: P(no interior equilibrium).
        interval: Percentile interval of each weight, (D,) each.
    """

    mixtures: Array
    interior: NDArray[np.bool_]
    below: Array
    no_interior: float
    interval: Bounds


def point_risk(
    draws: GameDraws, incentives: Incentives, *, threshold: float = 0.05, confidence: float = 0.95
) -> PointRisk:
    """Solve one point of incentives in every draw, with crowding averaged over the other accounts, as maps do.

    Args:
        draws: a, C and S of each draw.
        incentives: bA, bI, bD; not both bI and bD zero.
        threshold: As of `exclusion_map`.
        confidence: Of the intervals.

    Raises:
        InputError: As of `exclusion_map`, or confidence is not between 0 and 1.

    >>> draws = GameDraws(
    ...     attractiveness=np.array([[0.5, 0.3, 0.2], [0.9, 0.1, 0.0]]),
    ...     inconsistency=np.stack([np.diag([0.3, 0.3, 0.6])] * 2),
    ...     similarity=np.stack([np.eye(3)] * 2),
    ... )
    >>> risk = point_risk(draws, Incentives(2.0, 1.0, 1.0))
    >>> risk.below.tolist(), risk.no_interior
    ([0.0, 0.5, 0.5], 0.5)
    """
    point: dict[str, ArrayLike] = {
        "attractiveness": [incentives.attractiveness],
        "inconsistency": [incentives.inconsistency],
        "diversity": incentives.diversity,
    }
    found = [_solved(draws, draw, point, threshold, "mixtures") for draw in range(draws.count)]
    mixtures = np.array([one.mixtures[0, 0] for one in found])
    interior = np.array([one.interior[0, 0] for one in found])
    return PointRisk(
        mixtures=read_only(mixtures),
        interior=interior,
        below=read_only(np.mean(mixtures < threshold, axis=0)),
        no_interior=float(1 - interior.mean()),
        interval=percentile_interval(mixtures, confidence),
    )


def _solved(
    draws: GameDraws, draw: int, grid: Mapping[str, ArrayLike], threshold: float, keep: Keep = "masks"
) -> ExclusionMap:
    terms = draws[draw]
    return exclusion_map(
        attractiveness=terms.attractiveness,
        inconsistency=terms.inconsistency,
        similarity=terms.similarity,
        grid=grid,
        threshold=threshold,
        keep=keep,
        groups=draws.groups,
    )
