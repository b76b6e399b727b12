"""Maps of a study: one group a panel or one plane a panel, with contours of how sure the black region is."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Literal, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.report.map_figure import draw_map
from sim.maps import ExclusionMap, RiskMap

_SURE: tuple[tuple[Literal["--", "-"], float], ...] = (("--", 0.05), ("-", 0.95))
_CONTOUR = "#D55E00"


class Panel(NamedTuple):
    """One map of one group.

    Attributes:
        title: Above the panel.
        found: The map, with mixtures.
        group: The focal group.
        risk: The same map over draws, or None.
    """

    title: str
    found: ExclusionMap
    group: str
    risk: RiskMap | None


def maps_figure(panels: Sequence[Panel], *, columns: int = 3, label: str = "weight of the group") -> Figure:
    """Maps side by side on one colour scale; lines where the group is excluded in 5% and in 95% of the draws."""
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(3.1 * columns + 0.9, 2.95 * rows + 0.8), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    threshold = panels[0].found.threshold
    highest = max(_largest(panel) for panel in panels)
    mesh = None
    for axis, panel in zip(axes, panels, strict=False):
        mesh = draw_map(axis, panel.found, panel.group, highest)
        axis.set_title("\n".join(textwrap.wrap(panel.title, 34, break_long_words=False)), fontsize=9)
        if panel.risk is not None:
            _contours(axis, panel.risk, panel.group)
    for axis in axes[len(panels) :]:
        axis.set_axis_off()
    if mesh is not None:
        figure.colorbar(mesh, ax=list(axes), label=label, shrink=min(0.9, 1.8 / rows), aspect=25)
    key: list[Patch | Line2D] = [
        Patch(facecolor="black", edgecolor="black", label=f"excluded (weight < {threshold:g})"),
        Patch(facecolor="white", edgecolor="grey", label="no interior equilibrium"),
    ]
    if any(panel.risk is not None for panel in panels):
        key += [
            Line2D([], [], color=_CONTOUR, linestyle=style, label=f"excluded in {share:.0%} of draws")
            for style, share in _SURE
        ]
    figure.legend(handles=key, loc="outside upper center", ncols=2, frameon=False, fontsize=9)
    return figure


def _largest(panel: Panel) -> float:
    weights = panel.found.mixtures[..., panel.found.index(panel.group)][panel.found.interior]
    return float(weights.max(initial=panel.found.threshold * 1.01))


def _contours(axis: Axes, risk: RiskMap, group: str) -> None:
    assert risk.groups is not None  # noqa: S101 - narrows the type; maps of studies have names
    share = risk.black[..., risk.groups.index(group)]
    for style, level in _SURE:
        if share.min() < level < share.max():
            axis.contour(*risk.grid.values, share.T, levels=[level], colors=_CONTOUR, linewidths=1.1, linestyles=style)
