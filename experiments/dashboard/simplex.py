"""Mixtures as a picture: a triangle for three groups, an axis per group for any other number."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from experiments.dashboard import charts
from sim.arrays import Array

_SIDE, _EDGE = 300.0, 44.0
_HEIGHT = _SIDE * np.sqrt(3) / 2
CORNERS: Array = np.array([[_EDGE, _EDGE + _HEIGHT], [_EDGE + _SIDE, _EDGE + _HEIGHT], [_EDGE + _SIDE / 2, _EDGE]])
"""Where the first, second and third group lie, in pixels."""


def triangle_points(mixtures: Array) -> Array:
    """Pixels of mixtures of three groups, (..., 2): the mean of the corners, weighted.

    Args:
        mixtures: (..., 3), each sums to one.
    """
    points: Array = np.asarray(mixtures, np.float64) @ CORNERS
    return points


def mixtures_picture(groups: tuple[str, ...], profile: Array, means: Array, predicted: Array | None) -> Markup:
    """Where the accounts are now, how their mean came there, and where it should settle.

    Args:
        groups: Names of the groups, D of them.
        profile: Present mixtures of every account of every seed, (N, D).
        means: Mean mixture by seed and round, (S, T, D).
        predicted: The predicted point, (D,), or None.
    """
    if len(groups) == 3:
        return _triangle(groups, profile, means, predicted)
    return _axes(groups, profile, means, predicted)


def _triangle(groups: tuple[str, ...], profile: Array, means: Array, predicted: Array | None) -> Markup:
    outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in CORNERS.tolist())
    marks = [charts.tag("polygon", points=outline, fill="white", stroke="#7b8592")]
    for share in (0.25, 0.5, 0.75):
        for d in range(3):
            ends = np.zeros((2, 3))
            ends[:, d] = share
            ends[0, (d + 1) % 3] = ends[1, (d + 2) % 3] = 1 - share
            (x1, y1), (x2, y2) = triangle_points(ends).tolist()
            marks.append(charts.tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_="rule"))
    for path in triangle_points(means):
        line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in path.tolist())
        marks.append(charts.tag("path", d=line, fill="none", stroke="#0b5f99", stroke_width=1.6, opacity=0.8))
    for x, y in triangle_points(profile).tolist():
        marks.append(charts.tag("circle", cx=x, cy=y, r=3.2, fill="#56B4E9", stroke="white", opacity=0.85))
    x, y = triangle_points(means[:, -1].mean(axis=0)).tolist()
    marks.append(charts.tag("circle", charts.tag("title", "mean now"), cx=x, cy=y, r=6, fill="#0b5f99", stroke="white"))
    if predicted is not None:
        x, y = triangle_points(predicted).tolist()
        cross = f"M{x - 8:.1f} {y:.1f}h16M{x:.1f} {y - 8:.1f}v16"
        marks.append(charts.tag("path", charts.tag("title", "predicted"), d=cross, stroke="#D55E00", stroke_width=3))
    below = CORNERS[0, 1] + 22
    named = zip(groups, ((CORNERS[0, 0], below), (CORNERS[1, 0], below), (CORNERS[2, 0], _EDGE - 12)), strict=True)
    marks += [charts.tag("text", group, x=float(x), y=float(y), class_="strong") for group, (x, y) in named]
    alt = f"Mixtures on the triangle of {', '.join(groups)}"
    return charts.picture(_SIDE + 2 * _EDGE, _HEIGHT + 2 * _EDGE, *marks, alt=alt)


def _axes(groups: tuple[str, ...], profile: Array, means: Array, predicted: Array | None) -> Markup:
    ticks = charts.shares_to(float(max(profile.max(), 0.0 if predicted is None else predicted.max())))
    axes = charts.Axes(
        x=(-0.6, len(groups) - 0.4),
        y=(0.0, ticks[-1]),
        x_ticks=(),
        y_ticks=ticks,
        x_label="",
        y_label="weight in the mixture",
        width=max(560, 90 * len(groups)),
        height=300,
    )
    marks = []
    for d, group in enumerate(groups):
        x = float(axes.across(d))
        marks.append(charts.tag("line", x1=x, x2=x, y1=axes.top, y2=axes.bottom, class_="tick", opacity=0.4))
        spread = np.linspace(-0.16, 0.16, len(profile)) if len(profile) > 1 else np.zeros(1)
        for aside, weight in zip(spread.tolist(), profile[:, d].tolist(), strict=True):
            marks.append(charts.dot(axes, d + aside, weight, r=2.6, fill=charts.colour(d), opacity=0.5, stroke="none"))
        for mean in means[:, -1, d].tolist():
            marks.append(charts.dot(axes, d, mean, r=5.5, fill=charts.colour(d), label=f"{group}: {mean:.3f}"))
        if predicted is not None:
            y = float(axes.up(predicted[d]))
            name = charts.tag("title", f"{group} predicted: {predicted[d]:.3f}")
            marks.append(
                charts.tag("line", name, x1=x - 26, x2=x + 26, y1=y, y2=y, stroke=charts.INK, stroke_width=2.4)
            )
        words = group if len(group) <= 15 else group[:14] + "…"
        marks.append(charts.tag("text", words, x=x, y=axes.bottom + 18, class_="strong"))
    return charts.chart(axes, *marks, alt=f"Weights of {', '.join(groups)}: accounts, mean and prediction")
