"""Pictures of worked examples: weights by round, side by side where a rule converges and where it does not."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray
from rich.console import Console

from experiments.report.figures import COLOURS, png
from sim.arrays import Array
from sim.errors import InputError

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images" / "dynamics"
"""Where the pictures of the documentation lie, in a checkout."""

_CAPTION_WIDTH = 36
_MOST_POINTS = 250


@dataclass(frozen=True, eq=False)
class Example:
    """One run of a rule, with what it shows.

    Attributes:
        title: The setting, in a few words.
        claim: What happens, in one or two sentences; the caption under the panel.
        trajectory: Profiles by round, shape (T, M, D).
        target: The equilibrium to compare with, shape (D,), or None.
        log_rounds: Whether rounds are drawn on a log axis, for rules that slow down.
    """

    title: str
    claim: str
    trajectory: Array
    target: Array | None
    log_rounds: bool = False


def draw_examples(path: str | Path, examples: Sequence[Example], groups: Sequence[str] | None = None) -> None:
    """Write one PNG with a panel per example: accounts thin, their mean thick, the equilibrium dashed.

    Args:
        path: Where the picture goes; folders are made as needed.
        examples: At least one, all with the same number of groups D.
        groups: Names of the groups, or None for "group 1" to "group D".

    Raises:
        InputError: No example, or examples or names that disagree on D.
    """
    if not examples:
        raise InputError("examples", "none", "give at least one example to draw")
    dimension = examples[0].trajectory.shape[2]
    names = tuple(groups) if groups is not None else tuple(f"group {d + 1}" for d in range(dimension))
    for example in examples:
        if example.trajectory.shape[2] != len(names):
            shape = example.trajectory.shape
            raise InputError("examples", f"trajectory of shape {shape}", f"expected {len(names)} groups throughout")
    figure = Figure(figsize=(2.9 * len(examples), 3.9), layout="constrained")
    panels = figure.subplots(1, len(examples), sharey=True, squeeze=False)[0]
    for panel, example in zip(panels, examples, strict=True):
        _draw(panel, example)
    panels[0].set_ylabel("weight in the mixture", fontsize=11)
    figure.legend(handles=_legend(names), loc="outside lower center", ncols=3, frameon=False, fontsize=9.5)
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(png(figure))


def main_for(name: str, build: Callable[[], Sequence[Example]]) -> None:
    """Build the examples of one rule and write docs/images/dynamics/<name>.png."""
    path = IMAGES / f"{name}.png"
    draw_examples(path, build())
    Console().print(f"wrote {path}", highlight=False, soft_wrap=True)


def _draw(panel: Axes, example: Example) -> None:
    shown = _rounds_shown(example)
    path = example.trajectory[shown]
    # A log axis has no place for round 0, so there the start is drawn as round 1.
    rounds = shown + int(example.log_rounds)
    thinness = max(0.15, min(0.5, 3.0 / path.shape[1]))
    for d in range(path.shape[2]):
        colour = COLOURS[d % len(COLOURS)]
        mean = path[:, :, d].mean(axis=1)
        # A long path that jumps up and down would fill the panel.
        thick = 2.2 if len(path) <= 50 or np.abs(np.diff(mean)).mean() < 0.1 else 0.9
        panel.plot(rounds, path[:, :, d], color=colour, alpha=thinness, linewidth=0.9)
        panel.plot(rounds, mean, color=colour, linewidth=thick)
        if example.target is not None:
            panel.axhline(example.target[d], color=colour, linewidth=3.4, alpha=0.25)
            panel.axhline(example.target[d], color="black", linewidth=1.1, linestyle="--")
    if example.log_rounds:
        panel.set_xscale("log")
        panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    panel.set_xlim(rounds[0], rounds[-1])
    panel.set_ylim(0, 1)
    panel.set_title(textwrap.fill(example.title, 30), fontsize=11)
    panel.set_xlabel("round", fontsize=11)
    caption = textwrap.fill(example.claim, _CAPTION_WIDTH)
    panel.text(0.5, -0.26, caption, transform=panel.transAxes, ha="center", va="top", fontsize=9.5)


def _rounds_shown(example: Example) -> NDArray[np.int64]:
    """Rounds drawn: all, or so many that noise does not fill the panel."""
    last = example.trajectory.shape[0] - 1
    if example.log_rounds:
        return np.unique(np.geomspace(1, last + 1, _MOST_POINTS).astype(np.int64)) - 1
    return np.arange(0, last + 1, -(-(last + 1) // (4 * _MOST_POINTS)))


def _legend(names: Sequence[str]) -> list[Line2D]:
    lines = [Line2D([], [], color=COLOURS[d % len(COLOURS)], linewidth=2.2, label=name) for d, name in enumerate(names)]
    lines.append(Line2D([], [], color="grey", linewidth=2.2, label="mean of accounts"))
    lines.append(Line2D([], [], color="grey", linewidth=0.8, alpha=0.6, label="one account"))
    lines.append(Line2D([], [], color="black", linewidth=1.1, linestyle="--", label="equilibrium"))
    return lines
