"""Where the homogeneous equilibrium goes as one incentive becomes very large or small, and what keeps it inside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, positive, read_only
from sim.equilibrium.crowding import on_tangent, require_identical
from sim.equilibrium.homogeneous import homogeneous_equilibrium
from sim.errors import InputError
from sim.quadratic import maximise_on_simplex
from sim.simplex import restricted_to_tangent, tangent_basis

_FLAT = 1e-12


@dataclass(frozen=True, eq=False)
class CoefficientLimits:
    """Limits of the homogeneous equilibrium, the other two incentives held where they are.

    Attributes:
        no_attractiveness: bA -> 0: the equilibrium at bA = 0, shape (D,).
        inconsistency: bI -> infinity: the mixture of least w'Cw, shape (D,); in the interior it is
            C^{-1}e/(e'C^{-1}e). None where C is singular on the tangent space: the limit then depends on a and S too.
        diversity: bD -> infinity: the mixture of least w'Sw, uniform for S = I, shape (D,). None for a single account,
            and where S is not positive definite on the tangent space (or is asymmetric).
        attractiveness: bA -> infinity: the mixture of the most attractive groups (among several, the one with least
            w'Aw), shape (D,).
        interior_from: With `interior_to`, the interval of bA in which all weights are positive: above this (0 includes
            bA = 0 itself),
        interior_to: and below this; `inf` if attractiveness never empties a group. Both None: no bA does it.
    """

    no_attractiveness: Array
    inconsistency: Array | None
    diversity: Array | None
    attractiveness: Array
    interior_from: float | None
    interior_to: float | None


def coefficient_limits(game: AlignmentGame) -> CoefficientLimits:
    """Limits in bA, bI and bD, and the interval of bA with an interior equilibrium.

    w* = w0 + bA P a is positive exactly for bA < min over {d : (Pa)_d < 0} of w0_d/|(Pa)_d|, and, where w0 has weights
    that are not positive, above max over {d : (Pa)_d > 0} of -w0_d/(Pa)_d (theory of the alignment game, section 4).

    Raises:
        InputError: A is not positive definite on the tangent space.
    """
    require_identical(game)
    matrix = game.consensus_matrix
    if not _definite(matrix):
        remedy = "no single equilibrium moves to a limit; every_homogeneous_equilibrium() lists all"
        raise InputError("similarity", "2 bI C + (M-1) b S not positive definite on the tangent space", remedy)
    low, high = _interior(game, matrix)
    nothing = np.zeros(game.dimension)
    symmetric = bool(np.abs(game.similarity - game.similarity.T).max() <= _FLAT * np.abs(game.similarity).max())
    crowded = game.accounts > 1 and symmetric and _definite(game.similarity)
    return CoefficientLimits(
        no_attractiveness=homogeneous_equilibrium(game.with_incentives(attractiveness=0.0)).mixture,
        inconsistency=maximise_on_simplex(game.inconsistency, nothing) if _definite(game.inconsistency) else None,
        diversity=maximise_on_simplex(game.similarity, nothing) if crowded else None,
        attractiveness=_most_attractive(game),
        interior_from=low,
        interior_to=high,
    )


def diversity_for_weight(game: AlignmentGame, weight: float) -> float:
    """A bD from which on every group keeps at least `weight` in the homogeneous equilibrium; for S = I only.

    (M-1) b >= |Pi(bA a - 2 bI C e/D)| / (1/D - weight) - 2 bI mu_min, with mu_min the least eigenvalue of C on the
    tangent space and Pi = I - ee'/D (theory of the alignment game, section 4). Sufficient, not necessary.

    Args:
        game: The game; S must be a positive multiple of the identity on the tangent space, up to a constant.
        weight: Least weight asked for, 0 < weight < 1/D.

    Raises:
        InputError: Another S, a single account, or a weight of 1/D or more.
    """
    require_identical(game)
    dimension = game.dimension
    if positive("weight", weight) >= 1 / dimension:
        raise InputError(
            "weight", weight, f"{dimension} groups cannot all have it; ask for less than {1 / dimension:.6g}"
        )
    if game.accounts == 1:
        raise InputError("accounts", 1, "a single account is not crowded; diversity has no effect")
    crowd = on_tangent(game.similarity)
    level = float(np.trace(crowd)) / (dimension - 1)
    centre = tangent_basis(dimension).T @ game.similarity.mean(axis=1)
    off = max(float(np.abs(crowd - level * np.eye(dimension - 1)).max()), float(np.abs(centre).max()))
    if level <= 0 or off > 1e-10 * float(np.abs(game.similarity).max()):
        raise InputError("similarity", "not a multiple of the identity", "the bound holds for S = I; see reentry()")
    price = game.incentives
    pull = price.attractiveness * game.attractiveness - 2 * price.inconsistency * game.inconsistency.mean(axis=1)
    size = float(np.linalg.norm(pull - pull.mean()))
    least = float(np.linalg.eigvalsh(restricted_to_tangent(game.inconsistency))[0])
    total = size / (1 / dimension - weight) - 2 * price.inconsistency * max(least, 0.0)
    unit = level if game.crowding == "mean" else level * (game.accounts - 1)
    return max(total / unit, 0.0)


def _definite(matrix: Array) -> bool:
    values = np.linalg.eigvalsh(restricted_to_tangent(matrix))
    return bool(values[0] > _FLAT * max(float(np.abs(matrix - matrix.mean()).max()), float(np.abs(values).max())))


def _interior(game: AlignmentGame, matrix: Array) -> tuple[float, float] | tuple[None, None]:
    basis = tangent_basis(game.dimension)
    inverse = basis @ np.linalg.solve(on_tangent(matrix), basis.T)
    base = 1 / game.dimension - inverse @ (matrix - matrix.mean()).mean(axis=1)
    push = inverse @ game.attractiveness
    noise = 1e-14 * max(float(np.abs(push).max()), 1e-300)
    down, up = push < -noise, push > noise
    if (base[~down & ~up] <= 0).any():
        return None, None
    low = max(float((-base[up] / push[up]).max(initial=0.0)), 0.0)
    high = float((base[down] / -push[down]).min(initial=np.inf))
    return (low, high) if high > low else (None, None)


def _most_attractive(game: AlignmentGame) -> Array:
    best = np.flatnonzero(game.attractiveness >= game.attractiveness.max() - _FLAT * np.abs(game.attractiveness).max())
    limit = np.zeros(game.dimension)
    if best.size == 1:
        limit[best] = 1.0
        return read_only(limit)
    inner = AlignmentGame(
        attractiveness=game.attractiveness[best],
        inconsistency=game.inconsistency[np.ix_(best, best)],
        similarity=game.similarity[np.ix_(best, best)],
        incentives=game.incentives,
        accounts=game.accounts,
        crowding=game.crowding,
        directed=game.directed,
    )
    limit[best] = homogeneous_equilibrium(inner.with_incentives(attractiveness=0.0)).mixture
    return read_only(limit)
