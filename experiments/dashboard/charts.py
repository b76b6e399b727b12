"""Line charts as SVG: small, sharp at any size, and quick enough to follow a slider. All text is escaped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from experiments.report.figures import COLOURS
from sim.arrays import Array

INK, MUTED, SHADE = "#1c2430", "#56616f", "#eceff3"
DASHES = ("", "7 3", "2 3")
"""Line styles of the first eight, the second eight and the third eight groups."""


@dataclass(frozen=True, kw_only=True)
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
    x_ticks: tuple[float, ...]
    y_ticks: tuple[float, ...]
    x_label: str
    y_label: str
    logarithmic: str = ""
    width: int = 340
    height: int = 210

    left = 52
    top = 10

    @property
    def right(self) -> int:
        """Pixels from the left at which the drawing ends."""
        return self.width - 10

    @property
    def bottom(self) -> int:
        """Pixels from the top at which it ends."""
        return self.height - 40

    def across(self, values: Array | float) -> Array:
        """Pixels from the left."""
        share = _share(np.asarray(values, np.float64), self.x, "x" in self.logarithmic)
        return self.left + share * (self.right - self.left)

    def up(self, values: Array | float) -> Array:
        """Pixels from the top."""
        share = _share(np.asarray(values, np.float64), self.y, "y" in self.logarithmic)
        return self.top + (1 - share) * (self.bottom - self.top)


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


def shares_to(highest: float) -> tuple[float, ...]:
    """Round values from 0 on for an axis of shares that shows `highest`, four steps at most.

    >>> shares_to(0.41)
    (0.0, 0.2, 0.4, 0.6)
    """
    step = next((one for one in (0.02, 0.05, 0.1, 0.2) if 4 * one >= highest), 0.25)
    count = min(math.ceil(highest / step - 1e-9), round(1 / step))
    return tuple(round(step * k, 4) for k in range(count + 1))


def tag(name: str, *content: Markup | str, **attributes: object) -> Markup:
    """An element; its attributes and its text are escaped. An underscore stands for a hyphen, and ends `class_`.

    >>> tag("text", "a < b", x=1.26, class_="left")
    Markup('<text x="1.3" class="left">a &lt; b</text>')
    """
    parts = [f' {key.rstrip("_").replace("_", "-")}="{_text(value)}"' for key, value in attributes.items()]
    inside = "".join(escape(part) for part in content)
    return Markup(f"<{name}{''.join(parts)}>{inside}</{name}>")  # noqa: S704 - every part is escaped


def _text(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else escape(str(value))


def path(axes: Axes, x: Array, y: Array) -> str:
    """The `d` of a line through points; a NaN breaks it."""
    parts, pen = [], "M"
    for left, top in zip(axes.across(x).tolist(), axes.up(y).tolist(), strict=True):
        known = math.isfinite(left + top)
        if known:
            parts.append(f"{pen}{left:.1f} {top:.1f}")
        pen = "L" if known else "M"
    return "".join(parts)


def line(axes: Axes, x: Array, y: Array, *, label: str = "", **style: object) -> Markup:
    """A line; `label` is its name for whoever points at it or can't see it."""
    return tag("path", tag("title", label), d=path(axes, x, y), fill="none", **style)


def upright(axes: Axes, value: float, *, label: str = "", **style: object) -> Markup:
    """A vertical line at a value."""
    x = float(axes.across(value))
    return tag("line", tag("title", label), x1=x, x2=x, y1=axes.top, y2=axes.bottom, **{"stroke": INK, **style})


def level(axes: Axes, value: float, *, label: str = "", **style: object) -> Markup:
    """A horizontal line at a value."""
    y = float(axes.up(value))
    given = {"stroke": MUTED, "stroke_dasharray": "3 3", **style}
    return tag("line", tag("title", label), x1=axes.left, x2=axes.right, y1=y, y2=y, **given)


def band(axes: Axes, low: float, high: float, *, label: str = "", fill: str = SHADE) -> Markup:
    """A shaded range of values across."""
    left, right = float(axes.across(low)), float(axes.across(high))
    size = {"width": max(right - left, 1.0), "height": axes.bottom - axes.top}
    return tag("rect", tag("title", label), x=left, y=axes.top, fill=fill, **size)


def dot(axes: Axes, x: float, y: float, *, label: str = "", **style: object) -> Markup:
    """A dot at a point."""
    given = {"r": 4, "stroke": "white", "stroke_width": 1, **style}
    return tag("circle", tag("title", label), cx=float(axes.across(x)), cy=float(axes.up(y)), **given)


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
    rules, names = _frame(axes)
    return picture(axes.width, axes.height, *rules, *marks, *names, alt=alt)


@lru_cache(maxsize=64)
def _frame(axes: Axes) -> tuple[tuple[Markup, ...], tuple[Markup, ...]]:
    """Ticks and rules, which lie behind the marks, and the texts and the line in front of them."""
    rules, names = [], []
    for value in axes.x_ticks:
        x = float(axes.across(value))
        rules.append(tag("line", x1=x, x2=x, y1=axes.bottom, y2=axes.bottom + 4, class_="tick"))
        names.append(tag("text", f"{value:g}", x=x, y=axes.bottom + 16))
    for value in axes.y_ticks:
        y = float(axes.up(value))
        rules.append(tag("line", x1=axes.left, x2=axes.right, y1=y, y2=y, class_="rule"))
        names.append(tag("text", f"{value:g}", x=axes.left - 6, y=y + 4, class_="left"))
    names.append(tag("text", axes.x_label, x=(axes.left + axes.right) / 2, y=axes.height - 6, class_="label"))
    turned = f"translate(12 {(axes.top + axes.bottom) / 2:.1f}) rotate(-90)"
    names.append(tag("text", axes.y_label, transform=turned, class_="label"))
    names.append(tag("line", x1=axes.left, x2=axes.right, y1=axes.bottom, y2=axes.bottom, class_="frame"))
    return tuple(rules), tuple(names)


def picture(width: float, height: float, *marks: Markup, alt: str) -> Markup:
    """Marks on a drawing of this many pixels."""
    size = {"viewBox": f"0 0 {width:g} {height:g}", "role": "img", "aria_label": alt}
    return tag("svg", *marks, class_="chart", **size)


def key(entries: Sequence[tuple[str, str]]) -> Markup:
    """Colours and what they stand for, in a row."""
    chips = [tag("span", tag("i", style=f"background:{fill}"), text, class_="key") for fill, text in entries]
    return tag("div", *chips, class_="keys")
