"""Figures of a run: readable at half width, colour-blind-safe, prediction always as a black line."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from agents.subpopulations.population import Opinions
from sim.arrays import Array
from sim.gap import Gap

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#999999")
"""Okabe-Ito: distinguishable with any colour vision."""

mpl.rcParams.update({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False})


def png(figure: Figure) -> bytes:
    """Render a figure."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130, bbox_inches="tight", metadata={"Software": "equipolis"})
    return buffer.getvalue()


def trajectory(
    trajectories: Array,
    groups: Sequence[str],
    *,
    prediction: Array,
    control: Array,
    window: float,
    tolerance: float,
) -> Figure:
    """Weight of every group by round: accounts thin, population bold, prediction black, wrong prediction dotted.

    Args:
        trajectories: Profiles by seed and round, (S, rounds + 1, M, D).
        groups: Names of the groups.
        prediction: Predicted mixture, (D,).
        control: The negative control's wrong prediction, (D,).
        window: Share of the last rounds that the verdict averages.
        tolerance: Half width of the band around the prediction.
    """
    rounds = np.arange(trajectories.shape[1])
    figure = Figure(figsize=(2.3 * len(groups) + 0.6, 3.3), layout="constrained")
    panels = figure.subplots(1, len(groups), sharey=True, squeeze=False)[0]
    population = trajectories.mean(axis=2)
    for d, (panel, group) in enumerate(zip(panels, groups, strict=True)):
        colour = COLOURS[d % len(COLOURS)]
        lines = trajectories[:, :, :, d].transpose(1, 0, 2).reshape(len(rounds), -1)
        panel.plot(rounds, lines, color=colour, alpha=0.18, linewidth=0.7)
        panel.plot(rounds, population[:, :, d].T, color=colour, alpha=0.6, linewidth=1.0)
        panel.plot(rounds, population[:, :, d].mean(axis=0), color=colour, linewidth=2.6, label="population")
        panel.axhspan(prediction[d] - tolerance, prediction[d] + tolerance, color="black", alpha=0.06, linewidth=0)
        panel.axhline(prediction[d], color="black", linewidth=1.4, linestyle="--", label="predicted")
        panel.axhline(control[d], color="black", linewidth=1.0, linestyle=":", label="wrong prediction")
        panel.axvspan(rounds[-1] * (1 - window), rounds[-1], color="grey", alpha=0.12, linewidth=0)
        panel.set_title(group, fontsize=11)
        panel.set_xlabel("round")
    panels[0].set_ylabel("weight in the mixture")
    panels[0].set_ylim(0, max(0.6, float(population.max()) * 1.1))
    panels[0].legend(fontsize=7.5, frameon=False, loc="upper left")
    return figure


def exploitability(by_round: Array) -> Figure:
    """Largest unilateral gain by round, one line per seed, log scale; `by_round` has shape (S, rounds + 1)."""
    figure = Figure(figsize=(5.2, 3.0), layout="constrained")
    panel = figure.subplots()
    shown = np.maximum(by_round, 1e-12)
    panel.plot(shown.T, color=COLOURS[0], alpha=0.45, linewidth=1.0)
    panel.plot(np.exp(np.log(shown).mean(axis=0)), color=COLOURS[0], linewidth=2.4, label="geometric mean of seeds")
    panel.set_yscale("log")
    panel.set_xlabel("round")
    panel.set_ylabel("exploitability (payoff)")
    panel.legend(fontsize=8, frameon=False)
    return figure


def gap_bars(gap: Gap, groups: Sequence[str]) -> Figure:
    """Observed minus predicted weight by group, split by cause."""
    figure = Figure(figsize=(6.4, 3.0), layout="constrained")
    panel = figure.subplots()
    position = np.arange(len(groups))
    causes = ("realisation", "estimation", "dynamics", "sampling")
    for k, cause in enumerate(causes):
        panel.bar(position + (k - 1.5) * 0.18, getattr(gap, cause), 0.17, color=COLOURS[k], label=cause)
    panel.plot(position, gap.total, "k_", markersize=26, markeredgewidth=2, label="total")
    panel.axhline(0, color="black", linewidth=0.8)
    panel.set_xticks(position, groups, fontsize=8)
    panel.set_ylabel("observed - predicted weight")
    panel.legend(fontsize=8, frameon=False, ncols=5, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure


def confusion(tables: Mapping[str, Array], groups: Sequence[str], rows: str) -> Figure:
    """Heat maps of confusion tables (rows sum to 1), side by side."""
    figure = Figure(figsize=(4.4 * len(tables) + 0.4, 3.8), layout="constrained")
    panels = figure.subplots(1, len(tables), squeeze=False)[0]
    for panel, (title, table) in zip(panels, tables.items(), strict=True):
        panel.imshow(table, vmin=0, vmax=1, cmap="cividis")
        for i in range(len(groups)):
            for j in range(len(groups)):
                panel.text(
                    j, i, f"{table[i, j]:.2f}", ha="center", va="center", fontsize=8,
                    color="white" if table[i, j] < 0.6 else "black",
                )  # fmt: skip
        panel.set_xticks(range(len(groups)), groups, fontsize=8, rotation=30, ha="right")
        panel.set_yticks(range(len(groups)), groups, fontsize=8)
        panel.set_title(title, fontsize=10)
        panel.set_xlabel("heard as")
        panel.set_ylabel(rows)
        panel.spines[:].set_visible(False)
    return figure


def opinions_against_people(opinions: Opinions) -> Figure:
    """Mean answer of each group to each item, language model against real people, less the item's mean."""
    if opinions.people is None:
        raise ValueError("opinions carry no answers of real people to compare with")
    figure = Figure(figsize=(4.2, 3.6), layout="constrained")
    panel = figure.subplots()

    def deviations(probabilities: tuple[Array, ...]) -> Array:
        means = np.stack([p @ np.arange(1, p.shape[1] + 1) for p in probabilities])
        centred: Array = means - (means @ opinions.table.shares)[:, None]
        return centred

    people, model = deviations(opinions.people.probabilities), deviations(opinions.table.probabilities)
    for g, group in enumerate(opinions.table.groups):
        panel.scatter(people[:, g], model[:, g], s=14, color=COLOURS[g % len(COLOURS)], label=group, alpha=0.8)
    limits = np.array([people.min(), people.max()])
    panel.plot(limits, limits, color="black", linewidth=0.8, linestyle="--")
    panel.axhline(0, color="grey", linewidth=0.5)
    panel.axvline(0, color="grey", linewidth=0.5)
    panel.set_xlabel("real people (answer - item mean)")
    panel.set_ylabel("language model")
    panel.legend(fontsize=7, frameon=False)
    return figure
