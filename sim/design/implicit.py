"""How the equilibrium moves with the levers: the implicit derivative, on the boundary too, from either side of a kink.

At an equilibrium the gradients of every account agree on its support: g_m(w, theta) = lambda_m there. Differentiated,
H dw + lambda' = dg/dtheta with sum dw_m = 0 and dw = 0 off the support, H the derivative of -g in the profile (theory
of the alignment game, sections 4 and 5). The equilibrium is piecewise smooth in theta; where a group is about to enter
or leave, each direction has a derivative of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, finite_array, read_only
from sim.design.levers import AnyGame, Levers, pull_at
from sim.equilibrium.heterogeneous import heterogeneous_equilibrium
from sim.equilibrium.homogeneous import homogeneous_equilibrium
from sim.equilibrium.supports import Terms, on_supports
from sim.errors import InputError
from sim.simplex import tangent_basis

Mask = NDArray[np.bool_]
_ZERO, _TIE = 1e-11, 1e-9


@dataclass(frozen=True, eq=False)
class EquilibriumSlope:
    """An equilibrium and its derivative in K levers.

    Attributes:
        rows: The equilibrium: mixtures (M, D), or (1, D) where the accounts are identical and all play it.
        jacobian: dw/dtheta within the present support, (K, rows, D).
        turning: Where a group of weight zero earns as much as the support: it enters in one direction, (rows, D). With
            none the derivative is two-sided; else `directional` gives each side.
    """

    rows: Array
    jacobian: Array
    turning: Mask

    @property
    def smooth(self) -> bool:
        """Whether the derivative holds to both sides."""
        return not self.turning.any()

    @property
    def mixture(self) -> Array:
        """Mean mixture of the accounts: share of the posts that speaks for each group, (D,)."""
        mean: Array = self.rows.mean(axis=0)
        return mean

    @property
    def mixture_jacobian(self) -> Array:
        """Derivative of the mean mixture, (K, D)."""
        mean: Array = self.jacobian.mean(axis=1)
        return mean


def equilibrium_at(game: AnyGame) -> Array:
    """The equilibrium that levers are judged by: homogeneous (1, D) if accounts are identical, else one profile (M, D).

    Raises:
        InputError: As `homogeneous_equilibrium`.
        NotSettledError: As `heterogeneous_equilibrium`.
    """
    if isinstance(game, AlignmentGame):
        return homogeneous_equilibrium(game).mixture[None]
    return heterogeneous_equilibrium(game).profile


def equilibrium_slope(levers: Levers, theta: Array) -> EquilibriumSlope:
    """The equilibrium at a setting and its derivative in every lever, on the present support.

    Args:
        levers: The levers.
        theta: The setting, (K,).

    Raises:
        InputError: As `equilibrium_at`; or the equilibrium is one of many and has no derivative.

    >>> from sim.alignment_game import Incentives
    >>> from sim.design.levers import CoefficientLevers
    >>> game = AlignmentGame(
    ...     attractiveness=np.array([1.0, 0.0]), inconsistency=np.eye(2), similarity=np.eye(2),
    ...     incentives=Incentives(1, 1, 1), accounts=3,
    ... )
    >>> levers = CoefficientLevers.around(game, ["attractiveness"])
    >>> slope = equilibrium_slope(levers, levers.present)  # w_1 = 1/2 + bA / 6
    >>> slope.mixture.round(4).tolist(), slope.mixture_jacobian.round(4).tolist()
    ([0.6667, 0.3333], [[0.1667, -0.1667]])
    """
    theta = finite_array("theta", theta, ndim=1)
    game = levers.game(theta)
    rows = equilibrium_at(game)
    inside, turning = _supports(game, rows)
    solve = _solver(game)
    jacobian = np.array([solve(inside, slope) for slope in levers.slopes(theta, rows)])
    return EquilibriumSlope(rows, read_only(jacobian), turning)


def directional(levers: Levers, theta: Array, direction: Array) -> Array:
    """One-sided derivative of the equilibrium from `theta` towards `direction`, right at kinks too, (rows, D).

    Groups about to turn either stay out or enter, whichever their own gain says: a linear complementarity problem on
    those groups alone.

    Args:
        levers: The levers.
        theta: The setting, (K,).
        direction: Change of the setting per unit, (K,).

    Raises:
        InputError: As `equilibrium_slope`.
        ArithmeticError: The groups that enter could not be told.
    """
    theta, heading = finite_array("theta", theta, ndim=1), finite_array("direction", direction, ndim=1)
    game = levers.game(theta)
    rows = equilibrium_at(game)
    inside, turning = _supports(game, rows)
    push = np.einsum("k,kmd->md", heading, levers.slopes(theta, rows))
    solve, loss = _solver(game), _loss(game)
    chosen, seen = inside | turning, set[bytes]()
    while chosen.tobytes() not in seen:
        seen.add(chosen.tobytes())
        moved = solve(chosen, push)
        left = push - loss(moved)
        level = np.sum(np.where(inside, left, 0.0), axis=1, keepdims=True) / inside.sum(axis=1, keepdims=True)
        new = inside | (turning & np.where(chosen, moved >= 0, left > level))
        if np.array_equal(new, chosen):
            return moved
        chosen = new
    raise ArithmeticError("which groups enter could not be told; take a small step in this direction instead")


def _supports(game: AnyGame, rows: Array) -> tuple[Mask, Mask]:
    """Groups with weight, and groups without that earn as much, (rows, D) each."""
    gradients = pull_at(game, rows)
    inside = rows > _ZERO
    level = np.max(np.where(inside, gradients, -np.inf), axis=1, keepdims=True)
    scale = max(float(np.ptp(gradients, axis=1).max()), float(np.abs(game.curvature(0)).max()), 1e-300)
    return inside, ~inside & (gradients >= level - _TIE * scale)


def _solver(game: AnyGame) -> Callable[[Mask, Array], Array]:
    """What solves H dw + lambda = slope on given supports, dw summing to zero in every row."""
    if isinstance(game, AlignmentGame):
        return _homogeneous_solver(game.consensus_matrix)
    terms = Terms.of(game)
    still = replace(terms, pull=np.zeros_like(terms.pull))

    def solve(inside: Mask, slope: Array) -> Array:
        # Weights are affine in the pull: the difference of two solutions is the part that is linear in it.
        moved, rest = (on_supports(each, inside, 0.0) for each in (replace(still, pull=slope / terms.scale), still))
        if moved is None or rest is None:
            raise _many()
        return moved - rest

    return solve


def _homogeneous_solver(matrix: Array) -> Callable[[Mask, Array], Array]:
    centred = matrix - matrix.mean()
    size = max(float(np.abs(centred).max()), 1e-300)

    def solve(inside: Mask, slope: Array) -> Array:
        index = np.flatnonzero(inside[0])
        moved = np.zeros_like(slope)
        if index.size > 1:
            basis = tangent_basis(index.size)
            face = basis.T @ centred[np.ix_(index, index)] @ basis
            if np.linalg.svd(face, compute_uv=False)[-1] <= 1e-12 * size:
                raise _many()
            moved[0, index] = basis @ np.linalg.solve(face, basis.T @ slope[0, index])
        return moved

    return solve


def _loss(game: AnyGame) -> Callable[[Array], Array]:
    """How much a small move of the profile takes from every gradient: H dw, up to a constant in every row."""
    if isinstance(game, AlignmentGame):
        matrix = game.consensus_matrix
        return lambda moved: moved @ matrix.T
    terms = Terms.of(game)
    still = replace(terms, pull=np.zeros_like(terms.pull))
    return lambda moved: -terms.scale * still.gradients(moved)


def _many() -> InputError:
    return InputError(
        "theta",
        "a setting with a singular game",
        "its equilibrium is one of many and has no derivative: raise inconsistency or diversity",
    )
