"""Maps of a study, one group or one plane a panel, with an outline of what the data leave possible."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.report.map_figure import draw_map
from sim.maps import ExclusionMap, RiskMap

_SURE = 0.05
_OUTLINE = "#D55E00"


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
    """Maps side by side on one colour scale; a line around where the group is excluded in 5% of the draws or more.

    Args:
        panels: The maps, row by row, all with one threshold. Maps of one plane share their axes' labels.
        columns: Panels in a row.
        label: Of the colour scale.
    """
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(2.9 * columns + 0.9, 2.6 * rows + 0.8), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    threshold = panels[0].found.threshold
    highest = max(_largest(panel) for panel in panels)
    one_plane = len({panel.found.grid.names for panel in panels}) == 1
    mesh = None
    for number, (axis, panel) in enumerate(zip(axes, panels, strict=False)):
        mesh = draw_map(axis, panel.found, panel.group, highest)
        axis.minorticks_off()
        title = textwrap.wrap(panel.title.replace("$", r"\$"), 34, break_long_words=False)
        axis.set_title("\n".join(title), fontsize=9)
        if panel.risk is not None:
            _outline(axis, panel.risk, panel.group)
        if one_plane and number + columns < len(panels):
            axis.set_xlabel("")
            axis.tick_params(labelbottom=False)
        if one_plane and number % columns:
            axis.set_ylabel("")
            axis.tick_params(labelleft=False)
    for axis in axes[len(panels) :]:
        axis.set_axis_off()
    if mesh is not None:
        figure.colorbar(mesh, ax=list(axes), label=label, shrink=min(0.9, 1.8 / rows), aspect=25)
    key: list[Patch | Line2D] = [
        Patch(facecolor="black", edgecolor="black", label=f"excluded (weight < {threshold:g})"),
        Patch(facecolor="white", edgecolor="grey", label="no interior equilibrium"),
    ]
    if any(panel.risk is not None for panel in panels):
        key.append(Line2D([], [], color=_OUTLINE, linewidth=1.2, label=f"excluded in {_SURE:.0%} of the draws"))
    figure.legend(handles=key, loc="outside upper center", ncols=min(len(key), columns + 1), frameon=False, fontsize=9)
    return figure


def _largest(panel: Panel) -> float:
    weights = panel.found.mixtures[..., panel.found.index(panel.group)][panel.found.interior]
    return float(weights.max(initial=panel.found.threshold * 1.01))


def _outline(axis: Axes, risk: RiskMap, group: str) -> None:
    assert risk.groups is not None  # noqa: S101 - narrows the type; maps of studies have names
    share = risk.black[..., risk.groups.index(group)]
    if share.min() < _SURE < share.max():
        axis.contour(*risk.grid.values, share.T, levels=[_SURE], colors=_OUTLINE, linewidths=0.9)
