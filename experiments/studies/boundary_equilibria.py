"""What the white cells hide: the equilibrium on the boundary, and who is out there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from experiments.console import Reporter
from experiments.report.figures import png
from experiments.report.study_boundary import boundary_figure
from experiments.run_directory import RunDirectory
from experiments.studies.evidence import Evidence, MapStudy, axis, estimate
from experiments.study import Claim, Figure, Findings, Table
from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import exploitability
from sim.maps import ExclusionMap, RiskMap, exclusion_map, risk_map
from sim.randomness import generator

ACCOUNTS = 2
"""Crowding is averaged over the others, so that any number of accounts gives the same equilibrium."""
EXACT = 1e-9
"""Exploitability below which a mixture is an equilibrium, in units of utility."""


@dataclass(frozen=True, kw_only=True)
class BoundaryEquilibria(MapStudy):
    """The map over attractiveness and inconsistency at bD = 1, white cells filled in.

    Attributes:
        checked: White cells, drawn by lot, whose equilibrium is certified by the gain of the best deviation.
    """

    checked: int

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        evidence = self.evidence(reporter)
        values = axis(self.points)
        grid: dict[str, ArrayLike] = {"attractiveness": values, "inconsistency": values, "diversity": 1.0}
        with reporter.step("Map with boundary equilibria, every draw"):
            found = exclusion_map(
                **evidence.terms._asdict(), grid=grid, threshold=self.threshold, groups=evidence.groups
            )
            risk = None
            if evidence.draws is not None:
                risk = risk_map(evidence.draws, grid=grid, threshold=self.threshold)
        out = np.stack([found.unrepresented(d) for d in range(found.dimension)], axis=2)
        with reporter.step(f"Certificates of {self.checked} white cells"):
            certificate = self._certificate(evidence, found)
        name = evidence.loaded.source.name
        with reporter.step("Picture"):
            directory.bytes("left_out.png", png(boundary_figure(found, out)))
        below = None if risk is None else risk.below
        return Findings(
            title=f"Equilibria on the boundary: {name}",
            claims=(certificate, _hidden(found, out, risk), _same_group(found, out)),
            figures=(
                Figure(
                    path="left_out.png",
                    caption=f"{name}, bD = 1: who is below the threshold, boundary equilibria included. To one side of "
                    "the line the equilibrium is interior; the paper's maps are white on the other.",
                ),
            ),
            tables=(
                Table(
                    path="left_out.csv",
                    caption="Who is left out where no equilibrium is interior: share of all cells",
                    rows=_supports(found, out),
                ),
                Table(
                    path="groups.csv",
                    caption="Share of the cells in which a group is below the threshold: interior (black) and in all; "
                    "and its mean probability of that over the draws",
                    rows=pd.DataFrame(
                        {
                            "group": evidence.groups,
                            "interior": [found.area(d) for d in range(found.dimension)],
                            "in all": [found.unrepresented_area(d) for d in range(found.dimension)],
                            "mean probability": np.full(found.dimension, np.nan)
                            if below is None
                            else below.mean(axis=(0, 1)),
                        }
                    ),
                ),
            ),
            assumptions=evidence.assumptions,
            limits=("The paper leaves these cells white; what is in them is ours.",),
            sources=(evidence.loaded.source,),
        )

    def _certificate(self, evidence: Evidence, found: ExclusionMap) -> Claim:
        """No account can gain by deviating: checked cell by cell with the game's own utilities."""
        white = np.argwhere(~found.interior)
        rng = generator(self.seed, round=0, agent=-1, purpose="white cells to certify")
        chosen = white[rng.permutation(len(white))[: self.checked]]
        gains = []
        for row, column in chosen:
            game = AlignmentGame(
                **evidence.terms._asdict(),
                incentives=Incentives(*found.grid.incentives(int(row), int(column))),
                accounts=ACCOUNTS,
                groups=evidence.groups,
            )
            gains.append(float(exploitability(game, np.tile(found.mixtures[row, column], (ACCOUNTS, 1)))))
        worst = max(gains, default=np.nan)
        return Claim(
            name="white cells have an equilibrium",
            statement="Where no equilibrium is interior there is one on the boundary (a convex programme; not computed "
            "in the paper).",
            found=f"largest gain of any deviation in {len(gains)} white cells: {worst:.1e}"
            if gains
            else "no white cell on this map",
            holds=worst <= EXACT if gains else None,
        )


def _hidden(found: ExclusionMap, out: NDArray[np.bool_], risk: RiskMap | None) -> Claim:
    """How much more often somebody is left out than the black cells say."""
    black = np.any([found.excluded(d) for d in range(found.dimension)], axis=0)
    shown = estimate(black.mean(), None if risk is None else risk.some_areas)
    # A boundary equilibrium leaves somebody at zero: someone is out in the white cells and in the black ones.
    whole = estimate(out.any(axis=2).mean(), None if risk is None else risk.some_areas + risk.white_areas)
    return Claim(
        name="black cells understate exclusion",
        statement="The paper's exclusion area counts interior equilibria only; with the boundary, incentives leave "
        "somebody out far more often.",
        found=f"somebody is below the threshold in {whole.percent} of the cells, black in {shown.percent}",
        holds=whole.value > shown.value if risk is None else whole.low > shown.high,
    )


def _same_group(found: ExclusionMap, out: NDArray[np.bool_]) -> Claim:
    """Does the group that is black stay out as attractiveness rises through the white cells?"""
    focal = max(range(found.dimension), key=found.area)
    order = np.argsort(found.grid.values[0])
    late = out[order]
    entered = np.maximum.accumulate(late[:, :, focal], axis=0)
    back = entered & ~late[:, :, focal]
    assert found.groups is not None  # noqa: S101 - narrows the type; maps of studies have names
    return Claim(
        name="once out, a group stays out",
        statement="As attractiveness is turned up further, the group that was excluded first does not return.",
        found=f"{found.groups[focal]} is back above the threshold in {back.mean():.2%} of the cells",
        holds=not back.any() if found.area(focal) > 0 else None,
    )


def _supports(found: ExclusionMap, out: NDArray[np.bool_]) -> pd.DataFrame:
    assert found.groups is not None  # noqa: S101 - narrows the type; maps of studies have names
    counted = Counter(map(tuple, out[~found.interior].tolist()))
    rows = [
        {
            "left out": ", ".join(group for group, gone in zip(found.groups, row, strict=True) if gone),
            "represented": int(len(row) - sum(row)),
            "share of the cells": count / found.cells,
        }
        for row, count in counted.most_common()
    ]
    return pd.DataFrame(rows, columns=["left out", "represented", "share of the cells"])
