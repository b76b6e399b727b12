"""How many groups an equilibrium represents, cell by cell, and which group is the first to go."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from experiments.report.figures import COLOURS
from experiments.report.map_figure import LABELS
from sim.maps import ExclusionMap

_BORDER = "white"


def boundary_figure(found: ExclusionMap, out: NDArray[np.bool_]) -> Figure:
    """Number of groups above the threshold (left) and the group with the least weight where one is out (right).

    Args:
        found: A map with mixtures, boundary included, and rising axes.
        out: Groups below the threshold, (n1, n2, D).
    """
    assert found.groups is not None  # noqa: S101 - narrows the type; maps of studies have names
    size = found.dimension
    first, second = found.grid.values
    figure = Figure(figsize=(8.6, 4.3), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    many = ListedColormap(mpl.colormaps["cividis"](np.linspace(0, 1, size)))
    norm = BoundaryNorm(np.arange(0.5, size + 1), size)
    mesh = left.pcolormesh(first, second, (~out).sum(axis=2).T, cmap=many, norm=norm, rasterized=True)
    figure.colorbar(mesh, ax=left, ticks=range(1, size + 1), label="groups represented", location="bottom", shrink=0.8)
    least = np.where(out.any(axis=2), found.mixtures.argmin(axis=2), size)
    colours = ListedColormap([*(COLOURS[d % len(COLOURS)] for d in range(size)), "#f4f4f4"])
    right.pcolormesh(first, second, least.T, cmap=colours, vmin=-0.5, vmax=size + 0.5, rasterized=True)
    for panel, colour in ((left, _BORDER), (right, "black")):
        if found.interior.any() and not found.interior.all():
            panel.contour(first, second, found.interior.T.astype(float), levels=[0.5], colors=colour, linewidths=1.4)
        panel.set_xscale("log")
        panel.set_yscale("log")
        panel.set_xlabel(LABELS[found.grid.names[0]])
    left.set_ylabel(LABELS[found.grid.names[1]])
    left.set_title("how many are represented", fontsize=10)
    right.set_title("who has the least weight, where someone is out", fontsize=10)
    seen = sorted(set(least[least < size].ravel().tolist()))
    key: list[Patch | Line2D] = [Patch(facecolor=COLOURS[d % len(COLOURS)], label=found.groups[d]) for d in seen]
    key += [
        Patch(facecolor="#f4f4f4", edgecolor="grey", label="nobody is out"),
        Line2D([], [], color="black", label="interior to the left"),
    ]
    right.legend(handles=key, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2, frameon=False, fontsize=8)
    return figure
