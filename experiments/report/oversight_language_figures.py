"""Figures of oversight with a language model: how good it is, what theory said, what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from agents.parametric import Rates
from experiments.report.figures import COLOURS
from sim.arrays import Array

SHOWN = {
    "abstention": "abstentions per task",
    "hallucination": "wrong attempts per task",
    "audits": "audits per attempt",
}
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
OUTCOMES = {
    "abstained": ("0.85", ""),
    "right, not flagged": (COLOURS[2], ""),
    "right, flagged": (COLOURS[6], "//"),
    "wrong, caught": (COLOURS[0], ""),
    "wrong, silent": (COLOURS[4], ".."),
    "no answer": ("0.55", "xx"),
}
"""Colour and hatching of each outcome."""


def measured_figure(grades: Sequence[int], shares: Mapping[str, tuple[Array, Array, Array]]) -> Figure:
    """Shares by grade with 95% intervals, each (mean, low, high) of shape (grades,)."""
    figure = Figure(figsize=(5.2, 3.4), layout="constrained")
    panel = figure.subplots()
    for number, (name, (mean, low, high)) in enumerate(shares.items()):
        place = np.arange(len(grades)) + 0.08 * (number - (len(shares) - 1) / 2)
        panel.errorbar(
            place,
            mean,
            yerr=np.clip([mean - low, high - mean], 0, None),
            color=COLOURS[(2, 4, 1, 0)[number]],
            marker=_MARKERS[number],
            markersize=5,
            linewidth=1.4,
            capsize=2,
            label=name,
        )
    panel.set_xticks(np.arange(len(grades)), [str(grade) for grade in grades])
    panel.set_ylim(-0.03, 1.03)
    panel.set_xlabel("grade of the tasks")
    panel.set_ylabel("share")
    figure.legend(loc="outside upper center", ncols=2, frameon=False, fontsize=8.5)
    return figure


def predicted_figure(profiles: Sequence[str], observed: Rates, predicted: Mapping[str, Rates]) -> Figure:
    """Observed against predicted rates, a column a rate, a row a kind of prediction; bars: 95% of repetitions."""
    figure = Figure(figsize=(9.2, 2.9 * len(predicted) + 0.7), layout="constrained")
    panels = figure.subplots(len(predicted), len(SHOWN), squeeze=False)
    for row, (kind, rates) in zip(panels, predicted.items(), strict=True):
        for panel, (field, label) in zip(row, SHOWN.items(), strict=True):
            panel.plot([0, 1], [0, 1], color="black", linewidth=0.9, linestyle="--")
            for number, name in enumerate(profiles):
                said, seen = getattr(rates, field)[number], getattr(observed, field)[number]
                panel.errorbar(
                    said.mean(),
                    seen.mean(),
                    xerr=_bars(said),
                    yerr=_bars(seen),
                    fmt=_MARKERS[number],
                    color=COLOURS[number % len(COLOURS)] if number != 6 else "black",
                    markersize=5.5,
                    capsize=2,
                    linewidth=1,
                    label=name.replace("_", " "),
                )
            panel.set_xlim(-0.04, 1.04)
            panel.set_ylim(-0.04, 1.04)
            panel.set_xlabel(f"predicted {label}", fontsize=9)
            panel.set_ylabel("observed", fontsize=9)
        row[0].set_title(kind, fontsize=10, loc="left")
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=4, frameon=False, fontsize=8.5)
    return figure


def outcomes_figure(profiles: Sequence[str], shares: Mapping[str, Array], values: Array) -> Figure:
    """Stacked outcomes by profile with the principal's value beside; shares (P,) each, values (P, S)."""
    figure = Figure(figsize=(7.6, 3.6), layout="constrained")
    panel, side = figure.subplots(1, 2, sharey=True, width_ratios=[3, 1])
    place, left = np.arange(len(profiles)), np.zeros(len(profiles))
    for name, share in shares.items():
        colour, hatch = OUTCOMES[name]
        panel.barh(place, share, left=left, color=colour, hatch=hatch, edgecolor="white", linewidth=0.5, label=name)
        left = left + share
    panel.set_yticks(place, [name.replace("_", " ") for name in profiles], fontsize=9)
    panel.invert_yaxis()
    panel.set_xlim(0, 1)
    panel.set_xlabel("share of tasks")
    side.errorbar(values.mean(axis=1), place, xerr=_bars(values), fmt="o", color="black", markersize=5, capsize=2)
    side.axvline(0, color="0.6", linewidth=0.8)
    side.set_xlabel("principal's value")
    figure.legend(*panel.get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False, fontsize=8.5)
    return figure


def coverage_figure(
    coverage: Array,
    best: Array,
    heads: Mapping[str, Array],
    points: Mapping[str, tuple[float, float, float]],
) -> Figure:
    """Risk by coverage, left what is wrong, right what is wrong and nobody finds.

    Args:
        coverage: Shares handed in, (C,).
        best: Risk of the best threshold alone, by repetition, (S, C).
        heads: Mean risk of each profile's own order, (C,).
        points: Where each profile's heads stand: coverage, share wrong and share silent of what is handed in.
    """
    figure = Figure(figsize=(9.2, 3.9), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    low, high = np.quantile(best, [0.025, 0.975], axis=0)
    for panel, title in zip(panels, ("wrong answers", "wrong answers that nobody finds"), strict=True):
        panel.fill_between(coverage, low, high, color="0.85", linewidth=0)
        panel.plot(coverage, best.mean(axis=0), color="black", linewidth=2, label="best threshold, no audit")
        panel.set_xlabel("coverage: share of answers handed in")
        panel.set_title(title, fontsize=10)
        panel.set_xlim(0, 1.03)
        panel.set_ylim(0, None)
    for number, name in enumerate(heads):
        colour = COLOURS[number % len(COLOURS)] if number != 6 else "black"
        panels[0].plot(coverage, heads[name], color=colour, linewidth=0.9, alpha=0.8)
        for panel, risk in zip(panels, points[name][1:], strict=True):
            label = name.replace("_", " ")
            panel.plot(
                points[name][0], risk, _MARKERS[number], color=colour, markersize=7, linestyle="none", label=label
            )
    panels[0].set_ylabel("share of what is handed in")
    figure.legend(
        *panels[1].get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False, fontsize=8.5
    )
    return figure


def _bars(samples: Array) -> Array:
    low, high = np.quantile(samples, [0.025, 0.975])
    mean = samples.mean()
    return np.clip([[mean - low], [high - mean]], 0, None) if samples.ndim == 1 else _rows(samples)


def _rows(samples: Array) -> Array:
    low, high = np.quantile(samples, [0.025, 0.975], axis=1)
    mean = samples.mean(axis=1)
    return np.clip([mean - low, high - mean], 0, None)
