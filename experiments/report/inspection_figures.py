"""Pictures of the inspection game: closed forms as lines, play as dots with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from experiments.report.figures import COLOURS
from sim.arrays import Array

ALIGNED, AUDITED = COLOURS[0], COLOURS[4]


class Panel(NamedTuple):
    """One panel: p and q along something that is varied.

    Attributes:
        label: Of what is varied.
        x: Its values where play was, (G,).
        means: Played p and q, (G, 2).
        halves: Half widths of their intervals, (G, 2).
        fine: Its values along the lines, (F,).
        lines: p* and q* there, (F, 2); NaN breaks a line.
        logarithmic: Whether both axes are logarithmic.
        marks: Values to mark by a vertical line.
    """

    label: str
    x: Array
    means: Array
    halves: Array
    fine: Array
    lines: Array
    logarithmic: bool = False
    marks: tuple[float, ...] = ()


def panels_figure(panels: Sequence[Panel]) -> Figure:
    """Shares p and q in closed form and in play, panel by panel."""
    figure = Figure(figsize=(4.2 * len(panels) + 0.6, 3.9), layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, panel in zip(axes, panels, strict=True):
        for k, (colour, marker) in enumerate(((ALIGNED, "o"), (AUDITED, "s"))):
            axis.plot(panel.fine, panel.lines[:, k], color=colour, linewidth=1.6)
            axis.errorbar(
                panel.x, panel.means[:, k], panel.halves[:, k], color=colour, marker=marker, markersize=5, linestyle=""
            )
        for mark in panel.marks:
            axis.axvline(mark, color="black", linewidth=1.0, linestyle="--")
        _scaled(axis, panel)
    axes[0].set_ylabel("probability")
    key = [
        Line2D([], [], color=ALIGNED, marker="o", label="aligned (p)"),
        Line2D([], [], color=AUDITED, marker="s", label="audited (q)"),
        Line2D([], [], color="0.3", label="line: closed form"),
        Line2D([], [], color="0.3", marker="o", linestyle="", label="dot: play, 95% interval"),
    ]
    figure.legend(handles=key, loc="outside upper center", ncols=4, frameon=False, fontsize=9)
    return figure


def _scaled(axis: Axes, panel: Panel) -> None:
    axis.set_xlabel(panel.label)
    if panel.logarithmic:
        axis.set_xscale("log")
        axis.set_yscale("log")
        for side, values in ((axis.xaxis, panel.x), (axis.yaxis, np.array([0.05, 0.1, 0.2, 0.5, 1.0]))):
            side.set_ticks(values.tolist(), [f"{value:g}" for value in values])
            side.set_minor_locator(NullLocator())
    else:
        axis.set_ylim(-0.03, 1.05)


def window_figure(errors: Array, misses: Array, windows: Array) -> Figure:
    """How wide the range of deterring check rates is; black where there is none.

    Args:
        errors: Slips of the solver, (P,).
        misses: Share of errors that verdicts miss, (Q,).
        windows: Widths, (Q, P); NaN where there is none.
    """
    figure = Figure(figsize=(5.2, 4.0), layout="constrained")
    axis = figure.subplots()
    axis.set_facecolor("black")
    drawn = axis.pcolormesh(errors, misses, windows, cmap="viridis", vmin=0, vmax=1, shading="nearest")
    figure.colorbar(drawn, label="width of the range of check rates")
    axis.set_xlabel("solver's error, eps")
    axis.set_ylabel("share of errors that verdicts miss, 1 - k_tp")
    return figure


def offences_figure(
    detections: Array, alone: tuple[Array, Array], threshold: float, stakes: Array, series: Mapping[str, Array]
) -> Figure:
    """Offences by detection, and by penalty with detection given or chosen.

    Args:
        detections: Probabilities of detection, (K,).
        alone: Share that offends in play and half width of its interval, (K,) each.
        threshold: Where theory lets it jump.
        stakes: Penalties, (P,).
        series: By name: share that offends in theory, in play, half width, (3, P).
    """
    figure = Figure(figsize=(9.0, 3.9), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    left.step([detections[0], threshold, detections[-1]], [1, 0, 0], where="post", color="black", linewidth=1.4)
    left.errorbar(detections, *alone, color=COLOURS[0], marker="o", markersize=5, linestyle="", label="play")
    left.axvline(threshold, color="black", linewidth=1.0, linestyle="--")
    left.set_xlabel("probability of detection")
    left.set_ylabel("share that offends")
    for (name, (theory, played, half)), colour, marker in zip(
        series.items(), (COLOURS[0], COLOURS[4]), "os", strict=False
    ):
        right.plot(stakes, theory, color=colour, linewidth=1.6)
        right.errorbar(stakes, played, half, color=colour, marker=marker, markersize=5, linestyle="", label=name)
    right.set_xlabel("penalty, r_A - r_M")
    right.legend(frameon=False, fontsize=9)
    left.set_ylim(-0.03, 1.05)
    return figure
