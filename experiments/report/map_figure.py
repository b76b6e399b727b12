"""Exclusion maps as pictures: black = excluded, white = no interior equilibrium, colour = weight of the group."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.arrays import Array, shorten
from sim.errors import InputError
from sim.maps import ExclusionMap

LABELS = {
    "attractiveness": r"attractiveness $\beta_A$",
    "inconsistency": r"inconsistency $\beta_I$",
    "diversity": r"diversity $\beta_D$",
}
_SYMBOLS = {name: label.split(" ")[1] for name, label in LABELS.items()}
SCALE = ListedColormap(mpl.colormaps["cividis"](np.linspace(0.3, 1.0, 256)), name="weights").with_extremes(bad="white")
"""Cividis without its darkest part, which would pass for black."""


def draw_map(panel: Axes, found: ExclusionMap, group: int | str, highest: float | None = None) -> QuadMesh:
    """Draw one group's map on `panel`: first coefficient of the map across, second one up.

    An axis is logarithmic unless it holds a zero.

    Args:
        panel: Where to draw.
        found: A map with keep="mixtures".
        group: The focal group, by index or name.
        highest: Weight at the top of the colour scale; the largest one shown if not given.

    Returns:
        The coloured cells, for a colour bar. The scale starts at the threshold: below it a cell is black.

    Raises:
        InputError: The map did not keep its mixtures, or there is no such group.
    """
    return draw_weights(panel, found, found.mixtures[..., found.index(group)], highest)


def draw_weights(panel: Axes, found: ExclusionMap, weights: Array, highest: float | None = None) -> QuadMesh:
    """As `draw_map`, with a weight of one's own for every cell, (n1, n2): such as the least of all groups'."""
    orders = [np.argsort(values, kind="stable") for values in found.grid.values]
    cells = np.ix_(*orders)
    interior, weights = found.interior[cells], weights[cells]
    black = interior & (weights < found.threshold)
    coloured = interior & ~black
    shown = np.where(coloured, weights, np.nan)
    top = float(weights[coloured].max(initial=0.0)) if highest is None else highest
    edges = [_edges(values[order]) for values, order in zip(found.grid.values, orders, strict=True)]
    top = max(top, found.threshold * 1.01)
    mesh = panel.pcolormesh(*edges, shown.T, cmap=SCALE, vmin=found.threshold, vmax=top, rasterized=True)
    dark = np.where(black, 0.0, np.nan)
    panel.pcolormesh(*edges, dark.T, cmap=ListedColormap(["black"]), rasterized=True)
    for axis, name, values in zip((panel.xaxis, panel.yaxis), found.grid.names, found.grid.values, strict=True):
        axis.set_label_text(LABELS[name])
        if values.min() > 0:
            (panel.set_xscale if axis is panel.xaxis else panel.set_yscale)("log")
    for spine in panel.spines.values():
        spine.set_visible(True)
    return mesh


def map_figure(maps: Mapping[str, ExclusionMap], group: int | str, *, caption: str, columns: int = 2) -> Figure:
    """Maps of one group side by side, on one colour scale, with a key and a caption.

    Args:
        maps: Maps by title, all with keep="mixtures" and one threshold.
        group: The focal group, by index or name.
        caption: Where the game comes from; the areas are added.
        columns: Panels in a row.

    Raises:
        InputError: No map, maps of different thresholds, or one without mixtures.
    """
    thresholds = {found.threshold for found in maps.values()}
    if len(thresholds) != 1:
        raise InputError("maps", shorten(sorted(thresholds)), "expected at least one map, all with one threshold")
    (threshold,) = thresholds
    rows = -(-len(maps) // columns)
    figure = Figure(figsize=(3.6 * columns + 0.8, 3.25 * rows + 1.1), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    shown = [found.mixtures[..., found.index(group)][found.interior] for found in maps.values()]
    highest = max((float(weights.max()) for weights in shown if weights.size), default=1.0)
    mesh = None
    for panel, (title, found) in zip(panels, maps.items(), strict=False):
        mesh = draw_map(panel, found, group, highest)
        panel.set_title(f"{title}\nexcluded {found.area(group):.1%}, no interior {found.white_area:.1%}", fontsize=10)
    for panel in panels[len(maps) :]:
        panel.set_axis_off()
    name = group if isinstance(group, str) else f"group {group}"
    if mesh is not None:
        figure.colorbar(mesh, ax=list(panels), label=f"weight of {name}", shrink=0.9, aspect=30)
    key = [
        Patch(facecolor="black", edgecolor="black", label=f"{name} excluded (weight < {threshold:g})"),
        Patch(facecolor="white", edgecolor="grey", label="no interior equilibrium"),
    ]
    figure.legend(handles=key, loc="outside upper center", ncols=2, frameon=False, fontsize=10)
    figure.supxlabel("\n".join(textwrap.wrap(caption, 48 * columns + 16)), fontsize=8, color="0.25")
    return figure


def fixed_title(found: ExclusionMap) -> str:
    """What is fixed in a map, as a title."""
    name, value = found.grid.fixed
    return f"{_SYMBOLS[name]} = {value:g}"


def _edges(values: Array) -> Array:
    """Borders of cells centred on rising values; on a log scale unless a value is zero."""
    logarithmic = values[0] > 0
    middle = np.log(values) if logarithmic else values
    if middle.size == 1:
        inner, width = np.empty(0), np.array([1.0, 1.0])
    else:
        inner, width = (middle[1:] + middle[:-1]) / 2, np.array([middle[1] - middle[0], middle[-1] - middle[-2]])
    edges = np.concatenate([[middle[0] - width[0] / 2], inner, [middle[-1] + width[1] / 2]])
    borders: Array = np.exp(edges) if logarithmic else edges
    return borders
