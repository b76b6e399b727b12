"""Figures 4 to 10: every group on every plane of one data set, as the paper's appendix has them."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.console import Reporter
from experiments.report.figures import png
from experiments.report.study_maps import Panel, maps_figure
from experiments.run_directory import RunDirectory
from experiments.studies.evidence import MapStudy
from experiments.studies.fig1_exclusion_maps import somebody_excluded
from experiments.studies.planes import SYMBOLS, Planes, area_table, contiguity, solve_planes
from experiments.study import Figure, Findings, Table

GROUPS_A_PICTURE = 3


@dataclass(frozen=True, kw_only=True)
class EveryMap(MapStudy):
    """Three planes of every group, a row a group, with areas."""

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        evidence = self.evidence(reporter)
        with reporter.step(f"Maps: three planes, {self.points} x {self.points} points, every draw"):
            planes = solve_planes(evidence, points=self.points, threshold=self.threshold)
        name = evidence.loaded.source.name
        with reporter.step("Pictures"):
            starts = range(0, len(evidence.groups), GROUPS_A_PICTURE)
            figures = tuple(_picture(directory, planes, start, name) for start in starts)
        return Findings(
            title=f"Every map: {name}",
            claims=(somebody_excluded(planes), contiguity(evidence, self.threshold)),
            figures=figures,
            tables=(
                Table(
                    path="areas.csv",
                    caption="Areas by group and plane, 95% intervals",
                    rows=area_table(planes.areas()),
                ),
            ),
            assumptions=evidence.assumptions,
            limits=("Groups are people who answered a survey, not the paper's language models.",),
            sources=(evidence.loaded.source,),
        )


def _picture(directory: RunDirectory, planes: Planes, start: int, name: str) -> Figure:
    groups = planes.groups[start : start + GROUPS_A_PICTURE]
    panels = [
        Panel(
            f"{group}, {SYMBOLS[plane]} = 1: {planes.maps[plane].area(group):.2%}",
            planes.maps[plane],
            group,
            planes.risks.get(plane),
        )
        for group in groups
        for plane in planes.names
    ]
    path = f"maps_groups_{start + 1}_to_{start + len(groups)}.png"
    directory.bytes(path, png(maps_figure(panels, columns=len(planes.names))))
    return Figure(
        path=path,
        caption=f"{name}: {', '.join(groups)}, a row each; in each column one coefficient is 1. The share of the cells "
        "in which the group is excluded stands above each map.",
    )
