"""Random directions in which a mixture can be tried out."""

from __future__ import annotations

import numpy as np

from sim.arrays import Array


def random_directions(rng: np.random.Generator, accounts: int, dimension: int) -> Array:
    """Directions drawn uniformly from the unit sphere of the tangent space {v : sum v = 0}, shape (M, D).

    Args:
        rng: Source of randomness; M * D normal numbers are drawn.
        accounts: Number of directions M.
        dimension: Number of groups D >= 2.
    """
    directions: Array = rng.standard_normal((accounts, dimension))
    directions -= directions.mean(axis=1, keepdims=True)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return directions
