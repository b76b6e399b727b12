"""Pictures of platforms that push back: branches with their stability, loops, static beside dynamic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments.report.figures import COLOURS
from sim.arrays import Array
from sim.coevolution import Branch, Comparison, CoupledMap, Loop
from sim.coevolution.branch import TIPPING

UP, DOWN = COLOURS[4], COLOURS[0]


class Overlay(NamedTuple):
    """What a picture of one group shows.

    Attributes:
        group: Its name.
        column: Its index.
        label: Of the parameter.
        lost_at: The tipping point on the way up.
        won_back_at: And on the way down, NaN for none.
    """

    group: str
    column: int
    label: str
    lost_at: float
    won_back_at: float


def bifurcation_figure(system: CoupledMap, branches: Sequence[Branch], loop: Loop, shown: Overlay) -> Figure:
    """Share of the group that is present, and weight of its voice, along every branch.

    Args:
        system: The map.
        branches: Its branches.
        loop: A sweep there and back.
        shown: Which group.
    """
    figure = Figure(figsize=(10.4, 4.3), layout="constrained")
    left, right = figure.subplots(1, 2, sharex=True)
    for branch in branches:
        pairs = list(zip(branch.points, branch.parameters, strict=True))
        weights = np.array([system.mixture(point, value)[shown.column] for point, value in pairs])
        for panel, height in ((left, branch.points[:, shown.column]), (right, weights)):
            _curve(panel, branch, height)
        for event in branch.events:
            turning = event.kind in TIPPING
            style = {"marker": "o", "color": "black"} if turning else {"marker": "x", "color": "grey"}
            weight = system.mixture(event.point, event.parameter)[shown.column]
            for panel, height in ((left, event.point[shown.column]), (right, weight)):
                panel.plot(event.parameter, height, markersize=6 if turning else 4.5, zorder=4, **style)
    for path, colour in ((loop.there, UP), (loop.back, DOWN)):
        left.plot(path.parameters, path.points[:, shown.column], color=colour, linewidth=1.1, zorder=3)
        pairs = list(zip(path.points[::HOP], path.parameters[::HOP], strict=True))
        weights = np.array([system.mixture(point, value)[shown.column] for point, value in pairs])
        right.plot(path.parameters[::HOP], weights, color=colour, linewidth=1.1, zorder=3)
    left.set_ylabel(f"share of {shown.group} present")
    right.set_ylabel(f"weight of the voice of {shown.group}")
    for panel in (left, right):
        panel.set_xlabel(shown.label)
    figure.legend(handles=_key(), loc="outside upper center", ncols=6, frameon=False, fontsize=9)
    return figure


HOP = 20
"""Rounds between two weights of a sweep that are drawn."""


def _curve(panel: Axes, branch: Branch, height: Array) -> None:
    """A branch, solid where stable: each stretch is drawn with its first neighbour so that none gapes."""
    for stable, dash, width in ((True, "-", 2.2), (False, "--", 1.2)):
        joint = branch.stable[1:] == stable
        x = np.stack([branch.parameters[:-1], branch.parameters[1:], np.full(joint.size, np.nan)], axis=1)[joint]
        y = np.stack([height[:-1], height[1:], np.full(joint.size, np.nan)], axis=1)[joint]
        if stable:
            panel.plot(x.ravel(), y.ravel(), color="black", linewidth=width)
        else:
            # Dashes need unbroken runs.
            for run in np.split(np.arange(joint.size), np.flatnonzero(np.diff(joint.astype(int))) + 1):
                if run.size and joint[run[0]]:
                    span = slice(run[0], run[-1] + 2)
                    panel.plot(branch.parameters[span], height[span], color="0.35", linewidth=width, linestyle=dash)


def _key() -> list[Line2D]:
    return [
        Line2D([], [], color="black", linewidth=2.2, label="stable"),
        Line2D([], [], color="0.35", linewidth=1.2, linestyle="--", label="unstable"),
        Line2D([], [], color="black", marker="o", linestyle="", label="tipping point"),
        Line2D([], [], color="grey", marker="x", linestyle="", label="a voice falls silent"),
        Line2D([], [], color=UP, label="swept up"),
        Line2D([], [], color=DOWN, label="swept down"),
    ]


def loop_figure(values: Array, shares: Array, loops: Sequence[Loop], jumps: Array, shown: Overlay) -> Figure:
    """Finite audiences there and back, with the tipping points.

    Args:
        values: Parameter in each round, up and down, shape (2 R,).
        shares: Share of the group present, by audience, shape (seeds, 2 R).
        loops: Sweeps of the map, the slowest last.
        jumps: Where each audience loses the group and wins it back, shape (seeds, 2).
        shown: Which group.
    """
    figure = Figure(figsize=(6.8, 4.3), layout="constrained")
    panel = figure.subplots()
    half = values.size // 2
    for part, colour in ((slice(None, half), UP), (slice(half, None), DOWN)):
        panel.plot(values[part], shares[:, part].T, color=colour, linewidth=0.5, alpha=0.35)
    for path, colour in ((loops[-1].there, UP), (loops[-1].back, DOWN)):
        panel.plot(path.parameters, path.points[:, shown.column], color=colour, linewidth=2.2)
    for column, where in enumerate((shown.lost_at, shown.won_back_at)):
        if np.isfinite(where):
            panel.axvline(where, color="black", linewidth=1.0, linestyle="--")
        if np.isfinite(jumps[:, column]).any():
            panel.axvspan(*np.nanquantile(jumps[:, column], [0.025, 0.975]), color="grey", alpha=0.25, linewidth=0)
    panel.set_xlabel(shown.label)
    panel.set_ylabel(f"share of {shown.group} present")
    panel.set_ylim(-0.03, 1.08)
    key = [
        Line2D([], [], color=UP, label="up"),
        Line2D([], [], color=DOWN, label="down"),
        Line2D([], [], color="0.3", linewidth=0.6, label="thin: people"),
        Line2D([], [], color="0.3", linewidth=2.2, label="thick: the map, slowly"),
        Line2D([], [], color="black", linestyle="--", label="tipping points"),
    ]
    figure.legend(handles=key, loc="outside upper center", ncols=5, frameon=False, fontsize=9)
    return figure


def side_by_side_figure(found: Comparison, groups: Sequence[str], label: str, starts: Sequence[str]) -> Figure:
    """Weight of every voice, static and dynamic from each start, along the parameter.

    Args:
        found: The comparison.
        groups: Names of the voices.
        label: Of the parameter.
        starts: What each start is called.
    """
    figure = Figure(figsize=(2.35 * len(groups) + 0.6, 3.6), layout="constrained")
    panels = figure.subplots(1, len(groups), sharex=True, sharey=True, squeeze=False)[0]
    styles: tuple[tuple[Literal["-", "--", ":"], float], ...] = (("-", 2.0), ("--", 1.6), (":", 1.8))
    for d, (panel, group) in enumerate(zip(panels, groups, strict=True)):
        differs = found.excluded_statically[:, d] != found.excluded_dynamically[:, 0, d]
        panel.fill_between(
            found.parameters, 0, 1, where=differs, transform=panel.get_xaxis_transform(), color="0.88", linewidth=0
        )
        panel.plot(found.parameters, found.static[:, d], color="black", linewidth=1.4, linestyle="-")
        for k in range(len(starts)):
            dash, width = styles[k % len(styles)]
            panel.plot(
                found.parameters, found.dynamic[:, k, d], color=COLOURS[4 - 4 * k], linestyle=dash, linewidth=width
            )
        panel.axhline(found.threshold, color="black", linewidth=0.8, linestyle=":")
        panel.set_title(group.replace("$", r"\\$"), fontsize=10)
    panels[0].set_ylabel("weight of the voice")
    panels[len(panels) // 2].set_xlabel(label)
    key = [Line2D([], [], color="black", linewidth=1.4, label="static prediction")]
    key += [
        Line2D([], [], color=COLOURS[4 - 4 * k], linestyle=styles[k % 3][0], linewidth=styles[k % 3][1], label=name)
        for k, name in enumerate(starts)
    ]
    figure.legend(handles=key, loc="outside upper center", ncols=4, frameon=False, fontsize=9)
    return figure
