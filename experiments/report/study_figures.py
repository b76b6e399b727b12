"""Lines, bands and dots of studies, in the colours of every other figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from experiments.report.figures import COLOURS
from experiments.report.map_figure import LABELS
from sim.arrays import Array
from sim.estimation import Bounds
from sim.maps import Slice

Dash = Literal["-", "--", "-.", ":"]
_DASHES: tuple[Dash, ...] = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "^", "D", "v", "P")


class Dots(NamedTuple):
    """Numbers with intervals, one a row.

    Attributes:
        values: (rows,).
        low: Ends of the intervals, (rows,); NaN for none.
        high: (rows,).
    """

    values: Array
    low: Array
    high: Array


def slices_figure(slices: Sequence[Slice], bands: Sequence[Bounds | None], groups: Sequence[str]) -> Figure:
    """Weights along one coefficient, a panel a slice, with 95% bands; grey: no interior equilibrium."""
    figure = Figure(figsize=(4.4 * len(slices), 4.0), layout="constrained")
    panels = figure.subplots(1, len(slices), squeeze=False)[0]
    for panel, one, band in zip(panels, slices, bands, strict=True):
        shade(panel, one.values, ~one.interior)
        for d in range(len(groups)):
            colour, dash = style(d)
            panel.plot(one.values, one.mixtures[:, d], color=colour, linestyle=dash, linewidth=1.8)
            if band is not None:
                panel.fill_between(one.values, band.low[:, d], band.high[:, d], color=colour, alpha=0.15, linewidth=0)
        panel.axhline(one.threshold, color="black", linewidth=0.9, linestyle=":")
        panel.set_xscale("log")
        panel.set_xlim(one.values.min(), one.values.max())
        panel.set_ylim(0, min(1.0, 1.15 * one.mixtures.max()))
        panel.set_xlabel(LABELS[one.name])
        fixed = ", ".join(f"{LABELS[name].split(' ')[1]} = {value:g}" for name, value in one.fixed.items())
        panel.set_title(fixed, fontsize=10)
    panels[0].set_ylabel("weight in the equilibrium")
    key: list[Line2D | Patch] = [
        Line2D([], [], color=style(d)[0], linestyle=style(d)[1], label=group) for d, group in enumerate(groups)
    ]
    key.append(Line2D([], [], color="black", linewidth=0.9, linestyle=":", label="threshold"))
    key.append(Patch(facecolor="0.9", label="no interior equilibrium"))
    figure.legend(handles=key, loc="outside upper center", ncols=4, frameon=False, fontsize=9)
    return figure


def dots_figure(rows: Sequence[str], columns: Mapping[str, Dots], label: str, *, limits: tuple[float, float]) -> Figure:
    """One panel a column, one dot with its interval a row."""
    figure = Figure(figsize=(2.1 * len(columns) + 1.8, 0.32 * len(rows) + 1.2), layout="constrained")
    panels = figure.subplots(1, len(columns), sharey=True, squeeze=False)[0]
    place = np.arange(len(rows))
    for number, (panel, (title, dots)) in enumerate(zip(panels, columns.items(), strict=True)):
        panel.axvline(0, color="grey", linewidth=0.8)
        panel.hlines(place, dots.low, dots.high, color=COLOURS[number], linewidth=2.2, alpha=0.5)
        panel.plot(dots.values, place, _MARKERS[number], color=COLOURS[number], markersize=6)
        panel.set_xlim(*limits)
        panel.set_title(title, fontsize=9)
        panel.set_xlabel(label, fontsize=9)
    panels[0].set_yticks(place, rows, fontsize=9)
    panels[0].invert_yaxis()
    return figure


def shade(panel: Axes, values: Array, where: NDArray[np.bool_]) -> None:
    """Grey over the values of a log axis at which `where` holds."""
    panel.fill_between(
        values, 0, 1, where=where.tolist(), color="0.9", linewidth=0, transform=panel.get_xaxis_transform()
    )


def style(number: int) -> tuple[str, Dash]:
    """Colour and dash of a line, told apart in grey too."""
    return COLOURS[number % len(COLOURS)], _DASHES[number % len(_DASHES)]


def bands_figure(
    values: Array, paths: Mapping[str, tuple[Array, Bounds | None]], threshold: float, label: str
) -> Figure:
    """One weight along diversity, a line a reading, with 95% bands."""
    figure = Figure(figsize=(5.6, 3.6), layout="constrained")
    panel = figure.subplots()
    for number, (name, (weights, band)) in enumerate(paths.items()):
        colour, dash = style(number)
        panel.plot(values, weights, color=colour, linestyle=dash, linewidth=2, label=name)
        if band is not None:
            panel.fill_between(values, band.low, band.high, color=colour, alpha=0.25, linewidth=0)
    panel.axhline(threshold, color="black", linewidth=0.9, linestyle=":", label="threshold")
    panel.set_xlim(values.min(), values.max())
    panel.set_ylim(bottom=0)
    panel.set_xlabel(LABELS["diversity"])
    panel.set_ylabel(label)
    panel.legend(frameon=False, fontsize=9)
    return figure
