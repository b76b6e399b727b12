"""Pictures of language models' estimates: a, C and S beside people, and exclusion areas model by model."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.report.figures import COLOURS
from experiments.studies.evidence import Evidence
from experiments.studies.language.paper_table import PUBLISHED
from sim.arrays import Array
from sim.estimation import percentile_interval


def terms_figure(evidence: dict[str, Evidence]) -> Figure:
    """a, the diagonal of C and its other entries, by whom they are of, with 95% intervals."""
    groups = next(iter(evidence.values())).groups
    upper = np.triu_indices(len(groups), 1)
    pairs = [f"{groups[g][0]}-{groups[h][0]}" for g, h in zip(*upper, strict=True)]
    figure = Figure(figsize=(9.6, 3.4), layout="constrained")
    panels = figure.subplots(1, 3, width_ratios=(1, 1, 1.5))
    for n, (label, one) in enumerate(evidence.items()):
        own, draws = one.terms.inconsistency, one.draws
        shown: list[tuple[Array, Array | None]] = [
            (one.terms.attractiveness, None if draws is None else draws.attractiveness),
            (np.diag(own), None if draws is None else np.diagonal(draws.inconsistency, axis1=1, axis2=2)),
            (own[upper], None if draws is None else draws.inconsistency[:, *upper]),
        ]
        for panel, (values, drawn) in zip(panels, shown, strict=True):
            place = np.arange(values.size) + 0.22 * (n - (len(evidence) - 1) / 2)
            panel.plot(place, values, "os"[n % 2], color=COLOURS[n], markersize=5, label=label)
            if drawn is not None:
                panel.vlines(place, *percentile_interval(drawn), color=COLOURS[n], linewidth=1.6)
    titles = "attractiveness $a$ (share)", "inconsistency $C_{dd}$", "inconsistency $C_{de}$"
    for panel, title, names in zip(panels, titles, (groups, groups, pairs), strict=True):
        panel.set_title(title, fontsize=10)
        panel.set_xticks(np.arange(len(names)), names, rotation=40, ha="right" if names is groups else "center")
    panels[2].axhline(0, color="0.7", linewidth=0.8, zorder=0)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False)
    return figure


def areas_figure(rows: pd.DataFrame, notes: dict[str, str]) -> Figure:
    """Exclusion area and interior share of each model with 95% intervals, the paper's beside them.

    Args:
        rows: As of `paper_rows`, one row per model.
        notes: What follows a model's name, such as that its voices failed.
    """
    figure = Figure(figsize=(8.2, 0.42 * (len(rows) + len(PUBLISHED)) + 1.2), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    labels = [f"{model}{notes.get(model, '')}" for model in rows["model"]] + [
        f"{name} (published)" for name in PUBLISHED
    ]
    for panel, column in zip(panels, ("area %", "implied interior %"), strict=True):
        own = np.arange(len(rows))
        panel.hlines(own, rows[f"{column} low"], rows[f"{column} high"], color=COLOURS[0], linewidth=1.8)
        panel.plot(rows[column], own, "o", color=COLOURS[0])
        published = [100 * (row.area if column == "area %" else row.interior) for row in PUBLISHED.values()]
        panel.plot(published, len(rows) + np.arange(len(PUBLISHED)), "D", color="0.45", markersize=5)
        panel.set_xlim(left=0)
        panel.grid(axis="x", color="0.9")
    panels[0].set_yticks(np.arange(len(labels)), labels)
    panels[0].invert_yaxis()
    panels[0].set_xlabel("cells with an excluded group (%)")
    panels[1].set_xlabel("cells with an interior equilibrium (%)")
    return figure
