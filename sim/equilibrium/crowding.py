"""Accounts that are alike: one crowding price for all, and how a disturbance spreads over who crowds whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import diags_array
from scipy.sparse.linalg import eigsh

from sim.alignment_game import AlignmentGame
from sim.arrays import Array
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame
from sim.simplex import tangent_basis

_DENSE = 1500
"""Largest network whose every mode is computed; above it the two ends of the spectrum."""


@dataclass(frozen=True, eq=False)
class SharedCrowding:
    """Identical accounts, each crowded by a weighted mean of its neighbours: what decides their common stability.

    A disturbance v that account m carries with weight x_m, where x is an eigenvector of the network with eigenvalue
    nu, meets the curvature 2 bI C + nu c S. On the complete graph nu = 1 for what all share (this is A) and
    nu = -1/(M-1) for what cancels over the accounts (this is B).

    Attributes:
        own: Own curvature 2 bI C, shape (D, D).
        total: c = bD ("mean") or bD times the number of neighbours ("sum"): price of a whole neighbourhood.
        similarity: S, shape (D, D).
        modes: Distinct eigenvalues nu of the normalised adjacency, descending; the first is 1 (0 where nobody is
            crowded). Of networks above 1,500 accounts only the largest and the least.
        accounts: M.
        pull: bA a, shape (D,).
    """

    own: Array
    total: float
    similarity: Array
    modes: Array
    accounts: int
    pull: Array

    @classmethod
    def of(cls, game: AlignmentGame | HeterogeneousGame) -> SharedCrowding:
        """The common terms of a game whose accounts are identical.

        Raises:
            InputError: The accounts differ, some are crowded and others not, the network is directed, or crowding is
                summed over unequal numbers of neighbours: then accounts at one mixture face different crowds.
        """
        if isinstance(game, AlignmentGame):
            total = (game.accounts - 1) * game.crowding_weight
            if game.crowding == "mean" and game.accounts > 1:
                total = game.incentives.diversity
            modes = _complete(game.accounts)
            own, pull = game.curvature(0), game.incentives.attractiveness * game.attractiveness
            return cls(own, float(total), game.similarity, modes, game.accounts, pull)
        if not isinstance(game, HeterogeneousGame):
            raise InputError("game", type(game).__name__, "expected an AlignmentGame or a HeterogeneousGame")
        _require_identical(game)
        degrees = game.neighbours
        modes = _complete(game.accounts) if game.network is None else _network_modes(game)
        total = float(game.crowding_weights[0] * degrees[0])
        pull = game.incentives[0, 0] * game.attractiveness[0]
        return cls(game.curvature(0), total, game.similarity, modes, game.accounts, pull)

    def curvature(self, mode: float) -> Array:
        """Curvature 2 bI C + nu c S that a disturbance of eigenvalue nu meets, shape (D, D)."""
        matrix: Array = self.own + mode * self.total * self.similarity
        return matrix


def require_identical(game: object) -> None:
    """Refuse what is not an `AlignmentGame`.

    Raises:
        InputError: Anything else; the message names the functions that take accounts that differ.
    """
    if not isinstance(game, AlignmentGame):
        remedy = "expected an AlignmentGame; heterogeneous_equilibrium() and uniqueness() take accounts that differ too"
        raise InputError("game", type(game).__name__, remedy)


def on_tangent(matrix: Array) -> Array:
    """A matrix, symmetric or not, as a linear map of the tangent space, shape (D-1, D-1)."""
    basis = tangent_basis(matrix.shape[0])
    # Removing the centre first keeps a large gauge constant from costing digits.
    restricted: Array = basis.T @ (matrix - matrix.mean()) @ basis
    return restricted


def skew_pull(matrix: Array) -> tuple[Array, float]:
    """Split off the antisymmetric part that is only a constant pull: (u, rest), matrix - sym = u 1' - 1 u' + rest.

    On mixtures (u 1' - 1 u')w = u less a constant, so it moves attractiveness and curves nothing. The rest is zero
    exactly where the antisymmetric part vanishes on the tangent space: then the game has an exact potential.
    """
    skew = (matrix - matrix.T) / 2
    pull = skew.mean(axis=1)
    return pull, float(np.abs(skew - pull[:, None] + pull[None, :]).max())


def _complete(accounts: int) -> Array:
    return np.array([1.0, -1.0 / (accounts - 1)]) if accounts > 1 else np.array([0.0])


def _require_identical(game: HeterogeneousGame) -> None:
    remedy = "this needs identical accounts; uniqueness() and heterogeneous_equilibrium() allow accounts that differ"
    for field, rows in (("attractiveness", game.attractiveness), ("incentives", game.incentives)):
        if (rows != rows[0]).any():
            raise InputError(field, "rows that differ between accounts", remedy)
    own = game.inconsistency[game.kinds]
    if (own != own[0]).any():
        raise InputError("inconsistency", "matrices that differ between accounts", remedy)
    degrees = game.neighbours
    if (degrees == 0).any() and (degrees > 0).any():
        account = int(np.flatnonzero(degrees == 0)[0])
        raise InputError(
            "network", f"account {account} without neighbours", "nobody crowds it: solve it as a game of its own"
        )
    if game.crowding == "sum" and (degrees != degrees[0]).any():
        raise InputError(
            "network",
            f"between {degrees.min()} and {degrees.max()} neighbours with crowding='sum'",
            "accounts at one mixture face crowds of different size; use crowding='mean' or a regular graph",
        )


def _network_modes(game: HeterogeneousGame) -> Array:
    network = game.network
    if network is None or not network.symmetric:
        raise InputError(
            "network", "a directed graph", "stability by modes needs mutual neighbours: graph.to_undirected()"
        )
    degrees = network.degrees
    if degrees[0] == 0:
        return np.array([0.0])
    # D^{-1/2} A D^{-1/2} has the eigenvalues of D^{-1} A and is symmetric.
    root = diags_array(1 / np.sqrt(degrees))
    normalised = root @ network.adjacency @ root
    if network.accounts > _DENSE:
        start = np.random.default_rng(0).normal(size=network.accounts)
        least = eigsh(normalised, k=1, which="SA", return_eigenvectors=False, v0=start, tol=1e-10)
        return np.array([1.0, float(least[0])])
    values = np.linalg.eigvalsh(normalised.toarray())[::-1]
    distinct = values[np.append(True, np.diff(values) < -1e-10)]
    # The consensus mode is 1 exactly, once per connected part.
    modes: Array = np.where(np.abs(distinct - 1) <= 1e-10, 1.0, distinct)
    return modes
