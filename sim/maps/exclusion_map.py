"""Exclusion maps: the equilibrium over a grid of two incentive coefficients, and who is left out where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, positive, read_only, shorten
from sim.errors import InputError
from sim.maps.classify import classify
from sim.maps.fill import Outputs, fill_block
from sim.maps.grid import COEFFICIENTS, Grid, blocks, largest_ratio, validated_grid
from sim.maps.homotopy import Integers, Terms
from sim.maps.rays import solve_rays
from sim.maps.result import ExclusionMap
from sim.maps.terms import require_concave, validated_game

Keep = Literal["mixtures", "masks", "areas"]


def exclusion_map(
    *,
    attractiveness: ArrayLike,
    inconsistency: ArrayLike,
    similarity: ArrayLike,
    grid: Mapping[str, ArrayLike],
    threshold: float = 0.05,
    boundary: bool = True,
    keep: Keep = "mixtures",
    groups: Sequence[str] | None = None,
    out: Array | None = None,
) -> ExclusionMap:
    """The homogeneous equilibrium at every point of a grid of incentives, boundary included, and who is excluded.

    Crowding is averaged over the other accounts, so their number drops out: the mixture maximises
    bA a'w - w'(2 bI C + bD S)w/2 on the simplex (theory of the alignment game, sections 4 to 6). Only two ratios
    of the coefficients matter, and for a fixed bD / bI the answer is piecewise linear in bA, so a whole ray of the grid
    is solved at once. Exact to rounding; the same bits whatever the number of threads (numba.set_num_threads).

    Where 2 bI C + bD S is singular on the tangent space (bI = 0 with a singular S, C of low rank with bD = 0), the
    mixture is the maximiser nearest to the uniform one, found more slowly by `sim.quadratic.maximise_on_simplex`.
    bA = 0 is a meaningful value: the equilibrium without attractiveness.

    Args:
        attractiveness: a, (D,), D >= 2.
        inconsistency: C, symmetric, positive semidefinite on the tangent space, (D, D).
        similarity: S, symmetric, (D, D); positive semidefinite on the tangent space, or at least
            2 bI C + bD S is so at every point of the grid.
        grid: Values >= 0 of "attractiveness", "inconsistency" and "diversity" (bA, bI, bD): two as 1-d arrays in any
            order and spacing, one as a number. The axes of the map follow that order, not the mapping's.
        threshold: Weight below which a group counts as excluded, above 0 and at most 1/D: at a higher one even
            the uniform mixture would exclude everyone.
        boundary: Whether cells without an interior equilibrium carry their boundary equilibrium. If not, their
            mixtures are NaN.
        keep: "mixtures" keeps everything, (n1, n2, D) doubles; "masks" the interior and below-threshold masks, D + 1
            bytes a cell; "areas" only counts, however large the grid.
        groups: Names of the groups.
        out: Where the mixtures are written, (n1, n2, D) doubles in C order: maps drawn again and again spare the
            time of getting new memory, half of the whole for a large one.

    Returns:
        The map. What was not kept raises an InputError when asked for.

    Raises:
        InputError: Bad input; the message names the field.

    >>> m = exclusion_map(
    ...     attractiveness=[0.5, 0.3, 0.2], inconsistency=np.diag([0.3, 0.3, 0.6]), similarity=np.eye(3),
    ...     grid={
    ...         "attractiveness": np.logspace(-2, 2, 200), "inconsistency": np.logspace(-2, 2, 200), "diversity": 1.0
    ...     },
    ...     threshold=0.05, boundary=True,
    ... )
    >>> m.mixtures.shape, m.interior.shape, m.excluded(2).shape
    ((200, 200, 3), (200, 200), (200, 200))
    >>> print(f"{m.white_area:.3f} white, {m.area(2):.3f} black, {m.conditional_area(2):.3f} of the interior")
    0.284 white, 0.022 black, 0.031 of the interior
    >>> m.components(2).count
    1
    """
    game = validated_game(attractiveness, inconsistency, similarity, groups)
    points = validated_grid(grid)
    require_concave(game, *largest_ratio(points))
    dimension = game.attractiveness.size
    level = positive("threshold", threshold)
    if level > 1 / dimension * (1 + 1e-12):
        remedy = f"at most 1/D = {1 / dimension:.6g}: above it even the uniform mixture excludes every group"
        raise InputError("threshold", level, remedy)
    if keep not in ("mixtures", "masks", "areas"):
        raise InputError("keep", shorten(keep), 'expected "mixtures", "masks" or "areas"')
    room = _checked_out(out, (*points.shape, dimension), keep)
    outputs, counts = solved_points(game.terms, points, level, keep, room)
    if keep == "mixtures" and not boundary:
        outputs.mixtures[outputs.interior == 0] = np.nan
    return ExclusionMap(
        grid=points,
        threshold=level,
        boundary=bool(boundary),
        groups=game.groups,
        dimension=dimension,
        keep=keep,
        counts=counts,
        _mixtures=read_only(outputs.mixtures) if keep == "mixtures" else None,
        _interior=outputs.interior.view(np.bool_) if keep != "areas" else None,
        _below=outputs.below.view(np.bool_) if keep == "masks" else None,
    )


def solved_points(
    terms: Terms, grid: Grid, threshold: float, keep: Keep, out: Array | None = None
) -> tuple[Outputs, Integers]:
    """A map whose input is known to be good: what was asked for at every point, and the counts of the map."""
    dimension = terms.attractiveness.size
    outputs = _room(grid, dimension, keep, out)
    counts = np.zeros(1 + 2 * dimension, np.int64)
    for block in blocks(grid):
        laws = solve_rays(terms, block)
        classes = classify(block, laws, threshold)
        counts += classes.counts.sum(axis=0)
        if keep != "areas":
            fill_block(block, laws, classes, outputs, threshold)
    return outputs, counts


@dataclass(frozen=True, eq=False)
class ThreePlanes:
    """The three maps of the paper: each coefficient fixed in turn.

    Attributes:
        fixed_attractiveness: Axes inconsistency and diversity.
        fixed_inconsistency: Axes attractiveness and diversity.
        fixed_diversity: Axes attractiveness and inconsistency.
    """

    fixed_attractiveness: ExclusionMap
    fixed_inconsistency: ExclusionMap
    fixed_diversity: ExclusionMap


def three_planes(
    *,
    attractiveness: ArrayLike,
    inconsistency: ArrayLike,
    similarity: ArrayLike,
    values: ArrayLike | None = None,
    fixed: float = 1.0,
    threshold: float = 0.05,
    boundary: bool = True,
    keep: Keep = "mixtures",
    groups: Sequence[str] | None = None,
) -> ThreePlanes:
    """Three maps: each coefficient fixed in turn, the other two over the same values.

    Args:
        attractiveness: a, (D,).
        inconsistency: C, (D, D).
        similarity: S, (D, D).
        values: Values of both axes; 200 from 0.01 to 100 on a log scale if not given.
        fixed: Value of the coefficient that is not varied.
        threshold: As in `exclusion_map`, and so the rest.
        boundary: See there.
        keep: See there.
        groups: See there.

    Raises:
        InputError: Bad input; the message names the field.
    """
    axis = np.logspace(-2, 2, 200) if values is None else values

    def plane(name: str) -> ExclusionMap:
        return exclusion_map(
            attractiveness=attractiveness,
            inconsistency=inconsistency,
            similarity=similarity,
            grid=dict.fromkeys(COEFFICIENTS, axis) | {name: fixed},
            threshold=threshold,
            boundary=boundary,
            keep=keep,
            groups=groups,
        )

    return ThreePlanes(plane("attractiveness"), plane("inconsistency"), plane("diversity"))


def _checked_out(out: Array | None, shape: tuple[int, int, int], keep: Keep) -> Array | None:
    if out is None:
        return None
    if keep != "mixtures":
        raise InputError("out", f'an array, with keep="{keep}"', 'mixtures are written with keep="mixtures" only')
    good = isinstance(out, np.ndarray) and out.shape == shape and out.dtype == np.float64
    if not (good and out.flags.c_contiguous and out.flags.writeable):
        raise InputError("out", f"array of shape {np.shape(out)}", f"expected writable doubles in C order, {shape}")
    return out.view()


def _room(grid: Grid, dimension: int, keep: Keep, out: Array | None) -> Outputs:
    rows, columns = grid.shape
    weights = (rows, columns, dimension) if keep == "mixtures" else (0, 0, 0)
    return Outputs(
        np.empty(weights) if out is None else out,
        np.empty((rows, columns) if keep != "areas" else (0, 0), np.uint8),
        np.empty((rows, columns, dimension) if keep == "masks" else (0, 0, 0), np.uint8),
    )
