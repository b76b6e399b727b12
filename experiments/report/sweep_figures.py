"""The picture of a sweep: what was found at every point, over the keys in which points differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from experiments.report.figures import COLOURS

_MARKERS = "osD^vP"
_SEED = "run.seed"
_OTHER = "not done"
MOST_CELLS = 150
"""Fuller grids show colours without numbers."""
MOST_TICKS = 25
_PAPER = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5}


def sweep_figure(table: pd.DataFrame, keys: Sequence[str]) -> Figure | None:
    """Distance of a play to its prediction, or outcome of a study, over one key or two; seeds are repetitions.

    Args:
        table: Of the sweep, a row a point: columns `found`, `state`, and of plays `distance` with its interval.
        keys: Columns in which points differ.

    Returns:
        None where points differ in nothing or nothing was found.
    """
    over = [key for key in keys if key != _SEED] or list(keys)
    over = sorted(over, key=lambda key: -table[key].nunique())[:2]
    kinds = [kind for kind in dict.fromkeys(table["found"]) if kind]
    if not over or not kinds:
        return None
    colours = {kind: COLOURS[n % len(COLOURS)] for n, kind in enumerate(kinds)}
    if len(over) == 2:
        return _grid(table, over[0], over[1], colours)
    if "distance" in table:
        return _distances(table, over[0], colours)
    return _shares(table, over[0], colours)


def _distances(table: pd.DataFrame, key: str, colours: Mapping[str, str]) -> Figure:
    figure = Figure(figsize=(7.2, 3.4), layout="constrained")
    panel = figure.subplots()
    place = _places(table[key])
    for number, (kind, colour) in enumerate(colours.items()):
        rows = table[table["found"] == kind]
        at = [place[value] for value in rows[key]]
        bounds = (rows["distance"] - rows["distance_low"], rows["distance_high"] - rows["distance"])
        marker = _MARKERS[number % len(_MARKERS)]
        panel.errorbar(at, rows["distance"], yerr=np.abs(bounds), fmt=marker, color=colour, label=kind, alpha=0.7)
    _ticks(panel.set_xticks, place)
    panel.set_xlabel(key)
    panel.set_ylabel("distance to the prediction\n(total variation)")
    panel.set_ylim(bottom=0)
    figure.legend(loc="outside upper center", ncols=4, frameon=False, fontsize=9)
    return figure


def _shares(table: pd.DataFrame, key: str, colours: Mapping[str, str]) -> Figure:
    figure = Figure(figsize=(7.2, 3.0), layout="constrained")
    panel = figure.subplots()
    place = _places(table[key])
    below = np.zeros(len(place))
    counts = table.groupby(key)["found"].count()
    for kind, colour in colours.items():
        found = table[table["found"] == kind].groupby(key)["found"].count()
        height = (found.reindex(list(place)).fillna(0) / counts.reindex(list(place))).to_numpy()
        panel.bar(list(place.values()), height, bottom=below, color=colour, label=kind, width=0.8)
        below += height
    _ticks(panel.set_xticks, place)
    panel.set_xlabel(key)
    panel.set_ylabel("share of points")
    figure.legend(loc="outside upper center", ncols=2, frameon=False, fontsize=9)
    return figure


def _grid(table: pd.DataFrame, across: str, up: str, colours: Mapping[str, str]) -> Figure:
    columns, rows = _places(table[across]), _places(table[up])
    names = [*colours, _OTHER]
    cells = np.full((len(rows), len(columns)), len(colours))
    texts: dict[tuple[int, int], str] = {}
    for (x, y), points in table.groupby([across, up]):
        found = points["found"][points["found"] != ""]
        if found.empty:
            continue
        cell = rows[y], columns[x]
        cells[cell] = names.index(str(found.mode()[0]))
        if "distance" in points:
            texts[cell] = f"{points['distance'].mean():.2g}"
    figure = Figure(figsize=(min(0.6 * len(columns) + 2.4, 11), min(0.42 * len(rows) + 1.9, 9)), layout="constrained")
    panel = figure.subplots()
    palette = ListedColormap([*colours.values(), "#ffffff"])
    panel.pcolormesh(
        np.arange(len(columns) + 1) - 0.5,
        np.arange(len(rows) + 1) - 0.5,
        cells,
        cmap=palette,
        norm=BoundaryNorm(np.arange(len(names) + 1) - 0.5, len(names)),
        edgecolors="white",
        linewidth=0.5 if cells.size <= MOST_CELLS else 0.0,
    )
    if cells.size <= MOST_CELLS:
        for (row, column), text in texts.items():
            panel.text(column, row, text, ha="center", va="center", fontsize=8, bbox=_PAPER)
    _ticks(panel.set_xticks, columns)
    _ticks(panel.set_yticks, rows)
    panel.set_xlabel(across)
    panel.set_ylabel(up)
    seen = [name for number, name in enumerate(names) if (cells == number).any()]
    patches = [Patch(facecolor=colours.get(name, "#ffffff"), edgecolor="grey", label=name) for name in seen]
    figure.legend(handles=patches, loc="outside upper center", ncols=3, frameon=False, fontsize=9)
    return figure


def _places(values: pd.Series) -> dict[object, int]:
    """Values in their order -> place on an axis; numbers by size, words as they come."""
    distinct = list(dict.fromkeys(values))
    if pd.api.types.is_numeric_dtype(values):
        distinct.sort()
    return {value: number for number, value in enumerate(distinct)}


def _ticks(put: object, places: Mapping[object, int]) -> None:
    step = -(-len(places) // MOST_TICKS)
    shown = list(places.items())[::step]
    labels = [str(value) for value, _ in shown]
    assert callable(put)  # noqa: S101 - narrows the type
    put([place for _, place in shown], labels, rotation=30 if max(map(len, labels)) > 5 else 0, fontsize=9)
