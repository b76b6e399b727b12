"""Every homogeneous equilibrium of a game, also where crowding is no cost: by going through all supports."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, read_only
from sim.equilibrium.crowding import require_identical
from sim.errors import InputError
from sim.simplex import restricted_to_tangent, tangent_basis

LARGEST = 16
"""Most groups D that are enumerated: 2^16 - 1 supports take a few seconds, each further group doubles them."""
_SAME = 1e-9
_TIE = 1e-10
_SINGULAR = 1e-11


@dataclass(frozen=True, eq=False)
class SymmetricEquilibrium:
    """One homogeneous equilibrium.

    Attributes:
        mixture: Mixture of every account, shape (D,).
        support: Groups with a weight above zero.
        multiplier: Common gradient on the support, in units of utility.
        index: Fixed-point index, +1 or -1: the sign of the determinant of A on the face of the support. 0 where ties
            or a continuum leave it undefined.
        gap: Largest first-order gain of an account that leaves, in units of utility: a bound on its exploitability.
        ties: Groups at weight zero that would earn exactly as much as the support (or weights that are zero on the
            boundary of it): the slightest change of the game may bring them in.
        continuum: Whether it is one point of a connected set of equilibria on the same support.
    """

    mixture: Array
    support: tuple[int, ...]
    multiplier: float
    index: int
    gap: float
    ties: tuple[int, ...]
    continuum: bool


@dataclass(frozen=True, eq=False)
class HomogeneousEquilibria:
    """All homogeneous equilibria of a game.

    Attributes:
        equilibria: Ordered by support (larger first), then by its groups.
        generic: No ties and no continuum. Then their number is odd and the indices sum to 1, which is checked: the list
            is complete.
        index_sum: Sum of the indices; 1 where `generic`.
    """

    equilibria: tuple[SymmetricEquilibrium, ...]
    generic: bool
    index_sum: int


def every_homogeneous_equilibrium(game: AlignmentGame) -> HomogeneousEquilibria:
    """Find every mixture that is an equilibrium when all accounts play it, boundary included.

    On each support the weights solve the bordered system `[A e; e' 0][w; lambda] = [bA a; 1]`, A = 2 bI C + (M-1) b S;
    they are an equilibrium where they are positive and no other group earns more than lambda. S may be indefinite or
    asymmetric: there can be up to 2^D - 1 (A negative definite), generically an odd number whose indices sum to 1
    (algorithms of the alignment game, section 5). A support on which the system is singular may carry a continuum:
    one point of it is reported, the one whose least weight is largest; its ends appear as equilibria with ties.

    Args:
        game: The game, D <= 16.

    Raises:
        InputError: More than 16 groups.
        ArithmeticError: A generic list whose indices do not sum to 1: rounding lost an equilibrium.
    """
    require_identical(game)
    if game.dimension > LARGEST:
        remedy = f"all 2^D - 1 supports are tried, so at most {LARGEST}; homogeneous_equilibrium() has no such limit"
        raise InputError("attractiveness", f"{game.dimension} groups", remedy)
    matrix, pull, scale = _scaled(game)
    convex = np.linalg.eigvalsh(restricted_to_tangent(matrix))[0] >= -1e-12
    found: list[SymmetricEquilibrium] = []
    for size in range(game.dimension, 0, -1):
        supports = np.array(list(combinations(range(game.dimension), size)))
        weights, levels, regular = _solve_all(matrix, pull, supports)
        slack = levels[:, None] - pull + weights @ matrix.T
        feasible = regular & (weights.min(axis=1) >= -_TIE) & (slack.min(axis=1) >= -_TIE)
        found += [_equilibrium(matrix, pull, scale, weights[k]) for k in np.flatnonzero(feasible)]
        for support in supports[~regular]:
            # Where A is semidefinite the equilibria form one convex set: one point speaks for all of it.
            if convex and any(each.continuum for each in found):
                break
            point = _inside_continuum(matrix, pull, support)
            if point is not None:
                found.append(_equilibrium(matrix, pull, scale, point, continuum=True))
    return _collected(found)


def _scaled(game: AlignmentGame) -> tuple[Array, Array, float]:
    matrix = game.consensus_matrix - game.consensus_matrix.mean()
    pull = game.incentives.attractiveness * (game.attractiveness - game.attractiveness.mean())
    scale = max(float(np.abs(matrix).max()), float(np.abs(pull).max()), 1e-300)
    return matrix / scale, pull / scale, scale


def _solve_all(matrix: Array, pull: Array, supports: NDArray[np.int64]) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Weights (K, D) and levels (K,) of every support of one size, and whether its system is regular (K,)."""
    count, size = supports.shape
    dimension = pull.size
    basis = tangent_basis(size)
    blocks = matrix[supports[:, :, None], supports[:, None, :]]
    centre = blocks.mean(axis=2)
    weights = np.zeros((count, dimension))
    steps = np.zeros((count, size))
    regular = np.ones(count, dtype=bool)
    if size > 1:
        faces = basis.T @ blocks @ basis
        regular = np.linalg.svd(faces, compute_uv=False)[:, -1] > _SINGULAR
        slope = (pull[supports] - centre) @ basis
        steps[regular] = np.linalg.solve(faces[regular], slope[regular][:, :, None])[:, :, 0] @ basis.T
    np.put_along_axis(weights, supports, 1.0 / size + steps, axis=1)
    levels = np.take_along_axis(pull - weights @ matrix.T, supports, axis=1).mean(axis=1)
    return weights, levels, regular


def _inside_continuum(matrix: Array, pull: Array, support: NDArray[np.int64]) -> Array | None:
    """The equilibrium on a singular support whose least weight is largest, or None if none has that support."""
    dimension, size = pull.size, support.size
    outside = np.setdiff1d(np.arange(dimension), support)
    basis = tangent_basis(size)
    block = basis.T @ matrix[np.ix_(support, support)]
    goal = basis.T @ pull[support]
    nearest = np.linalg.lstsq(np.vstack([block, np.ones(size)]), np.append(goal, 1.0), rcond=_SINGULAR)[0]
    if np.abs(block @ nearest - goal).max() > _TIE or abs(nearest.sum() - 1) > _TIE:
        return None
    # Unknowns: the weights of the support and the least of them, to be made as large as it can be.
    equal = np.vstack([np.append(np.ones(size), 0.0), np.hstack([block, np.zeros((size - 1, 1))])])
    below = np.hstack([-np.eye(size), np.ones((size, 1))])
    mean = matrix[support][:, support].mean(axis=0)
    better = np.hstack([mean - matrix[np.ix_(outside, support)], np.zeros((outside.size, 1))])
    limits = np.concatenate([np.zeros(size), pull[support].mean() - pull[outside]])
    answer = linprog(
        np.append(np.zeros(size), -1.0),
        A_ub=np.vstack([below, better]),
        b_ub=limits,
        A_eq=equal,
        b_eq=np.concatenate([[1.0], goal]),
        bounds=[(0, None)] * size + [(None, None)],
        method="highs",
    )
    if answer.status != 0 or answer.x[-1] <= _SAME:
        return None
    weights = np.zeros(dimension)
    weights[support] = answer.x[:-1] / answer.x[:-1].sum()
    return weights


def _equilibrium(
    matrix: Array, pull: Array, scale: float, weights: Array, *, continuum: bool = False
) -> SymmetricEquilibrium:
    mixture = np.where(weights > _TIE, weights, 0.0)
    mixture /= mixture.sum()
    support = np.flatnonzero(mixture)
    gradient = pull - matrix @ mixture
    level = float(gradient[support].mean())
    absent = np.setdiff1d(np.arange(pull.size), support)
    ties = absent[gradient[absent] >= level - _TIE]
    basis = tangent_basis(support.size)
    sign = int(np.linalg.slogdet(basis.T @ matrix[np.ix_(support, support)] @ basis)[0])
    return SymmetricEquilibrium(
        mixture=read_only(mixture),
        support=tuple(support.tolist()),
        multiplier=level * scale,
        index=0 if ties.size or continuum else sign,
        gap=scale * max(float(mixture @ (gradient.max() - gradient)), 0.0),
        ties=tuple(ties.tolist()),
        continuum=continuum,
    )


def _collected(found: list[SymmetricEquilibrium]) -> HomogeneousEquilibria:
    """Each equilibrium once; one with ties is found on several supports."""
    distinct: list[SymmetricEquilibrium] = []
    for each in found:
        if not each.ties or all(np.abs(each.mixture - other.mixture).max() > _SAME for other in distinct):
            distinct.append(each)
    generic = not any(each.ties or each.continuum for each in distinct)
    index_sum = sum(each.index for each in distinct)
    if generic and index_sum != 1:
        raise ArithmeticError(f"indices sum to {index_sum}, not 1: please report the game")
    return HomogeneousEquilibria(tuple(distinct), generic, index_sum)
