"""The paper's table: exclusion area, conditional exclusion and the interior share they imply, model by model."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.studies.evidence import bounds
from experiments.studies.planes import Planes
from sim.arrays import Array

SOME = "some group"
PLANE = "diversity"
"""The coefficient that is fixed at 1 in the table and in the paper's first figure."""


class Published(NamedTuple):
    """A row of the paper's table; shares of cells (arXiv 2602.06836, Big Five)."""

    area: float
    conditional: float

    @property
    def interior(self) -> float:
        """The share of cells with an interior equilibrium that the two imply.

        >>> round(Published(0.00510, 0.01128).interior, 3)
        0.452
        """
        return self.area / self.conditional


PUBLISHED = {
    "Qwen3-4B": Published(0.00510, 0.01128),
    "Qwen3-4B-Thinking-2507": Published(0.04535, 0.05040),
    "Qwen3-7B": Published(0.00210, 0.00231),
    "Mistral-7B-Instruct-v0.2": Published(0.00208, 0.00223),
    "DeepSeek-R1-Distill-Qwen-7B": Published(0.03721, 0.04068),
}
THINKING = ("Qwen3-4B-Thinking-2507", "DeepSeek-R1-Distill-Qwen-7B")
"""The models among them that think before they answer."""


class Measured(NamedTuple):
    """Areas of one group, or of whichever group, with their values in every draw."""

    area: float
    conditional: float
    interior: float
    areas: Array
    conditionals: Array
    interiors: Array


def measured(planes: Planes, group: str) -> Measured:
    """Areas of a group, or of `SOME`: cells that are black for at least one.

    The plane is that of `PLANE`; the conditional share is NaN where no equilibrium is interior.
    """
    found, risk = planes.maps[PLANE], planes.risks[PLANE]
    if group == SOME:
        area = float(np.mean(np.any([found.excluded(name) for name in planes.groups], axis=0)))
        areas, conditionals = risk.some_areas, risk.some_conditional_areas
    else:
        d = planes.groups.index(group)
        area, areas, conditionals = found.area(group), risk.areas[:, d], risk.conditional_areas[:, d]
    interior = 1 - found.white_area
    return Measured(
        area=area,
        conditional=area / interior if interior else np.nan,
        interior=interior,
        areas=areas,
        conditionals=conditionals,
        interiors=1 - risk.white_areas,
    )


def paper_rows(label: str, planes: Planes) -> pd.DataFrame:
    """One row per group and one for whichever: all in percent, with 95% intervals."""
    rows = []
    for group in (SOME, *planes.groups):
        one = measured(planes, group)
        row: dict[str, object] = {"model": label, "group": group}
        for name, value, draws in (
            ("area %", one.area, one.areas),
            ("conditional %", one.conditional, one.conditionals),
            ("implied interior %", one.interior, one.interiors),
        ):
            low, high = bounds(draws)
            row |= {name: 100 * value, f"{name} low": 100 * low, f"{name} high": 100 * high}
        rows.append(row)
    return pd.DataFrame(rows)


def published_rows() -> pd.DataFrame:
    """The paper's rows in the same columns; whom they count is not said."""
    return pd.DataFrame(
        [
            {
                "model": f"{name} (published)",
                "group": "not said",
                "area %": 100 * row.area,
                "conditional %": 100 * row.conditional,
                "implied interior %": 100 * row.interior,
            }
            for name, row in PUBLISHED.items()
        ]
    )
