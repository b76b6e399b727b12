"""Time averages of play: what rules without regret promise something about."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, finite_array


def time_average(trajectory: ArrayLike) -> Array:
    """Average of the profiles played up to each round, shape (T, M, D).

    Args:
        trajectory: Profiles by round, shape (T, M, D).

    Raises:
        InputError: Not a finite array with three axes.

    >>> time_average([[[1.0, 0.0]], [[0.0, 1.0]]])[-1].tolist()
    [[0.5, 0.5]]
    """
    path = finite_array("trajectory", trajectory, ndim=3)
    averages: Array = np.cumsum(path, axis=0) / np.arange(1, path.shape[0] + 1)[:, None, None]
    return averages
