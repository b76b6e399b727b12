"""Equilibria in which accounts differ although they are alike: where sequential best response ends, and how often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, finite_array, non_negative, read_only, whole_number
from sim.equilibrium.crowding import skew_pull
from sim.equilibrium.exploitability import exploitability
from sim.equilibrium.heterogeneous import as_heterogeneous, settle
from sim.equilibrium.local_maximum import is_local_maximum
from sim.equilibrium.supports import Terms
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame
from sim.simplex import sample_uniform, validated_profile

_ALIKE = 1e-6


@dataclass(frozen=True, eq=False)
class FoundEquilibrium:
    """One equilibrium, up to exchanging accounts that are interchangeable.

    Attributes:
        profile: One arrangement of it, shape (M, D).
        potential: The potential there, in units of utility; of a `HeterogeneousGame` the one of `potential`.
        exploitability: Largest unilateral gain.
        starts: How many starts led to it.
        stable: Whether it is a strict local maximum of the potential: sequential best response, gradient and replicator
            come back after a small push. None where it is flat to second order (ties, a continuum).
        homogeneous: Whether all accounts play one mixture.
        excluded: Groups with less than the threshold in EVERY account; a zero weight of one account is no exclusion.
    """

    profile: Array
    potential: float
    exploitability: float
    starts: int
    stable: bool | None
    homogeneous: bool
    excluded: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class FoundEquilibria:
    """What a search from many starts found; it can miss equilibria.

    Attributes:
        equilibria: Highest potential first.
        starts: Number of starts.
        unsettled: Starts from which no equilibrium was reached within the tolerance.
    """

    equilibria: tuple[FoundEquilibrium, ...]
    starts: int
    unsettled: int


def asymmetric_equilibria(
    game: AlignmentGame | HeterogeneousGame,
    rng: np.random.Generator,
    *,
    starts: int | ArrayLike = 60,
    threshold: float = 0.05,
    tolerance: float = 1e-12,
    sweeps: int = 3000,
) -> FoundEquilibria:
    """Equilibria that sequential best response reaches from many starts: local maxima of the potential.

    Starts are uniform over mixtures, every third one with each account on a single group. Above kappa_max = 1 the
    equilibria found differ between accounts (theory of the alignment game, section 5); below it all starts lead to
    the homogeneous one, which is in the list whenever a start leads to it. Equilibria that differ only by
    exchanging interchangeable accounts (equal terms; on a network also equal neighbours) count as one.

    Args:
        game: A game with a potential: S symmetric (up to a constant pull), mutual neighbours.
        rng: Source of the starts.
        starts: Number of starts, or the starts themselves, shape (K, M, D).
        threshold: Weight below which an account is taken to leave a group out.
        tolerance: Largest exploitability accepted, as in `heterogeneous_equilibrium`.
        sweeps: Most sweeps per start.

    Raises:
        InputError: No potential, or bad starts, threshold, tolerance or sweeps.
    """
    own = as_heterogeneous(game)
    _require_potential(own)
    limit = non_negative("threshold", threshold)
    whole_number("sweeps", sweeps, minimum=1)
    if non_negative("tolerance", tolerance) == 0:
        raise InputError("tolerance", tolerance, "expected a number > 0")
    terms = Terms.of(own)
    accepted = tolerance * max(1.0, terms.scale)
    classes = interchangeable(own)
    found: list[tuple[Array, float, int]] = []
    unsettled = 0
    profiles = _starts(own, starts, rng)
    for start in profiles:
        profile, _ = settle(terms, start, floor=0.0, accepted=accepted, sweeps=sweeps, leap=False)
        if exploitability(own, profile) > accepted:
            unsettled += 1
            continue
        height = game.potential(profile) if isinstance(game, AlignmentGame) else potential(terms, profile)
        for k, (other, level, count) in enumerate(found):
            if abs(level - height) <= 1e-7 * max(1.0, abs(height)) and _same(profile, other, classes):
                found[k] = (other, level, count + 1)
                break
        else:
            found.append((profile, height, 1))
    found.sort(key=lambda each: -each[1])
    equilibria = tuple(
        FoundEquilibrium(
            profile=read_only(profile),
            potential=height,
            exploitability=exploitability(own, profile),
            starts=count,
            stable=is_local_maximum(terms, profile),
            homogeneous=bool(np.ptp(profile, axis=0).max() <= _ALIKE),
            excluded=tuple(np.flatnonzero(profile.max(axis=0) < limit).tolist()),
        )
        for profile, height, count in found
    )
    return FoundEquilibria(equilibria, len(profiles), unsettled)


def potential(terms: Terms, profile: Array) -> float:
    """Weighted potential: a unilateral move of account m changes it by (max b / b_m) times the change in its utility.

    Accounts that nobody crowds count with weight 1: what they do is theirs alone. In units of utility; it leaves out
    the constant that the gauge of a, C and S would add. S symmetric, b_m equal: the exact potential of theory of the
    alignment game, section 5.
    """
    weights = _weights(terms)
    slope = np.einsum("mde,me->md", terms.own, profile)
    # A pair is charged to both of its accounts and counted once; a constant pull inside S belongs to no pair.
    tilt, _ = skew_pull(terms.similarity)
    symmetric = (terms.similarity + terms.similarity.T) / 2
    paired = -terms.price * np.sum(profile * (terms.crowd(profile) @ symmetric), axis=1) / 2
    paired -= terms.price * terms.game.neighbours * (profile @ tilt)
    own = np.sum(profile * (terms.pull - slope / 2), axis=1)
    return float(terms.scale * np.sum(weights * (own + paired)))


def interchangeable(game: HeterogeneousGame) -> list[list[int]]:
    """Accounts with equal terms and, on a network, equal neighbours (apart from each other): sets of their indices."""
    rows = np.hstack([game.attractiveness, game.incentives, game.kinds[:, None].astype(np.float64)])
    sets: list[list[int]] = []
    for account in range(game.accounts):
        for members in sets:
            if np.array_equal(rows[members[0]], rows[account]) and _twins(game, members[0], account):
                members.append(account)
                break
        else:
            sets.append([account])
    return sets


def _twins(game: HeterogeneousGame, first: int, second: int) -> bool:
    if game.network is None:
        return True
    around, beside = game.network.neighbours(first), game.network.neighbours(second)
    return np.array_equal(np.setdiff1d(around, [second]), np.setdiff1d(beside, [first]))


def _weights(terms: Terms) -> Array:
    largest = max(float(terms.price.max()), 1e-300)
    weights: Array = np.where(terms.price > 0, largest / np.where(terms.price > 0, terms.price, 1.0), 1.0)
    return weights


def _require_potential(game: HeterogeneousGame) -> None:
    rest = skew_pull(game.similarity)[1]
    if rest > 1e-10 * float(np.abs(game.similarity).max()):
        text = f"matrix with antisymmetric part {rest:.3g} on the tangent space"
        raise InputError("similarity", text, "no potential, so best responses may cycle: simulate() a rule")
    if game.network is not None and not game.network.symmetric:
        raise InputError("network", "a directed graph", "no potential: use graph.to_undirected(), or simulate() a rule")


def _starts(game: HeterogeneousGame, starts: int | ArrayLike, rng: np.random.Generator) -> Array:
    if not isinstance(starts, int | np.integer):
        given = finite_array("starts", starts, ndim=3)
        rows = [
            validated_profile(f"starts[{k}]", each, (game.accounts, game.dimension)) for k, each in enumerate(given)
        ]
        if not rows:
            raise InputError("starts", "an empty array", "give at least one start")
        return np.stack(rows)
    count = whole_number("starts", int(starts), minimum=1)
    profiles = sample_uniform(rng, game.dimension, (count, game.accounts))
    pure = np.eye(game.dimension)[rng.integers(game.dimension, size=(count, game.accounts))]
    profiles[2::3] = pure[2::3]
    return profiles


def _same(profile: Array, other: Array, classes: list[list[int]]) -> bool:
    for members in classes:
        apart = np.abs(profile[members][:, None, :] - other[members][None, :, :]).max(axis=2)
        rows, columns = linear_sum_assignment(apart)
        if apart[rows, columns].max() > _ALIKE:
            return False
    return True
