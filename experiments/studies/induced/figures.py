"""Pictures of an induced game: slopes by group, and where accounts should settle against where they were."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from experiments.report.audit_figures import plain
from experiments.report.figures import COLOURS
from sim.arrays import Array
from sim.estimation import Bounds
from sim.estimation.induced import InducedEquilibrium


def induced_figure(
    groups: Sequence[str], slopes: Array, bounds: Bounds, prediction: InducedEquilibrium | None, end: Array
) -> Figure:
    """Left: what a weight earns at the uniform profile. Right: the predicted region and the last rounds."""
    place = np.arange(len(groups))
    figure = Figure(figsize=(8.6, 0.42 * len(groups) + 1.5), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    left.axvline(0, color="grey", linewidth=0.8)
    left.hlines(place, bounds.low, bounds.high, color=COLOURS[0], linewidth=2.4, alpha=0.5)
    left.plot(slopes, place, "o", color=COLOURS[0], markersize=6)
    left.set_xlabel("bA a: payoff per unit of weight, less the mean")
    left.set_yticks(place, [plain(group, 24) for group in groups], fontsize=9)
    left.invert_yaxis()
    if prediction is not None:
        right.hlines(place, *prediction.region, color="black", linewidth=2.4, alpha=0.4)
        right.plot(prediction.mixture, place, "|", color="black", markersize=13, label="predicted, with region")
    right.plot(end, place, "s", color=COLOURS[4], markersize=5, label="last rounds")
    right.set_xlim(-0.02, 1.02)
    right.set_xlabel("weight in the population")
    figure.legend(loc="outside upper right", ncols=2, frameon=False, fontsize=9)
    return figure


def estimates_figure(names: Sequence[str], values: Array, low: Array, high: Array, truth: Array) -> Figure:
    """One panel a coefficient: estimate and interval of every seed, those that miss the truth in orange."""
    figure = Figure(figsize=(2.9 * len(names), 4.2), layout="constrained")
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for k, (panel, name) in enumerate(zip(panels, names, strict=True)):
        order = np.argsort(values[:, k])
        hit = (low[order, k] <= truth[k]) & (truth[k] <= high[order, k])
        for shown, colour in ((hit, COLOURS[0]), (~hit, COLOURS[4])):
            place = np.flatnonzero(shown)
            panel.hlines(place, low[order, k][shown], high[order, k][shown], color=colour, linewidth=1.3)
            panel.plot(values[order, k][shown], place, ".", color=colour, markersize=4)
        panel.axvline(truth[k], color="black", linewidth=1.2, linestyle="--")
        panel.set_xlabel(f"{name} ({hit.mean():.0%} of intervals hold {truth[k]:g})", fontsize=9)
    panels[0].set_ylabel("seed, in order of the estimate")
    return figure
