"""Ratios of diversity to inconsistency at which interior equilibria form a continuum instead of a point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eig

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, positive, read_only, whole_number
from sim.equilibrium.crowding import SharedCrowding, on_tangent, require_identical
from sim.equilibrium.verdicts import interior_mixture
from sim.errors import InputError
from sim.simplex import tangent_basis

_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class AlphaRoots:
    """Where B = 2 bI C - b S is singular on the tangent space.

    Attributes:
        ratios: Positive, finite ratios b/bI, ascending, shape (K,), K <= D - 1; without unit.
        diversity: The same as bD/bI: times M - 1 for crowding="mean".
        directions: For each root a direction v with B v constant, shape (K, D), sum 0, length 1: accounts can move
            along it, against each other, and no one's incentive changes.
        everywhere: Whether B is singular at every ratio (a direction that neither C nor S sees); the roots of the rest
            are not computed then.
        present: b/bI of the game, or None for bI = 0.
    """

    ratios: Array
    diversity: Array
    directions: Array
    everywhere: bool
    present: float | None


@dataclass(frozen=True, eq=False)
class ContinuumMember:
    """One asymmetric interior equilibrium out of a continuum.

    Attributes:
        game: The game at the root, changed in bD only.
        profile: Interior mixtures that differ, shape (M, D).
        mean: Their mean, which is the homogeneous equilibrium of that game, shape (D,).
    """

    game: AlignmentGame
    profile: Array
    mean: Array


def alpha_roots(game: AlignmentGame) -> AlphaRoots:
    """The generalised eigenvalues b/bI of (2C, S) on the tangent space.

    At a nonsingular B every interior equilibrium is homogeneous. At a root, w_m = w* + s_m v with sum s_m = 0 is an
    equilibrium too as long as it is positive: e'B^{-1}e vanishes there (theory of the alignment game, section 4).
    The least root is where kappa_max = 1 if S is positive semidefinite.

    Args:
        game: The game; its incentives don't matter, its number of accounts only for `diversity`.

    Raises:
        InputError: Not an `AlignmentGame`, or a single account, which no one crowds.
    """
    require_identical(game)
    if game.accounts == 1:
        raise InputError("accounts", 1, "a single account is not crowded, so it has no disagreement; use at least 2")
    own, crowd = 2 * on_tangent(game.inconsistency), on_tangent(game.similarity)
    scales = max(float(np.abs(own).max()), 1e-300), max(float(np.abs(crowd).max()), 1e-300)
    price, unit = game.incentives, (game.accounts - 1 if game.crowding == "mean" else 1)
    present = game.crowding_weight / price.inconsistency if price.inconsistency > 0 else None
    pairs, vectors = eig(own / scales[0], crowd / scales[1], homogeneous_eigvals=True)
    if (np.abs(pairs).max(axis=0) <= 1e-10).any():
        nothing = np.zeros(0)
        empty = np.zeros((0, game.dimension))
        return AlphaRoots(nothing, nothing, empty, everywhere=True, present=present)
    finite = np.abs(pairs[1]) > 1e-12 * np.abs(pairs[0])
    values = np.where(finite, pairs[0], 0) / np.where(finite, pairs[1], 1)
    real = finite & (values.real > 1e-12) & (np.abs(values.imag) <= _SAME * np.abs(values))
    order = np.flatnonzero(real)[np.argsort(values.real[real])]
    ratios = values.real[order] * scales[0] / scales[1]
    directions = (tangent_basis(game.dimension) @ vectors.real[:, order]).T
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return AlphaRoots(
        ratios=read_only(ratios),
        diversity=read_only(ratios * unit),
        directions=read_only(directions),
        everywhere=False,
        present=present,
    )


def continuum_member(game: AlignmentGame, *, root: int = 0, spread: float = 0.5) -> ContinuumMember:
    """The game moved to one of its alpha roots by bD, and one asymmetric interior equilibrium there.

    Args:
        game: The game; bI > 0.
        root: Which root, 0 for the least.
        spread: How far the accounts are spread along the direction, as a share of what keeps all weights positive.

    Raises:
        InputError: No such root, bI = 0, a spread of 1 or more, or no interior equilibrium at that root.
    """
    if positive("spread", spread) >= 1:
        raise InputError("spread", spread, "expected a share below 1: at 1 a weight is zero")
    roots = alpha_roots(game)
    if whole_number("root", root, minimum=0) >= roots.ratios.size:
        raise InputError("root", root, f"the game has {roots.ratios.size} alpha root(s)")
    positive("incentives.inconsistency", game.incentives.inconsistency)
    moved = game.with_incentives(diversity=float(roots.diversity[root]) * game.incentives.inconsistency)
    mean = interior_mixture(SharedCrowding.of(moved))
    direction = roots.directions[root]
    offsets = np.linspace(-1.0, 1.0, game.accounts)
    reach = float((mean / np.maximum(np.abs(direction), 1e-300)).min())
    profile = mean + spread * reach * offsets[:, None] * direction
    return ContinuumMember(moved, read_only(profile), read_only(mean))
