"""Data sets with their slices, ranked: tables and pictures of who survives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.report.figures import png
from experiments.report.study_figures import Dots, dots_figure, slices_figure
from experiments.run_directory import RunDirectory
from experiments.studies.evidence import Evidence, estimate
from experiments.studies.middle import TwoSlices
from experiments.study import Figure
from sim.arrays import Array
from sim.estimation import Bounds, percentile_interval

SCORES = {
    "middle": "in the middle\nof a and C",
    "near": "near the mean\nopinion",
    "attractive": "attractive (a)",
    "consistent": "consistent (-C)",
}


@dataclass(frozen=True, eq=False)
class Ranked:
    """One data set.

    Attributes:
        evidence: The data set.
        slices: Of the data.
        drawn: Of every draw.
        scores: By name, what may predict survival, (D,).
        taus: By name, its rank correlation with survival; in every draw, (B,).
    """

    evidence: Evidence
    slices: TwoSlices
    drawn: list[TwoSlices]
    scores: dict[str, Array]
    taus: dict[str, tuple[float, Array]]


def rank_table(found: Mapping[str, Ranked]) -> pd.DataFrame:
    """Rank correlations by data set, with intervals."""
    rows = []
    for name, one in found.items():
        row: dict[str, object] = {"data set": name, "groups": len(one.evidence.groups)}
        for score, (tau, drawn) in one.taus.items():
            ranked = estimate(tau, drawn if drawn.size else None)
            row |= {score: ranked.value, f"{score} low": ranked.low, f"{score} high": ranked.high}
        rows.append(row)
    return pd.DataFrame(rows)


def group_table(found: Mapping[str, Ranked]) -> pd.DataFrame:
    """Every group with its survival and what may predict it."""
    rows = [
        {
            "data set": name,
            "group": group,
            "a": one.evidence.terms.attractiveness[d],
            "C_dd": one.evidence.terms.inconsistency[d, d],
            "distance from the mean opinion": -one.scores["near"][d],
            "survival": one.slices.survival[d],
        }
        for name, one in found.items()
        for d, group in enumerate(one.evidence.groups)
    ]
    return pd.DataFrame(rows)


def pictures(directory: RunDirectory, found: Mapping[str, Ranked]) -> tuple[Figure, ...]:
    """The correlations of all data sets, and the slices of each."""
    figures = []
    for name, one in found.items():
        bands: list[Bounds | None] = [None, None]
        if one.drawn:
            bands = [
                percentile_interval(np.array([each.inconsistency.mixtures for each in one.drawn])),
                percentile_interval(np.array([each.attractiveness.mixtures for each in one.drawn])),
            ]
        drawn = slices_figure([one.slices.inconsistency, one.slices.attractiveness], bands, one.evidence.groups)
        directory.bytes(f"slices_{name}.png", png(drawn))
        figures.append(
            Figure(
                path=f"slices_{name}.png",
                caption=f"{one.evidence.loaded.source.name}: weights as inconsistency (left) and attractiveness "
                "(right) are turned up, the other coefficients at 1; bands: 95% of the draws.",
            )
        )
    columns = {}
    for score, title in SCORES.items():
        taus = [
            estimate(tau, drawn if drawn.size else None) for tau, drawn in (one.taus[score] for one in found.values())
        ]
        columns[title] = Dots(*(np.array(each) for each in zip(*taus, strict=True)))
    ranks = dots_figure(list(found), columns, "tau with survival", limits=(-1.08, 1.08))
    directory.bytes("ranks.png", png(ranks))
    caption = "Who survives: rank correlation of survival with four scores, by data set; bars: 95% of the draws."
    return (Figure(path="ranks.png", caption=caption), *figures)
