"""The numbers of the map explorer: planes of incentives, slices, the equilibrium at one point, and pictures of them."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from experiments.dashboard.tables import Table
from experiments.report.map_figure import SCALE
from sim.alignment_game import Incentives
from sim.arrays import Array
from sim.equilibrium import HomogeneousEquilibrium, homogeneous_equilibrium
from sim.maps import ExclusionMap, Slice, exclusion_map, incentive_slice
from sim.maps.grid import COEFFICIENTS

POINTS = 200
AXIS: Array = np.logspace(-2, 2, POINTS)
"""Values of an incentive along the side of a map."""
FINE: Array = np.logspace(-2, 2, 101)
"""Values of an incentive along a slice."""
BLACK, WHITE, FIRST = 0, 1, 2
"""Colours of a picture by number: excluded, no interior equilibrium, and the first of the scale of weights."""
_COLOURS = 254
_KERNELS = threading.Lock()  # not every threading layer of the kernels may be entered by two sessions at once


@dataclass(frozen=True, eq=False, kw_only=True)
class Here:
    """The game at one point of incentives.

    Attributes:
        incentives: The point.
        equilibrium: Its homogeneous equilibrium.
        below: Groups below the threshold, boundary included, (D,).
    """

    incentives: Incentives
    equilibrium: HomogeneousEquilibrium
    below: NDArray[np.bool_]


def here(table: Table, incentives: Incentives, threshold: float) -> Here:
    """Solve the game at one point.

    Raises:
        InputError: As of the game and its equilibrium.
    """
    found = homogeneous_equilibrium(table.game(incentives))
    return Here(incentives=incentives, equilibrium=found, below=np.asarray(found.mixture < threshold))


def plane(table: Table, fixed: str, value: float, threshold: float) -> ExclusionMap:
    """The map with one incentive fixed, the other two from 0.01 to 100.

    Args:
        table: The game.
        fixed: "attractiveness", "inconsistency" or "diversity".
        value: Its value, >= 0.
        threshold: Weight below which a group counts as excluded.

    Raises:
        InputError: As of `sim.maps.exclusion_map`.
    """
    with _KERNELS:
        return exclusion_map(
            **table.terms._asdict(),
            grid=dict.fromkeys(COEFFICIENTS, AXIS) | {fixed: value},
            threshold=threshold,
            boundary=True,
            groups=table.groups,
        )


def along(table: Table, varied: str, incentives: Incentives, threshold: float) -> Slice:
    """The equilibrium as one incentive is varied and the other two stay.

    Raises:
        InputError: As of `sim.maps.incentive_slice`.
    """
    at = {name: getattr(incentives, name) for name in COEFFICIENTS}
    with _KERNELS:
        return incentive_slice(
            **table.terms._asdict(), grid=at | {varied: FINE}, threshold=threshold, groups=table.groups
        )


def highest_weight(found: ExclusionMap, group: int) -> float:
    """Weight at the top of a map's colours: the largest one in it, in steps of 0.05 so that colours stay put."""
    weights = found.mixtures[..., group][found.interior]
    return float(np.ceil(20 * weights.max(initial=found.threshold) + 1e-9) / 20)


def colours(found: ExclusionMap, group: int, highest: float) -> NDArray[np.uint8]:
    """Number of the colour of every pixel, the second incentive upwards, (n2, n1).

    Args:
        found: The map.
        group: The focal group.
        highest: Weight at the top of the scale.
    """
    weights = found.mixtures[..., group]
    span = max(highest - found.threshold, 1e-12)
    step = np.clip((weights - found.threshold) / span, 0, 1) * (_COLOURS - 1)
    number = np.where(found.interior, FIRST + step.round(), WHITE)
    number[found.excluded(group)] = BLACK
    return np.ascontiguousarray(number.T[::-1].astype(np.uint8))


def picture(found: ExclusionMap, group: int, highest: float) -> bytes:
    """The map of one group as PNG, a pixel a cell: black excluded, white no interior equilibrium, else the weight."""
    image = Image.fromarray(colours(found, group, highest)).convert("P")
    image.putpalette(_PALETTE)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def _palette() -> bytes:
    scale = (SCALE(np.linspace(0, 1, _COLOURS))[:, :3] * 255).round().astype(np.uint8)
    return bytes([0, 0, 0, 255, 255, 255]) + scale.tobytes()


_PALETTE = _palette()


def warm_up(table: Table) -> None:
    """Compile the kernels before somebody waits for them."""
    for name in COEFFICIENTS:
        plane(table, name, 1.0, 0.05)
