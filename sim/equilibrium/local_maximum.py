"""Whether an equilibrium of a potential game is a strict local maximum of the potential: whether play comes back."""

from __future__ import annotations

import numpy as np

from sim.arrays import Array
from sim.equilibrium.supports import Terms
from sim.simplex import tangent_basis

LARGEST = 2000
"""Largest number of free directions whose second order is computed."""
_TIE = 1e-9


def is_local_maximum(terms: Terms, profile: Array) -> bool | None:
    """Second-order test of the weighted potential on the faces that the accounts stand on.

    At an equilibrium a direction into a group that earns strictly less falls at first order. What is left are
    directions within the supports: there the matrix with blocks 2 bI_m C_m / b_m and S between neighbours must be
    positive definite (theory of the alignment game, section 5).

    Args:
        terms: A game with S and network symmetric.
        profile: An equilibrium, shape (M, D).

    Returns:
        True or False; None where the second order does not decide: a group outside a support ties with it, a
        direction is flat, or there are more than `LARGEST` directions.
    """
    gradients = terms.gradients(profile)
    inside = profile > 0
    level = np.where(inside, gradients, 0.0).sum(axis=1, keepdims=True) / inside.sum(axis=1, keepdims=True)
    tied = bool((~inside & (gradients >= level - _TIE)).any())
    dimension = profile.shape[1]
    bases = []
    for support in inside:
        basis = np.zeros((dimension, int(support.sum()) - 1))
        basis[support] = tangent_basis(int(support.sum()))
        bases.append(basis)
    owners = np.concatenate([np.full(basis.shape[1], m) for m, basis in enumerate(bases)]).astype(np.int64)
    if owners.size == 0:
        return None if tied else True
    if owners.size > LARGEST:
        return None
    columns = np.hstack(bases)
    price = terms.price[owners]
    network = terms.game.network
    count = profile.shape[0]
    arcs = np.ones((count, count)) - np.eye(count) if network is None else network.adjacency.toarray()
    similarity = (terms.similarity + terms.similarity.T) / 2
    # Row by row the Jacobian; scaling both sides by sqrt(1/b) makes it symmetric. b_m = 0: such an account is alone.
    beside = np.sqrt(np.outer(price, price)) * arcs[np.ix_(owners, owners)] * (columns.T @ similarity @ columns)
    for m, basis in enumerate(bases):
        mine = np.flatnonzero(owners == m)
        beside[np.ix_(mine, mine)] = basis.T @ terms.own[m] @ basis
    least = float(np.linalg.eigvalsh(beside)[0])
    if least < -_TIE:
        return False
    return None if tied or least <= _TIE else True
