"""The three planes of the paper for one data set and every draw of it, and whether an excluded region is one piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.studies.evidence import Estimate, Evidence, axis, estimate
from experiments.study import Claim
from sim.maps import ExclusionMap, RiskMap, exclusion_map, risk_map
from sim.maps.bands import exclusion_bands
from sim.maps.grid import COEFFICIENTS

SYMBOLS = {"attractiveness": "bA", "inconsistency": "bI", "diversity": "bD"}


class Area(NamedTuple):
    """How much of a map excludes one group; intervals over the draws, NaN where there are none.

    Attributes:
        group: The group.
        fixed: What is fixed in the map.
        excluded: Share of cells that are black, estimate and interval.
        conditional: The same among cells with an interior equilibrium; NaN if there is none.
        white: Share of cells without an interior equilibrium.
        edges: Connected parts on the grid, by shared edges.
        corners: The same by shared corners: a thin slanting band hangs together by its corners.
    """

    group: str
    fixed: str
    excluded: Estimate
    conditional: Estimate
    white: Estimate
    edges: int
    corners: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Planes:
    """Maps by the coefficient that is fixed.

    Attributes:
        maps: Of the data.
        risks: Of the draws; empty where there are none.
        groups: Names of the groups.
    """

    maps: dict[str, ExclusionMap]
    risks: dict[str, RiskMap]
    groups: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The coefficients that are fixed, diversity first: the plane of the paper's first figure."""
        return tuple(self.maps)

    def areas(self) -> list[Area]:
        """Every group in every map."""
        return [self._area(plane, d) for plane in self.names for d in range(len(self.groups))]

    def somebody(self, plane: str) -> Estimate:
        """Share of a map's cells that are black for some group, whichever."""
        found, risk = self.maps[plane], self.risks.get(plane)
        black = np.any([found.excluded(d) for d in range(len(self.groups))], axis=0)
        return estimate(black.mean(), None if risk is None else risk.some_areas)

    def _area(self, plane: str, group: int) -> Area:
        found, risk = self.maps[plane], self.risks.get(plane)
        conditional = found.conditional_area(group)
        name, value = found.grid.fixed
        return Area(
            group=self.groups[group],
            fixed=f"{SYMBOLS[name]} = {value:g}",
            excluded=estimate(found.area(group), None if risk is None else risk.areas[:, group]),
            conditional=estimate(
                np.nan if conditional is None else conditional,
                None if risk is None else risk.conditional_areas[:, group],
            ),
            white=estimate(found.white_area, None if risk is None else risk.white_areas),
            edges=found.components(group, 4).count,
            corners=found.components(group, 8).count,
        )


def solve_planes(
    evidence: Evidence,
    *,
    points: int,
    threshold: float,
    fixed: tuple[tuple[str, float], ...] = (("diversity", 1.0), ("inconsistency", 1.0), ("attractiveness", 1.0)),
) -> Planes:
    """Solve maps and their risks, each with one coefficient fixed.

    Args:
        evidence: The data set.
        points: Points along each axis.
        threshold: Weight below which a group counts as excluded.
        fixed: Coefficients and their values.

    Raises:
        InputError: As of `exclusion_map`.
    """
    values = axis(points)
    maps, risks = {}, {}
    for name, value in fixed:
        grid = dict.fromkeys(COEFFICIENTS, values) | {name: value}
        maps[name] = exclusion_map(**evidence.terms._asdict(), grid=grid, threshold=threshold, groups=evidence.groups)
        if evidence.draws is not None:
            risks[name] = risk_map(evidence.draws, grid=grid, threshold=threshold, connectivity=8)
    return Planes(maps=maps, risks=risks, groups=evidence.groups)


def area_table(areas: Sequence[Area]) -> pd.DataFrame:
    """Areas as a table."""
    rows: list[dict[str, str | float]] = []
    for area in areas:
        row: dict[str, str | float] = {"group": area.group, "fixed": area.fixed}
        for name, found in (("excluded", area.excluded), ("conditional", area.conditional), ("white", area.white)):
            row |= {name: found.value, f"{name} low": found.low, f"{name} high": found.high}
        rows.append(row | {"parts by edges": area.edges, "parts by corners": area.corners})
    return pd.DataFrame(rows)


def pieces(evidence: Evidence, threshold: float) -> dict[str, int]:
    """Connected parts of each group's excluded region, counted in closed form: no grid cuts a thin band to pieces."""
    bands = exclusion_bands(**evidence.terms._asdict(), threshold=threshold)
    return {group: bands.pieces(d) for d, group in enumerate(evidence.groups)}


def contiguity(evidence: Evidence, threshold: float) -> Claim:
    """Is each group's excluded region one piece, in the data and in the draws?"""
    parts = {group: count for group, count in pieces(evidence, threshold).items() if count}
    text = ", ".join(f"{group} {count}" for group, count in parts.items())
    every = [] if evidence.draws is None else [evidence.draws[draw] for draw in range(evidence.draws.count)]
    coarse = np.logspace(-4, 4, 801)
    drawn = [exclusion_bands(**terms._asdict(), ratios=coarse, threshold=threshold) for terms in every]
    whole = [max(bands.pieces(d) for d in range(len(evidence.groups))) <= 1 for bands in drawn]
    sure = f"; in {sum(whole)} of {len(whole)} draws no group has more than one" if whole else ""
    return Claim(
        name="exclusion regions are contiguous",
        statement="The incentives that exclude a group form one connected region.",
        found=f"connected parts, counted ray by ray in closed form: {text or 'no group is excluded'}{sure}",
        holds=max(parts.values()) == 1 if parts else None,
    )
