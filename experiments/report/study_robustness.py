"""In how many readings each statement holds: a table of counts in colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure


def robustness_figure(rows: pd.DataFrame, statements: Sequence[str]) -> Figure:
    """One row for each pair of estimators of C and S, one column a statement, each cell "holds / can be tested".

    Args:
        rows: A reading a row, with columns "inconsistency", "similarity" and the statements, "yes", "no" or "".
        statements: Columns to show.
    """
    pairs = list(dict.fromkeys(zip(rows["inconsistency"], rows["similarity"], strict=True)))
    counts = np.zeros((len(pairs), len(statements), 2), np.int64)
    for r, (own, crowd) in enumerate(pairs):
        chosen = rows[(rows["inconsistency"] == own) & (rows["similarity"] == crowd)]
        for c, statement in enumerate(statements):
            counts[r, c] = (chosen[statement] == "yes").sum(), (chosen[statement] != "").sum()
    tested = counts[..., 1] > 0
    share = np.where(tested, counts[..., 0] / np.maximum(counts[..., 1], 1), np.nan)
    figure = Figure(figsize=(0.95 * len(statements) + 2.6, 0.36 * len(pairs) + 1.6), layout="constrained")
    panel = figure.subplots()
    mesh = panel.imshow(share, vmin=0, vmax=1, cmap="cividis", aspect="auto")
    for r in range(len(pairs)):
        for c in range(len(statements)):
            holds, of = counts[r, c]
            dark = tested[r, c] and share[r, c] < 0.55
            text = f"{holds}/{of}" if of else "-"
            panel.text(c, r, text, ha="center", va="center", fontsize=8, color="white" if dark else "black")
    panel.set_xticks(range(len(statements)), statements, fontsize=9, rotation=30, ha="right")
    panel.set_yticks(range(len(pairs)), [f"{own}, {crowd}" for own, crowd in pairs], fontsize=8)
    panel.set_ylabel("C, S")
    panel.spines[:].set_visible(False)
    figure.colorbar(mesh, ax=panel, label="share of readings", shrink=0.8)
    return figure
