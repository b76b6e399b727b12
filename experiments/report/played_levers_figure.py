"""Picture of controllers at work on a platform that is played."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from experiments.report.figures import COLOURS
from sim.arrays import Array

_MEAN_OF = 5
"""Proposals averaged in a point."""
_BASELINES = ("-", "--", ":")


def played_levers_figure(values: Mapping[str, Array], block: int, best: float, misled: Mapping[int, Array]) -> Figure:
    """Value by round for every controller, and how much blocks of each length mislead.

    Args:
        values: Values of all proposals by controller, the three baselines first, (S, T) each.
        block: Rounds of a proposal.
        best: Value of the best lever in closed form.
        misled: Distance of a block's value from the settled one, by its length, (S,) each.
    """
    figure = Figure(figsize=(10.4, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(2, 1))
    for k, (name, rows) in enumerate(values.items()):
        whole = rows.shape[1] - rows.shape[1] % _MEAN_OF
        means = rows[:, :whole].mean(axis=0).reshape(-1, _MEAN_OF).mean(axis=1)
        where = block * (_MEAN_OF * np.arange(means.size) + _MEAN_OF / 2)
        style = {"color": "0.35", "linestyle": _BASELINES[k]} if k < len(_BASELINES) else {"color": COLOURS[k - 3]}
        left.plot(where, means, linewidth=1.6, label=name, **style)
    left.axhline(best, color="black", linewidth=0.9, linestyle=(0, (6, 3)))
    left.set_xlabel("round")
    left.set_ylabel("value of the levers in force")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=4, frameon=False, fontsize=9)
    lengths = np.array(list(misled))
    spread = np.array([each.std(ddof=1) for each in misled.values()])
    means = np.array([each.mean() for each in misled.values()])
    right.errorbar(lengths, means, spread, color=COLOURS[0], marker="o", markersize=5)
    right.set_xscale("log")
    right.set_xticks(lengths.tolist(), [f"{length}" for length in lengths])
    right.minorticks_off()
    right.set_ylim(bottom=0)
    right.set_xlabel("rounds that levers are kept")
    right.set_ylabel("distance from the settled value")
    return figure
