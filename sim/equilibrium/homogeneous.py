"""The equilibrium in which every account plays the same mixture: closed form, boundary, exploration floor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, read_only
from sim.equilibrium.crowding import require_identical, skew_pull
from sim.equilibrium.exploitability import gain_of
from sim.equilibrium.monotone import solve_monotone
from sim.equilibrium.stability import positive_definite_on_tangent, stability_number
from sim.errors import InputError
from sim.quadratic import maximise_on_simplex
from sim.simplex import restricted_to_tangent, tangent_basis, validated_floor

INTERIOR_TOLERANCE = 1e-12
"""A relaxed weight counts as positive (above the floor) when it exceeds it by more than this."""


@dataclass(frozen=True, eq=False)
class HomogeneousEquilibrium:
    """The homogeneous equilibrium of a game, with what is needed to trust it.

    Attributes:
        mixture: The equilibrium mixture of every account, shape (D,).
        relaxed: Closed form before weights are required to be positive, shape (D,). Equal to `mixture` when
            `interior`; a negative entry says by how much a group fails to enter.
        interior: Whether every weight is above the floor: otherwise no interior equilibrium exists.
        multiplier: Common gradient of the weights above the floor, in units of utility.
        exploitability: Largest unilateral gain (over mixtures that keep the floor); rounding-sized.
        stability: Stability number kappa_max; above 1 the point exists but accounts leave it and specialise.
        unique: Whether A and B (their symmetric parts) are positive definite on the tangent space: then no other
            equilibrium exists, homogeneous or not, interior or not.
        regular: Whether A is nonsingular on the tangent space. If not, `relaxed` is the solution nearest to
            the uniform mixture when there are many, and the least-squares one when there is none because
            the relaxed payoff rises without bound; `mixture` is the maximiser nearest to the uniform one.
        floor: Least weight required of every group.
    """

    mixture: Array
    relaxed: Array
    interior: bool
    multiplier: float
    exploitability: float
    stability: float
    unique: bool
    regular: bool
    floor: float


def homogeneous_equilibrium(game: AlignmentGame, floor: float = 0.0) -> HomogeneousEquilibrium:
    """Solve for the homogeneous equilibrium, boundary included.

    The relaxed weights solve the bordered system `[A e; e' 0][w; lambda] = [bA a; 1]`, A = 2 bI C + (M-1) b S.
    With positivity the equilibrium maximises bA a'w - w'Aw/2 over {w >= floor, sum w = 1} (theory of the
    alignment game, sections 4 and 5). Where S, and with it A, is asymmetric nothing is maximised: the equilibrium is
    the solution of the variational inequality of bA a - A w, unique as long as the symmetric part of A is
    positive definite on the tangent space. Exact to rounding either way.

    Args:
        game: The game.
        floor: Least weight of every group, 0 <= floor <= 1/D: the equilibrium of accounts that all keep
            exploring, so that the bias of a floor is exact and not simulated.

    Raises:
        InputError: Bad floor, or A is not positive semidefinite on the tangent space (S indefinite); with S
            asymmetric, its symmetric part is not positive definite there.

    >>> from sim.alignment_game import AlignmentGame, Incentives
    >>> game = AlignmentGame(
    ...     attractiveness=np.array([1.0, 0.0]), inconsistency=np.eye(2), similarity=np.eye(2),
    ...     incentives=Incentives(1, 1, 1), accounts=3,
    ... )
    >>> homogeneous_equilibrium(game).mixture.round(4).tolist()
    [0.6667, 0.3333]
    """
    require_identical(game)
    floor = validated_floor("floor", floor, game.dimension)
    matrix, pull = _problem(game)
    symmetric = not game.directed or bool((matrix == matrix.T).all())
    curvature = np.linalg.eigvalsh(restricted_to_tangent(matrix))
    centred = matrix - matrix.mean()
    size = max(float(np.abs(centred).max()), float(np.abs(curvature).max()), 1e-300)
    regular = bool(curvature[0] > 1e-12 * size)
    if not regular and (not symmetric or curvature[0] < -1e-10 * size - 1e-14 * float(np.abs(matrix).max())):
        part = "" if symmetric else "symmetric part of "
        raise InputError(
            "similarity",
            f"{part}2 bI C + (M-1) b S with eigenvalue {curvature[0]:.6g} on the tangent space",
            "the homogeneous problem is not concave, so there can be several homogeneous equilibria or a continuum:"
            " every_homogeneous_equilibrium() finds them all. Or lower diversity, or use a positive semidefinite"
            " similarity",
        )
    relaxed = _relaxed(centred, pull, regular)
    if symmetric:
        mixture = maximise_on_simplex(matrix, pull, floor)
    elif relaxed.min() > floor + INTERIOR_TOLERANCE:
        mixture = relaxed.copy()
    else:
        mixture = solve_monotone(matrix, pull, floor)
    # With many relaxed solutions the maximiser itself tells whether one of them is interior.
    interior = bool((relaxed if regular else mixture).min() > floor + INTERIOR_TOLERANCE)
    gradient = game.incentives.attractiveness * game.attractiveness - game.consensus_matrix @ mixture
    return HomogeneousEquilibrium(
        mixture=read_only(mixture),
        relaxed=read_only(relaxed),
        interior=interior,
        multiplier=float(gradient.max()),
        exploitability=gain_of(game.curvature(0), gradient, mixture, floor),
        stability=stability_number(game),
        unique=regular and positive_definite_on_tangent(game.disagreement_matrix),
        regular=regular,
        floor=floor,
    )


def _problem(game: AlignmentGame) -> tuple[Array, Array]:
    """A and bA a, with A made symmetric where its antisymmetric part does no more than move bA a."""
    matrix = game.consensus_matrix
    pull = game.incentives.attractiveness * game.attractiveness
    if game.directed:
        tilt, rest = skew_pull(matrix)
        if rest <= 1e-13 * float(np.abs(matrix).max()):
            return (matrix + matrix.T) / 2, pull - tilt
    return matrix, pull


def _relaxed(centred: Array, pull: Array, regular: bool) -> Array:
    """Solve the bordered system around the uniform mixture, through the tangent space."""
    dimension = pull.size
    basis = tangent_basis(dimension)
    uniform = np.full(dimension, 1.0 / dimension)
    slope = basis.T @ (pull - pull.mean() - centred @ uniform)
    if regular:
        step = np.linalg.solve(basis.T @ centred @ basis, slope)
    else:
        size = max(float(np.abs(centred).max()), 1e-300)
        curvature, modes = np.linalg.eigh(restricted_to_tangent(centred))
        along = modes.T @ slope
        step = modes @ np.divide(along, curvature, out=np.zeros_like(along), where=curvature > 1e-12 * size)
    weights: Array = uniform + basis @ step
    return weights
