"""Line charts as SVG: small, sharp at any size, and quick enough to follow a slider. All text is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from experiments.report.figures import COLOURS
from sim.arrays import Array

DASHES = ("", "7 3", "2 3")
"""Line styles of the first eight, the second eight and the third eight groups."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Axes:
    """Where a chart's numbers lie.

    Attributes:
        x: Least and greatest value across.
        y: Least and greatest value upwards.
        x_ticks: Values to name across.
        y_ticks: Values to name upwards.
        x_label: What is across, with its unit.
        y_label: What is upwards, with its unit.
        logarithmic: Which axes are logarithmic, of "x" and "y".
        width: In pixels of the drawing.
        height: The same.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    x_ticks: Sequence[float]
    y_ticks: Sequence[float]
    x_label: str
    y_label: str
    logarithmic: str = ""
    width: int = 340
    height: int = 210

    LEFT, RIGHT, TOP, BOTTOM = 46, 10, 10, 40

    def across(self, values: Array | float) -> Array:
        """Pixels from the left."""
        share = _share(np.asarray(values, np.float64), self.x, "x" in self.logarithmic)
        return self.LEFT + share * (self.width - self.LEFT - self.RIGHT)

    def up(self, values: Array | float) -> Array:
        """Pixels from the top."""
        share = _share(np.asarray(values, np.float64), self.y, "y" in self.logarithmic)
        return self.TOP + (1 - share) * (self.height - self.TOP - self.BOTTOM)


def _share(values: Array, ends: tuple[float, float], logarithmic: bool) -> Array:
    low, high = ends
    if logarithmic:
        floor = np.maximum(values, low)
        return np.asarray(np.log(floor / low) / np.log(high / low))
    return np.asarray((values - low) / (high - low))


def colour(group: int) -> str:
    """Colour of a group, the same in every panel."""
    return COLOURS[group % len(COLOURS)]


def dash(group: int) -> str:
    """Line style of a group: colours repeat after eight."""
    return DASHES[min(group // len(COLOURS), len(DASHES) - 1)]


def path(axes: Axes, x: Array, y: Array) -> str:
    """The `d` of a line through points; a NaN breaks it."""
    across, up = axes.across(x), axes.up(y)
    parts, pen = [], "M"
    for left, top in zip(across.tolist(), up.tolist(), strict=True):
        if left != left or top != top:
            pen = "M"
            continue
        parts.append(f"{pen}{left:.1f} {top:.1f}")
        pen = "L"
    return "".join(parts)


def line(axes: Axes, x: Array, y: Array, *, stroke: str, width: float = 1.6, dashes: str = "", opacity: float = 1.0,
         label: str = "") -> Markup:  # fmt: skip
    """A line; `label` is its name for whoever points at it or can't see it."""
    return Markup(
        '<path d="{}" fill="none" stroke="{}" stroke-width="{}" stroke-dasharray="{}" opacity="{}"><title>{}</title></path>'
    ).format(path(axes, x, y), stroke, width, dashes, opacity, label)


def upright(axes: Axes, value: float, *, stroke: str = "#1c2430", dashes: str = "", label: str = "") -> Markup:
    """A vertical line at a value."""
    x = float(axes.across(value))
    return Markup(
        '<line x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}" stroke="{3}" stroke-width="1.2" stroke-dasharray="{4}">'
        "<title>{5}</title></line>"
    ).format(x, axes.TOP, axes.height - axes.BOTTOM, stroke, dashes, label)


def level(axes: Axes, value: float, *, stroke: str = "#5b6673", dashes: str = "3 3", label: str = "") -> Markup:
    """A horizontal line at a value."""
    y = float(axes.up(value))
    return Markup(
        '<line x1="{1}" x2="{2}" y1="{0:.1f}" y2="{0:.1f}" stroke="{3}" stroke-dasharray="{4}"><title>{5}</title></line>'
    ).format(y, axes.LEFT, axes.width - axes.RIGHT, stroke, dashes, label)


def band(axes: Axes, low: float, high: float, *, fill: str = "#eceff3", label: str = "") -> Markup:
    """A shaded range of values across."""
    left, right = float(axes.across(low)), float(axes.across(high))
    return Markup('<rect x="{:.1f}" y="{}" width="{:.1f}" height="{}" fill="{}"><title>{}</title></rect>').format(
        left, axes.TOP, max(right - left, 0.0), axes.height - axes.TOP - axes.BOTTOM, fill, label
    )


def dot(axes: Axes, x: float, y: float, *, fill: str, radius: float = 4.0, stroke: str = "white", label: str = "") -> Markup:
    """A dot at a point."""
    return Markup(
        '<circle cx="{:.1f}" cy="{:.1f}" r="{}" fill="{}" stroke="{}" stroke-width="1.2"><title>{}</title></circle>'
    ).format(float(axes.across(x)), float(axes.up(y)), radius, fill, stroke, label)


def runs(mask: NDArray[np.bool_], values: Array) -> list[tuple[float, float]]:
    """Ranges of `values` over which `mask` holds: from the first to the last value of every stretch.

    >>> runs(np.array([True, True, False, True]), np.array([1.0, 2.0, 3.0, 4.0]))
    [(1.0, 2.0), (4.0, 4.0)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(float(values[a]), float(values[b - 1])) for a, b in edges.reshape(-1, 2)]


def chart(axes: Axes, *marks: Markup, alt: str) -> Markup:
    """Marks on axes.

    Args:
        axes: Where numbers lie.
        marks: What is drawn, the first at the back.
        alt: What it shows, for whoever can't see it.
    """
    bottom = axes.height - axes.BOTTOM
    ticks = [
        Markup('<line x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}" class="tick"/><text x="{0:.1f}" y="{3}">{4}</text>').format(
            float(axes.across(value)), bottom, bottom + 4, bottom + 16, f"{value:g}"
        )
        for value in axes.x_ticks
    ] + [
        Markup(
            '<line x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}" class="rule"/>'
            '<text x="{3}" y="{4:.1f}" class="left">{5}</text>'
        ).format(
            axes.LEFT, axes.width - axes.RIGHT, float(axes.up(value)), axes.LEFT - 6, float(axes.up(value)) + 4, f"{value:g}"
        )
        for value in axes.y_ticks
    ]  # fmt: skip
    frame = Markup('<line x1="{0}" x2="{1}" y1="{2}" y2="{2}" class="frame"/>').format(
        axes.LEFT, axes.width - axes.RIGHT, bottom
    )
    labels = Markup(
        '<text x="{:.1f}" y="{}" class="label">{}</text><text transform="translate(12 {:.1f}) rotate(-90)" class="label">{}</text>'
    ).format((axes.LEFT + axes.width - axes.RIGHT) / 2, axes.height - 6, axes.x_label, (axes.TOP + bottom) / 2, axes.y_label)
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        axes.width, axes.height, alt, Markup("").join([*ticks, *marks, frame, labels])
    )


def key(entries: Sequence[tuple[str, str]]) -> Markup:
    """Colours and what they stand for, in a row."""
    chip = Markup('<span class="key"><i style="background:{}"></i>{}</span>')
    return Markup('<div class="keys">{}</div>').format(
        Markup("").join(chip.format(fill, escape(text)) for fill, text in entries)
    )
