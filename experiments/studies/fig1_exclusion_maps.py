"""Figure 1: which incentives leave which group out, group by group, with the uncertainty of the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.console import Reporter
from experiments.report.figures import png
from experiments.report.study_maps import Panel, maps_figure
from experiments.run_directory import RunDirectory
from experiments.studies.evidence import Evidence, MapStudy
from experiments.studies.planes import SYMBOLS, Area, Planes, area_table, contiguity, solve_planes
from experiments.study import Claim, Figure, Findings, Table

PUBLISHED = (0.00208, 0.04535)
"""Smallest and largest exclusion area in the paper's table of five models (theory.md, section 6)."""


@dataclass(frozen=True, kw_only=True)
class ExclusionMaps(MapStudy):
    """Maps of every group, their areas, and whether the excluded regions hang together."""

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        evidence = self.evidence(reporter)
        with reporter.step(f"Maps: three planes, {self.points} x {self.points} points, every draw"):
            planes = solve_planes(evidence, points=self.points, threshold=self.threshold)
        areas = planes.areas()
        name = evidence.loaded.source.name
        with reporter.step("Pictures"):
            figures = tuple(_picture(directory, planes, plane, name) for plane in planes.names)
        return Findings(
            title=f"Exclusion maps: {name}",
            claims=(
                somebody_excluded(planes),
                contiguity(evidence, self.threshold),
                prevalent_but_inconsistent(evidence, areas),
                _published(areas),
            ),
            figures=figures,
            tables=(
                Table(path="areas.csv", caption="Areas by group and plane, 95% intervals", rows=area_table(areas)),
            ),
            assumptions=evidence.assumptions,
            limits=(
                "The paper's grid, C and S are not published: sizes can be compared with its table, not reproduced.",
                "Groups are people who answered a survey, not language models trained on them.",
            ),
            sources=(evidence.loaded.source,),
        )


def prevalent_but_inconsistent(evidence: Evidence, areas: Sequence[Area]) -> Claim:
    """Can a group vanish that is more prevalent, and more inconsistent, than the average group?"""
    shares, own = evidence.loaded.table.shares, np.diag(evidence.terms.inconsistency)
    chosen = [g for d, g in enumerate(evidence.groups) if shares[d] > shares.mean() and own[d] > own.mean()]
    out = [area for area in areas if area.group in chosen and area.excluded.value > 0]
    if not chosen:
        found = "no group here is above the average in both share and inconsistency"
    elif not out:
        found = f"no interior equilibrium excludes {' or '.join(chosen)}, above the average in both"
    else:
        worst = max(out, key=_size)
        found = f"{worst.group} is excluded in {worst.excluded.percent} of the cells at {worst.fixed}"
    return Claim(
        name="a prevalent group can vanish",
        statement="A group that is prevalent but inconsistent (Neuroticism) is excluded under some incentives.",
        found=found,
        holds=None if not chosen else bool(out),
    )


def _size(area: Area) -> float:
    return area.excluded.value


def somebody_excluded(planes: Planes) -> Claim:
    """Is there a group that all accounts leave out, whichever it is, in every plane and in nearly every draw?"""
    shares = {plane: planes.somebody(plane) for plane in planes.names}
    worst = max(planes.areas(), key=_size)
    hit = {area.group for area in planes.areas() if area.excluded.value > 0}
    least = min(share.value if np.isnan(share.low) else share.low for share in shares.values())
    return Claim(
        name="some group is excluded by all",
        statement="Under some incentives a whole population of accounts gives a group next to no weight, although the "
        "equilibrium is interior.",
        found=", ".join(f"{share.percent} of the cells at {SYMBOLS[plane]} = 1" for plane, share in shares.items())
        + f"; {len(hit)} of {len(planes.groups)} groups, most of all {worst.group}, {worst.excluded.percent} at "
        f"{worst.fixed}",
        holds=least > 0,
    )


def _published(areas: Sequence[Area]) -> Claim:
    worst = max((area for area in areas if area.fixed == "bD = 1"), key=_size)
    low, high = PUBLISHED
    return Claim(
        name="size of exclusion",
        statement=f"Five models on Big Five texts: {low:.2%} to {high:.2%} of the cells, 45% to 93% with an interior "
        "equilibrium.",
        found=f"at bD = 1: {worst.group} {worst.excluded.percent}, no interior {worst.white.percent}; the paper's "
        "grid, C, S and whom its table counts are not published, so equal numbers are not to be expected",
        holds=None,
    )


def _picture(directory: RunDirectory, planes: Planes, plane: str, name: str) -> Figure:
    found, risk = planes.maps[plane], planes.risks.get(plane)
    panels = [Panel(f"{group}: {found.area(group):.2%} excluded", found, group, risk) for group in planes.groups]
    path = f"maps_{plane}.png"
    directory.bytes(path, png(maps_figure(panels)))
    return Figure(
        path=path,
        caption=f"{name}, {SYMBOLS[plane]} = 1: weight of each group in the "
        f"homogeneous equilibrium. Black: excluded by every account. White: no interior equilibrium "
        f"({found.white_area:.1%} of the cells).",
    )
