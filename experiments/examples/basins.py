"""Which start leads where, on the simplex of three groups. Writes docs/images/dynamics/basins.png."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from rich.console import Console

from experiments.examples.panel import IMAGES
from experiments.report.figures import COLOURS, png
from sim.alignment_game import AlignmentGame, Incentives
from sim.arrays import Array
from sim.diagnosis import Basins, LimitSet, basins, simplex_grid
from sim.dynamics import Dynamics, ExponentiatedGradient, ProjectedGradient, StepSize

_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(3) / 2]])
_GREY = "#BBBBBB"
_SMALL = 0.03
"""Limit sets with a smaller share are drawn together, in grey."""


@dataclass(frozen=True, eq=False)
class Landscape:
    """One map of basins.

    Attributes:
        title: The setting, in a few words.
        claim: What the map shows; the caption.
        found: The basins; every account starts from the same mixture.
    """

    title: str
    claim: str
    found: Basins


def measure(resolution: int = 22, rounds: int = 400) -> list[Landscape]:
    """Accounts that attract each other have several equilibria; too large steps make the only one repel."""
    grid = simplex_grid(3, resolution, margin=0.02)

    def play(attraction: float, rule: Dynamics) -> Basins:
        game = AlignmentGame(
            attractiveness=np.array([0.25, 0.1, 0.0]),
            inconsistency=np.eye(3),
            similarity=-np.eye(3),
            incentives=Incentives(1.0, 1.0, attraction),
            accounts=2,
        )
        return basins(game, rule, grid, rounds=rounds, rng=np.random.default_rng(0))

    return [
        Landscape(
            "Accounts attract each other",
            "Small gradient steps end at one of three corners, each an equilibrium; the more attractive the group, the "
            "larger its basin.",
            play(2.6, ProjectedGradient(StepSize(0.1))),
        ),
        Landscape(
            "No crowding, steps too large",
            "Exponentiated gradient with a step of 6: the only equilibrium repels, and the start no longer matters: "
            "every run is chaotic.",
            play(0.0, ExponentiatedGradient(StepSize(6.0))),
        ),
    ]


def draw(path: str | Path, landscapes: list[Landscape]) -> None:
    """Write the picture: one triangle per landscape, every start coloured by where it ends."""
    figure = Figure(figsize=(3.9 * len(landscapes), 5.2), layout="constrained")
    panels = figure.subplots(1, len(landscapes), squeeze=False)[0]
    for panel, landscape in zip(panels, landscapes, strict=True):
        _draw(panel, landscape)
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(png(figure))


def write(path: str | Path = IMAGES / "basins.png") -> None:
    """Measure and draw."""
    draw(path, measure())


def _draw(panel: Axes, landscape: Landscape) -> None:
    found = landscape.found
    starts = _flat(found.starts[:, 0])
    spacing = 1.0 / np.sqrt(2 * len(starts))
    for label, limit in enumerate(found.limits):
        here = found.labels == label
        colour = _colour(label, limit)
        panel.scatter(
            starts[here, 0], starts[here, 1], s=(255 * spacing) ** 2, color=colour, marker="h", linewidths=0, alpha=0.85
        )
    for label, limit in enumerate(found.limits):
        if limit.kind == "equilibrium":
            place = _flat(limit.profile.mean(axis=0))
            panel.plot(*place, "o", color=_colour(label, limit), markeredgecolor="black", markersize=10, zorder=3)
    panel.plot(*_CORNERS[[0, 1, 2, 0]].T, color="black", linewidth=1.2)
    for d, (corner, align) in enumerate(zip(_CORNERS, ("left", "right", "center"), strict=True)):
        above = d == 2
        shift = 0.035 if above else -0.045
        vertical = "bottom" if above else "top"
        panel.text(corner[0], corner[1] + shift, f"all group {d + 1}", ha=align, va=vertical, fontsize=11)
    handles = [
        Line2D([], [], marker="h", linestyle="", markersize=10, color=_colour(label, limit), label=_name(limit))
        for label, limit in enumerate(found.limits)
        if limit.share >= _SMALL
    ]
    others = sum(limit.share for limit in found.limits if limit.share < _SMALL)
    if others:
        handles.append(
            Line2D([], [], marker="h", linestyle="", markersize=10, color=_GREY, label=f"others: {others:.0%}")
        )
    panel.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.06), frameon=False, fontsize=10.5)
    panel.set_title(landscape.title + "\n", fontsize=12)
    panel.set_aspect("equal")
    panel.set_axis_off()
    caption = textwrap.fill(landscape.claim, 42)
    panel.text(0.5, -0.46, caption, transform=panel.transAxes, ha="center", va="top", fontsize=10.5)


def _flat(mixtures: Array) -> Array:
    place: Array = mixtures @ _CORNERS
    return place


def _colour(label: int, limit: LimitSet) -> str:
    if limit.kind == "unsettled" or limit.share < _SMALL:
        return _GREY
    return "#222222" if limit.kind == "chaos" else COLOURS[label % len(COLOURS)]


def _name(limit: LimitSet) -> str:
    if limit.kind == "equilibrium":
        weights = ", ".join(f"{weight:.2f}" for weight in limit.profile.mean(axis=0))
        return f"equilibrium ({weights}): {limit.share:.0%}"
    if limit.kind == "cycle":
        return f"cycle of {limit.period} rounds: {limit.share:.0%}"
    return f"{limit.kind}: {limit.share:.0%}"


if __name__ == "__main__":
    write()
    Console().print(f"wrote {IMAGES / 'basins.png'}", highlight=False, soft_wrap=True)
