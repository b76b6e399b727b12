"""Figures of the oversight game with agents that learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from scipy import stats

from agents.parametric import Rates
from experiments.report.figures import COLOURS
from experiments.studies.oversight.parametric_ends import Drift, Ends
from sim.arrays import Array

_SHOWN = {
    "value": "value per task",
    "hallucination": "wrong attempts\nper task",
    "abstention": "abstentions\nper task",
    "audits": "audits\nper attempt",
}


def rows_figure(names: Sequence[str], rates: Rates, confidence: float) -> Figure:
    """Four panels of one dot a row, best value first; bars are intervals over seeds, each rate (R, S)."""
    order = np.argsort(-rates.value.mean(axis=1))
    figure = Figure(figsize=(9.5, 0.26 * len(names) + 1.2), layout="constrained")
    panels = figure.subplots(1, len(_SHOWN), sharey=True)
    place = np.arange(len(names))
    for panel, (field, label) in zip(panels, _SHOWN.items(), strict=True):
        samples: Array = getattr(rates, field)[order]
        half = (
            stats.t.ppf((1 + confidence) / 2, samples.shape[1] - 1)
            * samples.std(axis=1, ddof=1)
            / np.sqrt(samples.shape[1])
        )
        fixed = np.array([names[k].startswith(("fixed", "solver", "principal")) for k in order])
        for some, colour in ((fixed, COLOURS[0]), (~fixed, COLOURS[4])):
            panel.errorbar(
                samples.mean(axis=1)[some], place[some], xerr=half[some], fmt="o", color=colour, markersize=5, capsize=2
            )
        panel.set_xlabel(label)
        panel.grid(axis="y", color="0.92")
    panels[0].set_yticks(place, [names[k] for k in order], fontsize=8)
    panels[0].invert_yaxis()
    panels[0].axvline(0, color="0.6", linewidth=0.8)
    panels[0].plot([], [], "o", color=COLOURS[4], label="rewards that move")
    panels[0].plot([], [], "o", color=COLOURS[0], label="rewards that stay")
    figure.legend(loc="outside upper center", ncols=2, frameon=False, fontsize=9)
    return figure


def order_figure(sweep: Mapping[float, Ends]) -> Figure:
    """Value of every row by step size: rows that stay thin, those that move thick."""
    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    panel = figure.subplots()
    names = next(iter(sweep.values())).names
    moving = [name for name in names if not name.startswith(("fixed", "solver", "principal"))]
    sizes = list(sweep)
    for k, name in enumerate(names):
        values = [float(ends.rates.value[k].mean()) for ends in sweep.values()]
        if name in moving:
            place = moving.index(name)
            panel.plot(sizes, values, "o-", color=COLOURS[place % len(COLOURS)], linewidth=2, label=name)
        else:
            panel.plot(sizes, values, color="0.75", linewidth=0.9, zorder=0)
    panel.plot([], [], color="0.75", label="rewards that stay")
    panel.set_xscale("log")
    panel.set_xticks(sizes, [f"{size:g}" for size in sizes])
    panel.minorticks_off()
    panel.set_xlabel("step size of training (logits per unit of advantage)")
    panel.set_ylabel("value per task")
    figure.legend(loc="outside right center", frameon=False, fontsize=8)
    return figure


def drift_figure(drifts: Sequence[Drift]) -> Figure:
    """Value by round after the stop, a panel a start, a line a profile: mean over runs, the span of runs shaded."""
    figure = Figure(figsize=(4.6 * len(drifts), 4.4), layout="constrained")
    panels = figure.subplots(1, len(drifts), sharey=True)
    for panel, drift in zip(panels, drifts, strict=True):
        rounds = np.arange(1, drift.path.shape[2] + 1)
        for k, name in enumerate(drift.names):
            style = "-" if k < len(COLOURS) else (":", "-.")[k % 2]
            colour = COLOURS[k] if k < len(COLOURS) else "black"
            label = name.replace("_", " ") if drift is drifts[0] else None
            panel.plot(rounds, drift.path[k].mean(axis=0), style, color=colour, linewidth=1.8, label=label)
            if k < len(COLOURS):
                ends = np.quantile(drift.path[k], [0, 1], axis=0)
                panel.fill_between(rounds, *ends, color=colour, alpha=0.08, linewidth=0)
        panel.axhline(drift.level.mean(), color="0.3", linewidth=1.0, linestyle="--")
        panel.set_title(f"after {drift.start}", fontsize=10)
        panel.set_xlabel("rounds since the rewards stopped moving")
    panels[0].set_ylabel("value per task")
    figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    return figure


def averaging_figure(visits: Sequence[float], biases: Mapping[str, Array], reference: float) -> Figure:
    """Bias of switching by length of a visit on logarithmic axes, each (visits, S): dots starts, lines means."""
    figure = Figure(figsize=(6.0, 4.0), layout="constrained")
    panel = figure.subplots()
    lengths = np.array(visits)
    for k, (name, table) in enumerate(biases.items()):
        panel.plot(np.repeat(lengths, table.shape[1]), table.ravel(), "o", color=COLOURS[k], alpha=0.35, markersize=4)
        panel.plot(lengths, table.mean(axis=1), color=COLOURS[k], linewidth=2, label=name)
    first = next(iter(biases.values())).mean(axis=1)
    panel.plot(lengths, first[0] * lengths / lengths[0], ":", color="black", linewidth=1)
    panel.axvline(reference, color="0.6", linewidth=1)
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_xlabel("length of a visit to a profile, h T (step size x steps)")
    panel.set_ylabel("difference of rates from\ntraining by the mean profile")
    panel.legend(frameon=False, fontsize=9)
    return figure


class Swing(NamedTuple):
    """A path of play.

    Attributes:
        spread: Of the tasks, in logits.
        audits: Audit rate by block of steps, (T,).
    """

    spread: float
    audits: Array


def damping_figure(
    spreads: Sequence[float], rates: Mapping[str, Array], swings: Sequence[Swing], confidence: float
) -> Figure:
    """Growth rates by spread with intervals, each (spreads, S), and paths of the audit rate."""
    figure = Figure(figsize=(9.6, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    quantile = stats.t.ppf((1 + confidence) / 2, rates["together"].shape[1] - 1)
    for k, (name, label) in enumerate((("together", "both at every step"), ("by_turns", "in turns"))):
        table = rates[name]
        half = quantile * table.std(axis=1, ddof=1) / np.sqrt(table.shape[1])
        left.errorbar(spreads, table.mean(axis=1), yerr=half, fmt="o", color=COLOURS[k], capsize=2, label=label)
    left.plot(spreads, rates["expected"].mean(axis=1), color=COLOURS[0], linewidth=1, label="linearised, at every step")
    left.plot(spreads, rates["damping"].mean(axis=1), "--", color=COLOURS[1], linewidth=1, label="half the trace")
    left.axhline(0, color="0.6", linewidth=0.8)
    left.set_xlabel("spread of the hard tasks' difficulty (logits)")
    left.set_ylabel("growth of cycles per unit of training time")
    left.legend(frameon=False, fontsize=8)
    for k, swing in enumerate(swings):
        right.plot(
            np.linspace(0, 1, swing.audits.size), swing.audits, color=COLOURS[k], label=f"spread {swing.spread:g}"
        )
    right.set_xlabel("training, as a share of the measured cycles")
    right.set_ylabel("audits per attempt")
    right.set_ylim(0, 1)
    right.legend(frameon=False, fontsize=8, ncols=3, loc="upper center")
    return figure
