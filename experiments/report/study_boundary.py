"""Who is left out where, boundary equilibria included."""

from __future__ import annotations

from collections import Counter

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from experiments.report.figures import COLOURS
from experiments.report.map_figure import LABELS
from sim.maps import ExclusionMap

NOBODY = "#f4f4f4"
OTHERS = "#444444"
Left = tuple[bool, ...]


def boundary_figure(found: ExclusionMap, out: NDArray[np.bool_]) -> Figure:
    """A colour for each set of groups that is left out; the most frequent sets have one of their own.

    Args:
        found: A map with named groups and rising axes.
        out: Groups below the threshold, (n1, n2, D).
    """
    assert found.groups is not None  # noqa: S101 - narrows the type; maps of studies have names
    counted: Counter[Left] = Counter(map(tuple, out.reshape(-1, found.dimension).tolist()))
    sets = [left for left, _ in counted.most_common() if any(left)]
    shown = sorted(sets[: len(COLOURS)], key=lambda left: (sum(left), left[::-1]))
    number = {left: k + 1 for k, left in enumerate(shown)}
    nobody: Left = (False,) * found.dimension
    number[nobody] = 0
    cells = np.array([number.get(tuple(left), len(shown) + 1) for left in out.reshape(-1, found.dimension).tolist()])
    figure = Figure(figsize=(8.2, 4.2), layout="constrained")
    panel = figure.subplots()
    colours = ListedColormap([NOBODY, *COLOURS[: len(shown)], OTHERS])
    first, second = found.grid.values
    drawn = cells.reshape(found.grid.shape).T
    panel.pcolormesh(first, second, drawn, cmap=colours, vmin=-0.5, vmax=len(shown) + 1.5, rasterized=True)
    if found.interior.any() and not found.interior.all():
        panel.contour(first, second, found.interior.T.astype(float), levels=[0.5], colors="black", linewidths=1.6)
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_xlabel(LABELS[found.grid.names[0]])
    panel.set_ylabel(LABELS[found.grid.names[1]])
    key: list[Patch | Line2D] = [Patch(facecolor=NOBODY, edgecolor="grey", label="nobody is out")]
    key += [Patch(facecolor=COLOURS[k], label=_words(left, found.groups)) for k, left in enumerate(shown)]
    if len(sets) > len(shown):
        key.append(Patch(facecolor=OTHERS, label="other groups"))
    key.append(Line2D([], [], color="black", linewidth=1.6, label="border of the interior equilibria"))
    panel.legend(
        handles=key, loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False, fontsize=8, title="left out"
    )
    return figure


def _words(left: Left, groups: tuple[str, ...]) -> str:
    stay = [group for group, gone in zip(groups, left, strict=True) if not gone]
    if len(stay) < sum(left):
        return f"all but {', '.join(stay)}"
    return ", ".join(group for group, gone in zip(groups, left, strict=True) if gone)
