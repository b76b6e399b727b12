"""All accounts at once on given supports: the linear system that an equilibrium with those supports solves."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import block_array, block_diag, csc_array, diags_array, kron
from scipy.sparse.linalg import MatrixRankWarning, spsolve

from sim.arrays import Array
from sim.heterogeneous_game import HeterogeneousGame

LARGEST_NETWORK = 6000
"""Largest system M (D + 1) that is factorised on a network; the complete graph has no limit."""


@dataclass(frozen=True, eq=False)
class Terms:
    """The arrays of a game, scaled so that its largest coefficient is about one.

    Attributes:
        own: 2 bI_m C_m, shape (M, D, D).
        pull: bA_m a_m, shape (M, D).
        price: b_m, shape (M,).
        similarity: S without its mean, shape (D, D).
        game: The game itself.
        scale: What utilities were divided by.
    """

    own: Array
    pull: Array
    price: Array
    similarity: Array
    game: HeterogeneousGame
    scale: float

    @classmethod
    def of(cls, game: HeterogeneousGame) -> Terms:
        """Collect the terms, without their gauge."""
        matrices = game.inconsistency - game.inconsistency.mean(axis=(1, 2), keepdims=True)
        own = 2 * game.incentives[:, 1, None, None] * matrices[game.kinds]
        pull = game.incentives[:, :1] * (game.attractiveness - game.attractiveness.mean(axis=1, keepdims=True))
        similarity = game.similarity - game.similarity.mean()
        crowd = float((game.crowding_weights * game.neighbours).max()) * float(np.abs(similarity).max())
        scale = max(float(np.abs(own).max()), float(np.abs(pull).max()), crowd, 1e-300)
        return cls(own / scale, pull / scale, game.crowding_weights / scale, similarity, game, scale)

    def crowd(self, profile: Array) -> Array:
        """Sum of the neighbours' mixtures, shape (M, D)."""
        network = self.game.network
        return profile.sum(axis=0) - profile if network is None else network.sums(profile)

    def gradients(self, profile: Array) -> Array:
        """Scaled gradients without the gauge, shape (M, D)."""
        slope = np.einsum("mde,me->md", self.own, profile)
        crowd = self.price[:, None] * (self.crowd(profile) @ self.similarity.T)
        gradients: Array = self.pull - slope - crowd
        return gradients


def on_supports(terms: Terms, inside: NDArray[np.bool_], floor: float) -> Array | None:
    """Weights at which every account's gradients agree on its support and weights outside are `floor`, shape (M, D).

    Weights may come out below the floor, and groups outside may earn more: the caller checks. On the complete graph
    each account's weights are affine in the sum of all mixtures, so one D x D system decides; on a network the
    whole sparse system is factorised.

    Returns:
        The weights, or None where the system is singular or, on a network, above `LARGEST_NETWORK`.
    """
    if terms.game.network is None:
        return _by_aggregate(terms, inside, floor)
    if inside.shape[0] * (inside.shape[1] + 1) > LARGEST_NETWORK:
        return None
    return _sparse(terms, inside, floor)


def _by_aggregate(terms: Terms, inside: NDArray[np.bool_], floor: float) -> Array | None:
    accounts, dimension = inside.shape
    free = inside.astype(np.float64)
    # The sum includes the account itself, hence own - b_m S.
    own = terms.own - terms.price[:, None, None] * terms.similarity
    bordered = np.zeros((accounts, dimension + 1, dimension + 1))
    bordered[:, :-1, :-1] = free[:, :, None] * own * free[:, None, :]
    bordered[:, np.arange(dimension), np.arange(dimension)] += 1 - free
    bordered[:, :-1, -1] = bordered[:, -1, :-1] = free
    fixed = floor * (1 - free)
    try:
        inverse = np.linalg.inv(bordered)
        goal = free * (terms.pull - np.einsum("mde,me->md", own, fixed))
        alone = np.einsum("mde,me->md", inverse[:, :-1, :-1], goal)
        alone = fixed + free * (alone + inverse[:, :-1, -1] * (1 - fixed.sum(axis=1, keepdims=True)))
        reply = terms.price[:, None, None] * (free[:, :, None] * inverse[:, :-1, :-1] * free[:, None, :])
        shift = np.linalg.solve(np.eye(dimension) + reply.sum(axis=0) @ terms.similarity, alone.sum(axis=0))
    except np.linalg.LinAlgError:
        return None
    weights: Array = alone - np.einsum("mde,e->md", reply, terms.similarity @ shift)
    return weights if np.isfinite(weights).all() else None


def _sparse(terms: Terms, inside: NDArray[np.bool_], floor: float) -> Array | None:
    accounts, dimension = inside.shape
    network = terms.game.network
    if network is None:
        return None
    free = inside.ravel().astype(np.float64)
    arcs = diags_array(terms.price) @ network.adjacency
    whole = block_diag(list(terms.own), format="csr") + kron(arcs, terms.similarity, format="csr")
    whole = diags_array(free) @ whole + diags_array(1 - free)
    rows, columns = np.arange(free.size), np.repeat(np.arange(accounts), dimension)
    levels = csc_array((free, (rows, columns)), shape=(free.size, accounts))
    sums = csc_array((np.ones(free.size), (columns, rows)), shape=(accounts, free.size))
    system = block_array([[whole, levels], [sums, None]], format="csc")
    goal = np.concatenate([np.where(inside, terms.pull, floor).ravel(), np.ones(accounts)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MatrixRankWarning)
        solution = spsolve(system, goal)
    weights: Array = solution[: free.size].reshape(accounts, dimension)
    return weights if np.isfinite(weights).all() else None
