"""The reference values of the theory, from the published answers of 5,836 people."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from experiments.console import Reporter
from experiments.report.figures import png
from experiments.report.study_maps import Panel, maps_figure
from experiments.run_directory import RunDirectory
from experiments.studies.evidence import Estimate, Evidence, MapStudy, axis, estimate
from experiments.studies.largest import largest_attractiveness
from experiments.study import Claim, Figure, Findings, Table
from sim.alignment_game import Incentives
from sim.arrays import shorten
from sim.errors import InputError
from sim.maps import ExclusionMap, RiskMap, exclusion_map, point_risk, risk_map

GROUPS = ("Democrat", "Lean Democrat", "Unaligned", "Lean Republican", "Republican")
ROWS = {
    (1.0, 1.0, 0.0): (0.394, 0.141, 0.0, 0.114, 0.351),
    (1.0, 1.0, 1.0): (0.395, 0.137, 0.0, 0.108, 0.360),
    (0.5, 1.0, 0.0): (0.310, 0.175, 0.064, 0.161, 0.290),
    (1.0, 5.0, 1.0): (0.254, 0.186, 0.134, 0.178, 0.248),
    (5.0, 1.0, 5.0): (0.584, 0.0, 0.0, 0.0, 0.417),
}
"""Printed equilibria by (bA, bI, bD), weights in the order of GROUPS."""
AREAS = {
    "no interior": (0.531, 0.0005, " (52.5 to 53.6)"),
    "excluded": (0.0384, 0.00005, " (3.5 to 4.0)"),
    "conditional": (0.082, 0.0005, ""),
}
"""Printed areas on the 25 x 25 map over bA and bI at bD = 1, some group excluded: value, rounding, interval."""
LIMITS = {0.0: 0.78, 1.0: 0.82, 5.0: 1.03}
"""Printed largest bA with an interior equilibrium at bI = 1, by bD."""
UNIT = 0.001
"""A unit of the last printed digit."""


class Row(NamedTuple):
    """The equilibrium at one point of incentives.

    Attributes:
        incentives: bA, bI, bD.
        weights: By group.
        no_interior: Share of the draws without an interior equilibrium; NaN without draws.
    """

    incentives: tuple[float, float, float]
    weights: list[Estimate]
    no_interior: float


@dataclass(frozen=True, kw_only=True)
class Reference(MapStudy):
    """Rows, areas and limits against those printed in the theory."""

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        started = time.monotonic()
        evidence = self.evidence(reporter)
        if evidence.groups != GROUPS:
            remedy = f"the printed values are those of {', '.join(GROUPS)}: data=nonvoters_party5"
            raise InputError("study.data", shorten(evidence.groups), remedy)
        values = axis(self.points)
        grid: dict[str, ArrayLike] = {"attractiveness": values, "inconsistency": values, "diversity": 1.0}
        with reporter.step(f"Maps: {self.points} x {self.points} points, every draw"):
            found = exclusion_map(
                **evidence.terms._asdict(), grid=grid, threshold=self.threshold, groups=evidence.groups
            )
            risk = None
            if evidence.draws is not None:
                risk = risk_map(evidence.draws, grid=grid, threshold=self.threshold, connectivity=8)
        taken = time.monotonic() - started
        with reporter.step("Rows and limits, every draw"):
            rows = [_row(evidence, incentives, self.threshold) for incentives in ROWS]
            limits = {diversity: largest_attractiveness(evidence, diversity) for diversity in LIMITS}
        areas = _areas(found, risk)
        reporter.line(f"data, bootstrap and maps took {taken:.1f} s")
        panels = [Panel(f"{group}: {found.area(group):.2%} excluded", found, group, risk) for group in evidence.groups]
        directory.bytes("maps.png", png(maps_figure(panels)))
        name = evidence.loaded.source.name
        return Findings(
            title=f"Reference values: {name}",
            claims=(_rows_claim(rows), *_area_claims(areas), _limits_claim(limits)),
            figures=(
                Figure(
                    path="maps.png", caption=f"{name}, bD = 1, {self.points} x {self.points} points: weight by group."
                ),
            ),
            tables=(
                Table(
                    path="rows.csv",
                    caption="Equilibria against those printed, 95% intervals, and the share of draws without an "
                    "interior one",
                    rows=_row_table(evidence, rows),
                ),
            ),
            assumptions=evidence.assumptions,
            limits=("Areas on a grid of 25 values hold a cell of 0.16%; finer grids move them by about that much.",),
            sources=(evidence.loaded.source,),
        )


def _row(evidence: Evidence, incentives: tuple[float, float, float], threshold: float) -> Row:
    pull, own, crowd = incentives
    grid: dict[str, ArrayLike] = {"attractiveness": [pull], "inconsistency": [own], "diversity": crowd}
    weights = exclusion_map(**evidence.terms._asdict(), grid=grid, threshold=threshold).mixtures[0, 0]
    if evidence.draws is None:
        return Row(incentives, [estimate(weight, None) for weight in weights], np.nan)
    risk = point_risk(evidence.draws, Incentives(*incentives), threshold=threshold)
    return Row(incentives, [estimate(w, risk.mixtures[:, d]) for d, w in enumerate(weights)], risk.no_interior)


def _areas(found: ExclusionMap, risk: RiskMap | None) -> dict[str, Estimate]:
    black = np.any([found.excluded(d) for d in range(found.dimension)], axis=0)
    conditional = black.sum() / max(int(found.interior.sum()), 1)
    return {
        "no interior": estimate(found.white_area, None if risk is None else risk.white_areas),
        "excluded": estimate(black.mean(), None if risk is None else risk.some_areas),
        "conditional": estimate(conditional, None if risk is None else risk.some_conditional_areas),
    }


def _rows_claim(rows: list[Row]) -> Claim:
    away = {row.incentives: _away(row) for row in rows}
    worst = max(away, key=lambda incentives: away[incentives])
    exact = sum(difference <= UNIT / 2 for difference in away.values())
    return Claim(
        name="equilibria as printed",
        statement="Five equilibria printed to three digits.",
        found=f"largest difference {away[worst]:.2g}, at (bA, bI, bD) = {worst}; {exact} of {len(rows)} rows to the "
        "last digit",
        holds=away[worst] <= UNIT,
    )


def _away(row: Row) -> float:
    found = [weight.value for weight in row.weights]
    return float(np.abs(np.subtract(found, ROWS[row.incentives])).max())


def _area_claims(areas: dict[str, Estimate]) -> tuple[Claim, ...]:
    claims = []
    for name, (printed, unit, said) in AREAS.items():
        found = areas[name]
        covered = np.isnan(found.low) or found.low <= printed <= found.high
        claims.append(
            Claim(
                name=f"share of cells: {name}",
                statement=f"{100 * printed:.3g}%{said}, on 25 x 25 values of bA and bI at bD = 1.",
                found=f"{found.percent}; the interval {'covers' if covered else 'misses'} the printed value",
                holds=bool(covered and abs(found.value - printed) <= unit),
            )
        )
    return tuple(claims)


def _limits_claim(limits: dict[float, Estimate]) -> Claim:
    return Claim(
        name="largest bA with an interior equilibrium",
        statement=", ".join(f"{printed} at bD = {diversity:g}" for diversity, printed in LIMITS.items()) + " (bI = 1).",
        found=", ".join(f"{limit} at bD = {diversity:g}" for diversity, limit in limits.items()),
        holds=all(abs(limits[diversity].value - printed) <= 0.01 for diversity, printed in LIMITS.items()),
    )


def _row_table(evidence: Evidence, rows: list[Row]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "bA, bI, bD": ", ".join(f"{value:g}" for value in row.incentives),
                "group": group,
                "printed": ROWS[row.incentives][d],
                "found": row.weights[d].value,
                "low": row.weights[d].low,
                "high": row.weights[d].high,
                "draws without an interior equilibrium": row.no_interior,
            }
            for row in rows
            for d, group in enumerate(evidence.groups)
        ]
    )
