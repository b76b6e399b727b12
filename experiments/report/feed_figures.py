"""Pictures of feeds: where accounts settle, as announced, as induced, as played; what levers would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from experiments.report.figures import COLOURS
from sim.arrays import Array

Points = tuple[Array, Array, Array]
"""Weights with their low and high ends, (D,) each."""

_MARKERS = {"announced": ("D", "#999999"), "induced": ("o", "black"), "played": ("s", COLOURS[4])}


class Option(NamedTuple):
    """A lever at one level, as predicted.

    Attributes:
        lever: Its name.
        level: Its level.
        weight: Predicted weight of the group.
        low: Low end of its region.
        high: High end.
        engagement: Engaged views per view at the predicted mixture.
        chosen: Whether it is the one that was chosen.
    """

    lever: str
    level: float
    weight: float
    low: float
    high: float
    engagement: float
    chosen: bool


def settled_figure(groups: Sequence[str], points: Mapping[str, Mapping[str, Points]]) -> Figure:
    """A panel for each situation, in it the weights of every group by kind, with intervals.

    Args:
        groups: Names of the groups.
        points: Situation -> "announced", "induced" or "played" -> weights.
    """
    figure = Figure(figsize=(2.6 * len(points) + 0.8, 0.42 * len(groups) + 1.6), layout="constrained")
    panels = figure.subplots(1, len(points), sharex=True, sharey=True, squeeze=False)[0]
    height = np.arange(len(groups))
    for panel, (name, kinds) in zip(panels, points.items(), strict=True):
        for k, (kind, (weights, low, high)) in enumerate(kinds.items()):
            marker, colour = _MARKERS[kind]
            place = height + 0.22 * (k - (len(kinds) - 1) / 2)
            panel.hlines(place, low, high, color=colour, linewidth=2)
            panel.plot(weights, place, marker, color=colour, markersize=5, label=kind)
        panel.axvline(0.05, color="grey", linewidth=0.8, linestyle=":")
        panel.set_title(name, fontsize=10)
        panel.set_xlabel("weight")
    panels[0].set_yticks(height, list(groups))
    panels[0].invert_yaxis()
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    return figure


def levers_figure(group: str, present: float, options: Sequence[Option], threshold: float) -> Figure:
    """What each lever would do to the group and to engagement, by level.

    Args:
        group: The group that is to be won back.
        present: Engaged views per view without any lever.
        options: All that were tried.
        threshold: Weight below which a group counts as excluded.
    """
    figure = Figure(figsize=(8.6, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for colour, lever in zip(COLOURS, dict.fromkeys(option.lever for option in options), strict=False):
        own = [option for option in options if option.lever == lever]
        levels = np.array([option.level for option in own])
        weights = np.array([option.weight for option in own])
        spread = np.array([[o.weight - o.low for o in own], [o.high - o.weight for o in own]])
        left.errorbar(levels, weights, np.maximum(spread, 0), color=colour, marker="o", capsize=2, label=lever)
        right.plot([o.engagement for o in own], weights, color=colour, marker="o")
        for option in own:
            if option.chosen:
                for panel, x in ((left, option.level), (right, option.engagement)):
                    panel.plot(x, option.weight, "o", markersize=13, markerfacecolor="none", color="black")
    for panel in (left, right):
        panel.axhline(threshold, color="grey", linewidth=0.9, linestyle=":")
        panel.set_ylabel(f"predicted weight of {group}")
    right.axvline(present, color="grey", linewidth=0.9, linestyle=":")
    tried = sorted({option.level for option in options})
    smallest = min((level for level in tried if level > 0), default=1.0)
    left.set_xscale("symlog", linthresh=smallest)
    left.set_xlim(-0.1 * smallest if tried[0] <= 0 else 0.6 * smallest, 1.8 * max(tried[-1], smallest))
    left.minorticks_off()
    left.set_xlabel("level of the lever")
    right.set_xlabel("engaged views per view")
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return figure
