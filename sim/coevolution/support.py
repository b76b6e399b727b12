"""The maximiser of q'w - w'Hw/2 over the simplex, piecewise linear in q: a piece for each set of voices in use.

On the voices in use the bordered system `[H e; e' 0][w; lambda] = [q; 1]` holds, the others have weight zero (theory of
the alignment game, sections 3 and 5). The formula of a piece extends smoothly beyond the region where it is the
maximiser; the margins say where that region ends.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.arrays import Array
from sim.quadratic import maximise_on_simplex

Support = tuple[bool, ...]


class Piece(NamedTuple):
    """One piece, evaluated.

    Attributes:
        weights: Shape (..., V); zero outside the support, of any sign on it.
        margins: Weight of a voice in use; for another, by how much it earns less than the voices in use. Same shape.
            The weights are the maximiser while all margins are >= 0.
        support: The voices in use.
    """

    weights: Array
    margins: Array
    support: Support


def on_support(quadratic: Array, linear: Array, support: Support) -> Piece:
    """The piece of a given support; many linear terms at once.

    Args:
        quadratic: H, symmetric, positive definite on the tangent space of the support, shape (V, V).
        linear: q, shape (..., V).
        support: Voices in use, at least one.

    Returns:
        Weights and margins of the shape of `linear`.
    """
    inside = np.flatnonzero(support)
    size = inside.size
    system = np.zeros((size + 1, size + 1))
    system[:size, :size] = quadratic[np.ix_(inside, inside)]
    system[:size, size] = system[size, :size] = 1.0
    right = np.ones((*linear.shape[:-1], size + 1))
    right[..., :size] = linear[..., inside]
    solved = np.linalg.solve(system, right.reshape(-1, size + 1).T).T.reshape(right.shape)
    weights = np.zeros(linear.shape)
    weights[..., inside] = solved[..., :size]
    margins = solved[..., size:] - linear + weights @ quadratic
    margins[..., inside] = weights[..., inside]
    return Piece(weights, margins, support)


def best_on_simplex(quadratic: Array, linear: Array, guess: Support | None = None) -> Piece:
    """The maximiser, with the piece it lies on.

    Args:
        quadratic: H, as in `on_support`, on the whole tangent space.
        linear: q, shape (V,).
        guess: Support to try first; the optimality conditions say whether it is the one.
    """
    if guess is not None:
        piece = on_support(quadratic, linear, guess)
        if piece.margins.min() >= 0:
            return piece
    found = maximise_on_simplex(quadratic, linear)
    return on_support(quadratic, linear, tuple((found > 0).tolist()))
