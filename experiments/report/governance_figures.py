"""Figures of governance: who comes back, what it costs, what is possible at best, what a lever bears."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from experiments.report.figures import COLOURS
from experiments.report.study_figures import style
from sim.alignment_game import AlignmentGame
from sim.arrays import Array
from sim.design import Front, effective_groups

if TYPE_CHECKING:
    from experiments.studies.governance.trials import Trial

_NOW = "black"


def weights_figure(groups: Sequence[str], now: Array, after: Array | None, threshold: float) -> Figure:
    """Share of the posts of each group, now and after the lever: two dots a row."""
    figure = Figure(figsize=(5.6, 0.45 * len(groups) + 1.4), layout="constrained")
    panel = figure.subplots()
    place = np.arange(len(groups))
    if after is not None:
        panel.hlines(place, now, after, color="0.7", linewidth=2)
    panel.plot(now, place, "o", color=_NOW, markersize=8, label="now")
    if after is not None:
        panel.plot(after, place, "D", color=COLOURS[0], markersize=7, label="after the smallest change")
    panel.axvline(threshold, color=COLOURS[4], linewidth=1.2, linestyle=":", label="threshold")
    panel.set_yticks(place, groups)
    panel.invert_yaxis()
    panel.set_xlim(left=-0.01)
    panel.xaxis.set_major_formatter(PercentFormatter(1))
    panel.set_xlabel("share of the posts that speaks for the group")
    figure.legend(loc="outside upper center", ncols=3, frameon=False, fontsize=9)
    return figure


def prices_figure(trials: Sequence[Trial]) -> Figure:
    """Engagement given up by every method, a dot a repetition; hollow where a group is still left out."""
    figure = Figure(figsize=(6.4, 0.36 * len(trials) + 1.3), layout="constrained")
    panel = figure.subplots()
    for row, trial in enumerate(trials):
        colour = COLOURS[1] if trial.feedback else COLOURS[0]
        held = trial.held > 0
        for some, face in ((held, colour), (~held, "white")):
            prices = trial.prices[some]
            panel.plot(prices, np.full(prices.size, row), "o", color=colour, markerfacecolor=face, markersize=7)
        if all(each is None for each in trial.found):
            panel.text(0.002, row, "none suffices", va="center", fontsize=9, color="0.35")
    panel.axvline(0, color="0.6", linewidth=0.8)
    panel.set_yticks(np.arange(len(trials)), [trial.name for trial in trials], fontsize=9)
    panel.invert_yaxis()
    panel.xaxis.set_major_formatter(PercentFormatter(1))
    panel.set_xlabel("share of engagement given up")
    panel.plot([], [], "o", color=COLOURS[0], label="knows the game")
    panel.plot([], [], "o", color=COLOURS[1], label="sees posts only")
    figure.legend(loc="outside upper center", ncols=2, frameon=False, fontsize=9)
    return figure


def fronts_figure(
    least: Front, groups: Front, *, game: AlignmentGame, now: Array, trials: Sequence[Trial], threshold: float
) -> Figure:
    """Engagement against the least weight and against effective groups: the front, today, and every lever."""
    figure = Figure(figsize=(9.0, 4.0), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    found = [(trial.feedback, one.after) for trial in trials for one in trial.found if one is not None]
    worth = float(game.attractiveness @ now)
    for panel, front, here in ((left, least, now.min()), (right, groups, effective_groups(now).shannon)):
        panel.plot(front.representation, front.engagement, color="0.25", linewidth=2, label="the front")
        panel.plot(here, worth, "*", color=_NOW, markersize=14, label="now", zorder=4)
        for feedback, name in ((False, "knows the game"), (True, "sees posts only")):
            points = [m for seen, m in found if seen == feedback]
            x = [m.least if panel is left else m.effective for m in points]
            marker = "o" if feedback else "D"
            panel.plot(x, [m.engagement for m in points], marker, color=COLOURS[int(feedback)], alpha=0.8, label=name)
    left.axvline(threshold, color=COLOURS[4], linewidth=1.2, linestyle=":", label="threshold")
    left.xaxis.set_major_formatter(PercentFormatter(1))
    left.set_xlabel("posts for the smallest group")
    left.set_ylabel("engagement a'w (views per post)")
    right.set_xlabel("effective number of groups")
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=5, frameon=False, fontsize=9)
    return figure


def blocs_figure(
    shares: Array, hostile: Mapping[str, Array], colluding: Mapping[str, Array], threshold: float
) -> Figure:
    """Posts for the smallest group as a bloc grows, a line a lever: hostile accounts left, colluding ones right."""
    figure = Figure(figsize=(8.6, 3.5), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    titles = ("hostile: they want a group gone", "colluding: they want views together")
    for panel, lines, title in zip(panels, (hostile, colluding), titles, strict=True):
        _lines(panel, shares, lines, threshold)
        panel.set_title(title, fontsize=10)
        panel.set_xlabel("accounts in the bloc")
        panel.xaxis.set_major_formatter(PercentFormatter(1))
    panels[0].set_ylabel("posts for the smallest group")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False, fontsize=9)
    return figure


def errors_figure(factors: Array, lines: Mapping[str, Mapping[str, Array]], threshold: float) -> Figure:
    """Posts for the smallest group as one true coefficient is off: a panel a coefficient, a line a lever."""
    figure = Figure(figsize=(10.2, 3.3), layout="constrained")
    panels = figure.subplots(1, len(lines), sharey=True, squeeze=False)[0]
    for panel, (coefficient, levers) in zip(panels, lines.items(), strict=True):
        _lines(panel, factors, levers, threshold)
        panel.axvline(1, color="0.6", linewidth=0.8)
        panel.set_xscale("log")
        panel.set_xticks([0.5, 0.7, 1, 1.4, 2], ["1/2", "0.7", "1", "1.4", "2"])
        panel.minorticks_off()
        panel.set_xlabel("true / assumed")
        panel.set_title(coefficient, fontsize=10)
    panels[0].set_ylabel("posts for the smallest group")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False, fontsize=9)
    return figure


def _lines(panel: Axes, across: Array, lines: Mapping[str, Array], threshold: float) -> None:
    for number, (name, weights) in enumerate(lines.items()):
        colour, dash = style(number)
        panel.plot(across, weights, color=colour, linestyle=dash, linewidth=2, label=name)
    panel.axhline(threshold, color="black", linewidth=1, linestyle=":", label="threshold")
    panel.set_xlim(across.min(), across.max())
    panel.set_ylim(bottom=0)
    panel.yaxis.set_major_formatter(PercentFormatter(1))
