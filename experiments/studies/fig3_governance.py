"""Figure 3: the same incentives without and with a reward for diversity; does it keep a group in?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from experiments.console import Reporter
from experiments.report.figures import png
from experiments.report.study_maps import Panel, maps_figure
from experiments.run_directory import RunDirectory
from experiments.studies.evidence import Estimate, Evidence, MapStudy, axis, estimate
from experiments.study import Claim, Figure, Findings, Table
from sim.arrays import Array
from sim.errors import InputError
from sim.estimation import GameTerms
from sim.maps import exclusion_map, risk_map
from sim.maps.bands import plane_shares

FINE = (4001, 201)
"""Values of bA and bI behind the shares that need boundary equilibria."""
MEASURES = ("excluded", "left out, boundary counted", "no interior equilibrium")


@dataclass(frozen=True, kw_only=True)
class Governance(MapStudy):
    """Maps over attractiveness and inconsistency at two values of diversity.

    Attributes:
        group: The focal group; None for the one excluded under most incentives without diversity.
        diversity: The value that is compared with 0.
    """

    group: str | None
    diversity: float

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        evidence = self.evidence(reporter)
        if self.group is not None and self.group not in evidence.groups:
            raise InputError("study.group", repr(self.group), f"expected one of {', '.join(evidence.groups)}, or null")
        if self.diversity <= 0:
            raise InputError("study.diversity", self.diversity, "expected a number above 0, to compare with 0")
        levels = (0.0, self.diversity)
        with reporter.step(f"Maps at bD = 0 and bD = {self.diversity:g}, every draw"):
            maps = [
                exclusion_map(
                    **evidence.terms._asdict(),
                    grid=self._grid(level),
                    threshold=self.threshold,
                    groups=evidence.groups,
                )
                for level in levels
            ]
            measured = np.array([self._measures(evidence.terms, level) for level in levels])
            drawn = self._drawn(evidence, levels)
            risks = [
                None
                if evidence.draws is None
                else risk_map(evidence.draws, grid=self._grid(level), threshold=self.threshold)
                for level in levels
            ]
        focal = self.group or evidence.groups[int(measured[0, 0].argmax())]
        name = evidence.loaded.source.name
        panels = [
            Panel(f"{focal}, bD = {level:g}: {share:.2%} excluded", found, focal, risk)
            for level, share, found, risk in zip(
                levels, measured[:, 0, evidence.groups.index(focal)], maps, risks, strict=True
            )
        ]
        with reporter.step("Picture"):
            directory.bytes("governance.png", png(maps_figure(panels, columns=2, label=f"weight of {focal}")))
        return Findings(
            title=f"Does diversity mitigate exclusion? {name}",
            claims=self._claims(evidence, measured, drawn, focal),
            figures=(
                Figure(
                    path="governance.png",
                    caption=f"{name}: weight of {focal} without (left) and with (right) a reward for diversity. Black: "
                    "excluded by every account. White: no interior equilibrium.",
                ),
            ),
            tables=(
                Table(
                    path="governance.csv",
                    caption="Share of the cells by group, and the change that diversity makes, 95% intervals",
                    rows=self._table(evidence, measured, drawn),
                ),
            ),
            assumptions=evidence.assumptions,
            limits=(
                "The group and the model of the paper's figure (Conscientiousness, a 7B model) are not these people.",
            ),
            sources=(evidence.loaded.source,),
        )

    def _grid(self, diversity: float) -> dict[str, ArrayLike]:
        return {"attractiveness": axis(self.points), "inconsistency": axis(self.points), "diversity": diversity}

    def _measures(self, terms: GameTerms, diversity: float) -> Array:
        """Each measure for each group, (3, D)."""
        across, down = FINE
        grid: dict[str, ArrayLike] = {
            "attractiveness": axis(across),
            "inconsistency": axis(down),
            "diversity": diversity,
        }
        found = exclusion_map(**terms._asdict(), grid=grid, threshold=self.threshold, keep="areas")
        exact = plane_shares(**terms._asdict(), diversity=diversity, threshold=self.threshold)
        groups = range(found.dimension)
        return np.array(
            [
                exact.excluded,
                [found.unrepresented_area(d) for d in groups],
                [1 - exact.interior for _ in groups],
            ]
        )

    def _drawn(self, evidence: Evidence, levels: tuple[float, float]) -> Array | None:
        """Measures at both levels in every draw, (B, 2, 3, D)."""
        draws = evidence.draws
        if draws is None:
            return None
        return np.array([[self._measures(draws[draw], level) for level in levels] for draw in range(draws.count)])

    def _claims(self, evidence: Evidence, measured: Array, drawn: Array | None, focal: str) -> tuple[Claim, ...]:
        d = evidence.groups.index(focal)

        def shares(measure: int) -> tuple[Estimate, Estimate, Estimate]:
            each = [
                estimate(measured[k, measure, d], None if drawn is None else drawn[:, k, measure, d]) for k in (0, 1)
            ]
            change = None if drawn is None else drawn[:, 1, measure, d] - drawn[:, 0, measure, d]
            return each[0], each[1], estimate(measured[1, measure, d] - measured[0, measure, d], change)

        def claim(name: str, statement: str, measure: int) -> Claim:
            before, after, change = shares(measure)
            undecided = change.low < 0 < change.high
            fewer = int(np.sum(measured[1, measure] < measured[0, measure] - 1e-12))
            more = int(np.sum(measured[1, measure] > measured[0, measure] + 1e-12))
            return Claim(
                name=name,
                statement=statement,
                found=f"{focal}: {before.percent} of the cells at bD = 0, {after.percent} at bD = {self.diversity:g}, "
                f"a change of {change.points}; fewer cells for {fewer} groups, more for {more}"
                + ("; the data don't decide" if undecided else ""),
                holds=None if undecided else change.value < 0,
            )

        return (
            claim(
                "diversity shrinks the excluded region",
                "With a reward for diversity the region in which the group is excluded, the equilibrium being "
                "interior, is smaller.",
                0,
            ),
            claim(
                "diversity leaves the group out under fewer incentives",
                "The same with boundary equilibria counted: the group is below the threshold in fewer cells.",
                1,
            ),
            claim(
                "diversity makes more equilibria interior",
                "With a reward for diversity more cells have an interior equilibrium.",
                2,
            ),
        )

    def _table(self, evidence: Evidence, measured: Array, drawn: Array | None) -> pd.DataFrame:
        rows = []
        for d, group in enumerate(evidence.groups):
            for m, measure in enumerate(MEASURES):
                change = estimate(
                    measured[1, m, d] - measured[0, m, d],
                    None if drawn is None else drawn[:, 1, m, d] - drawn[:, 0, m, d],
                )
                rows.append(
                    {
                        "group": group,
                        "measure": measure,
                        "bD = 0": measured[0, m, d],
                        f"bD = {self.diversity:g}": measured[1, m, d],
                        "change": change.value,
                        "change low": change.low,
                        "change high": change.high,
                    }
                )
        return pd.DataFrame(rows)
