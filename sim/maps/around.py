"""The grid that shows every ratio of incentives near the present one."""

from __future__ import annotations

import numpy as np

from sim.alignment_game import Incentives
from sim.arrays import Array, whole_number
from sim.maps.grid import COEFFICIENTS


def held_coefficient(incentives: Incentives) -> str:
    """The coefficient that stays while the others vary: inconsistency, or diversity where that costs nothing."""
    return "inconsistency" if incentives.inconsistency > 0 else "diversity"


def axis_around(incentives: Incentives, name: str, points: int) -> Array:
    """Two decades to either side of the present value of a coefficient, on a log scale, (points,).

    Around that of the terms it competes with, if it is zero.
    """
    present = getattr(incentives, name) or incentives.inconsistency or incentives.diversity
    axis: Array = present * np.logspace(-2, 2, whole_number("points", points, minimum=2))
    return axis


def grid_around(incentives: Incentives, points: int) -> dict[str, float | Array]:
    """The grid of `sim.maps.exclusion_map` around the present incentives.

    One coefficient is held, two vary: since only ratios count, that shows them all.

    Args:
        incentives: The present ones; not both bI and bD zero.
        points: Points along each axis.

    >>> grid = grid_around(Incentives(2.0, 1.0, 0.5), 3)
    >>> grid["attractiveness"].tolist(), grid["inconsistency"], grid["diversity"].tolist()
    ([0.02, 2.0, 200.0], 1.0, [0.005, 0.5, 50.0])
    """
    held = held_coefficient(incentives)
    axes = {name: axis_around(incentives, name, points) for name in COEFFICIENTS if name != held}
    return {**axes, held: getattr(incentives, held)}
