"""Pictures of an audit: who is represented, how alike the groups are, the map of risk, and each lever swept."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.report.figures import COLOURS
from experiments.report.map_figure import LABELS, draw_weights
from sim.alignment_game import Incentives
from sim.arrays import Array
from sim.estimation import Bounds
from sim.maps import ExclusionMap, RiskMap, Slice

STATUS_COLOURS = {"kept": "#0072B2", "at risk": "#E69F00", "left out": "#D55E00"}
_CONTOUR, _SAFE = "#D55E00", "#009E73"
_LEVELS: tuple[tuple[float, Literal[":", "--", "-"]], ...] = ((0.05, ":"), (0.5, "--"), (0.95, "-"))


class Point(NamedTuple):
    """A marked point of incentives: where it is, its label in the key, and its matplotlib marker."""

    incentives: Incentives
    label: str
    marker: str


def represented(
    groups: Sequence[str],
    weights: Array,
    shares: Array,
    *,
    status: Sequence[str],
    interval: Bounds | None,
    threshold: float,
) -> Figure:
    """Weight of every group in equilibrium as a bar, its share of the people as a diamond.

    Args:
        groups: Names.
        weights: Equilibrium mixture, (D,).
        shares: Population shares, (D,).
        status: "kept", "at risk" or "left out", by group.
        interval: Interval of the weights, or None.
        threshold: Drawn as a line.
    """
    place = np.arange(len(groups))
    figure = Figure(figsize=(7.6, 0.36 * len(groups) + 1.5), layout="constrained")
    panel = figure.subplots()
    panel.barh(place, weights, color=[STATUS_COLOURS[each] for each in status], height=0.66)
    if interval is not None:
        panel.hlines(place, interval.low, interval.high, color="black", linewidth=1.6)
        panel.plot(interval.low, place, "k|", interval.high, place, "k|", markersize=7)
    panel.plot(shares, place, "D", color="white", markeredgecolor="black", markersize=6)
    panel.axvline(threshold, color="black", linestyle="--", linewidth=1)
    panel.set_yticks(place, [plain(group, 28) for group in groups])
    # A group of weight zero has no bar to colour.
    for label, each in zip(panel.get_yticklabels(), status, strict=True):
        if each != "kept":
            label.set(color=STATUS_COLOURS[each], fontweight="bold")
    panel.invert_yaxis()
    panel.set_xlim(left=0)
    panel.set_xlabel("weight in the equilibrium mixture of every account")
    key: list[Patch | Line2D] = [Patch(color=STATUS_COLOURS[each], label=each) for each in dict.fromkeys(status)]
    key += [
        Line2D([], [], marker="D", color="white", markeredgecolor="black", linestyle="", label="share of the people"),
        Line2D([], [], color="black", linestyle="--", linewidth=1, label=f"threshold {threshold:g}"),
    ]
    if interval is not None:
        key.append(Line2D([], [], color="black", linewidth=1.6, label="95% interval"))
    figure.legend(handles=key, loc="outside upper center", ncols=3, frameon=False, fontsize=9)
    return figure


def matrices(groups: Sequence[str], inconsistency: Array, similarity: Array) -> Figure:
    """C and S as heat maps: with numbers for up to a dozen groups, else with a colour bar."""
    count = len(groups)
    size = min(max(0.5 * count, 3.0), 8.0)
    figure = Figure(figsize=(2 * size + 1.6, size + 1.2), layout="constrained")
    panels = figure.subplots(1, 2)
    for panel, title, matrix in zip(
        panels, ("inconsistency C", "similarity S"), (inconsistency, similarity), strict=True
    ):
        shown = panel.imshow(matrix, cmap="cividis")
        if count > 12:
            figure.colorbar(shown, ax=panel, shrink=0.7)
        middle = (matrix.min() + matrix.max()) / 2
        for i, j in np.ndindex(matrix.shape) if count <= 12 else ():
            shade = "white" if matrix[i, j] < middle else "black"
            panel.text(j, i, f"{matrix[i, j]:.2f}", ha="center", va="center", fontsize=7, color=shade)
        panel.set_xticks(range(count), [plain(group, 16) for group in groups], fontsize=8, rotation=40, ha="right")
        panel.set_yticks(range(count), [plain(group, 16) for group in groups], fontsize=8)
        panel.set_title(title, fontsize=10)
        panel.spines[:].set_visible(False)
    return figure


def phase_maps(found: ExclusionMap, risk: RiskMap | None, focal: Sequence[int], points: Sequence[Point]) -> Figure:
    """The least weight of all groups, then the weight of each focal group, over two incentives.

    Contours: chance that the weight is below the threshold, over draws of the data. Boundary equilibria count there.

    Args:
        found: Map of the point estimate, with mixtures.
        risk: The same over draws, or None.
        focal: Indices of the groups to show.
        points: Points to mark; what lies outside is moved to the border.
    """
    assert found.groups is not None  # noqa: S101 - narrows the type; groups of an audit have names
    titles = ["every group: the least weight", *(plain(found.groups[d], 30) for d in focal)]
    weights = [found.mixtures.min(axis=2), *(found.mixtures[..., d] for d in focal)]
    chances = (
        [None] * len(titles) if risk is None else [risk.some_black + risk.white, *(risk.below[..., d] for d in focal)]
    )
    columns = 2 if len(titles) in (2, 4) else min(3, len(titles))
    rows = -(-len(titles) // columns)
    figure = Figure(figsize=(3.4 * columns + 0.9, 3.2 * rows + 1.0), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    highest = max(float(each[found.interior].max(initial=found.threshold * 1.01)) for each in weights)
    mesh = None
    for panel, title, values, chance in zip(panels, titles, weights, chances, strict=False):
        mesh = draw_weights(panel, found, values, highest)
        panel.minorticks_off()  # laying them out would take most of the time
        panel.set_title(title, fontsize=10)
        if chance is not None and risk is not None:
            _contours(panel, risk, chance)
        for drawn, point in enumerate(points):
            place = [
                float(np.clip(getattr(point.incentives, name), values.min(), values.max()))
                for name, values in zip(found.grid.names, found.grid.values, strict=True)
            ]
            size = _MARKER["markersize"] + 4 * (len(points) - 1 - drawn)  # where points meet, all are seen
            panel.plot(*place, point.marker, **{**_MARKER, "markersize": size}, clip_on=False)
    for panel in panels[len(titles) :]:
        panel.set_axis_off()
    if mesh is not None:
        figure.colorbar(mesh, ax=list(panels), label="weight", shrink=0.8 / rows + 0.1, aspect=25)
    key: list[Patch | Line2D] = [
        Patch(facecolor="black", edgecolor="black", label=f"below {found.threshold:g}"),
        Patch(facecolor="white", edgecolor="grey", label="no interior equilibrium"),
        *(Line2D([], [], marker=p.marker, linestyle="", label=p.label, **_MARKER) for p in points),
    ]
    if risk is not None:
        key += [
            Line2D([], [], color=_CONTOUR, linestyle=style, label=f"P(below) = {level:g}") for level, style in _LEVELS
        ]
    figure.legend(handles=key, loc="outside upper center", ncols=4, frameon=False, fontsize=9)
    return figure


def sweep(slices: Mapping[str, Slice], kept: Mapping[str, Array], now: Incentives, confidence: float) -> Figure:
    """Weight of every group as one coefficient is varied; green where every group is kept, darker where that is sure.

    Args:
        slices: By coefficient, of the point estimate.
        kept: By coefficient, share of the draws in which every group reaches the threshold, (n,).
        now: The current incentives.
        confidence: Share of the draws that counts as sure.
    """
    figure = Figure(figsize=(3.5 * len(slices) + 0.4, 4.0), layout="constrained")
    panels = figure.subplots(1, len(slices), sharey=True, squeeze=False)[0]
    lines: list[Line2D] = []
    top = 1.05 * max(float(found.mixtures.max()) for found in slices.values())
    threshold = next(iter(slices.values())).threshold
    for panel, (name, found) in zip(panels, slices.items(), strict=True):
        groups = found.groups or tuple(str(d) for d in range(found.mixtures.shape[1]))
        lines = [
            panel.plot(
                found.values,
                found.mixtures[:, d],
                color=COLOURS[d % len(COLOURS)],
                linestyle=("-", "--", ":", "-.")[d // len(COLOURS) % 4],
                label=plain(group, 24),
            )[0]
            for d, group in enumerate(groups)
        ]
        least = found.mixtures.min(axis=1) >= found.threshold
        for where, strength in ((least, 0.14), (kept[name] >= confidence, 0.22)):
            panel.fill_between(found.values, 0, top, where=where, color=_SAFE, alpha=strength, linewidth=0)
        panel.axhline(found.threshold, color="black", linestyle="--", linewidth=1)
        present = getattr(now, name)
        if present > 0:
            panel.axvline(present, color="black", linewidth=1.2)
        panel.set_xscale("log")
        panel.minorticks_off()
        panel.set_xlim(found.values[0], found.values[-1])
        panel.set_ylim(0, top)
        panel.set_xlabel(LABELS[name])
    panels[0].set_ylabel("weight in the equilibrium mixture")
    key: list[Patch | Line2D] = [
        *lines,
        Line2D([], [], color="black", linewidth=1.2, label="now"),
        Line2D([], [], color="black", linestyle="--", linewidth=1, label=f"threshold {threshold:g}"),
        Patch(color=_SAFE, alpha=0.14, label="every group kept"),
    ]
    if any((values > 0).any() for values in kept.values()):
        key.append(Patch(color=_SAFE, alpha=0.33, label=f"... in {confidence:.0%} of draws"))
    figure.legend(handles=key, loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    return figure


def plain(name: str, width: int) -> str:
    """A name from data, shortened, and with no dollar sign that would start mathematics.

    >>> plain("cost in $ and in $", 12)
    'cost in...'
    """
    short = textwrap.shorten(name, width, placeholder="...") if len(name) > width else name
    return (short if len(short) > 3 or len(name) <= width else name[: width - 3] + "...").replace("$", r"\$")


_MARKER: dict[str, Any] = {"color": "white", "markeredgecolor": "black", "markersize": 9, "markeredgewidth": 1.4}


def _contours(panel: Axes, risk: RiskMap, chance: Array) -> None:
    for level, style in _LEVELS:
        if chance.min() < level < chance.max():
            panel.contour(
                *risk.grid.values, chance.T, levels=[level], colors=_CONTOUR, linewidths=1.3, linestyles=style
            )
