"""Random games for maps, and the same map from one solve per point."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from sim.quadratic import maximise_on_simplex


@pytest.fixture
def random_terms() -> Callable[..., dict[str, np.ndarray]]:
    """Maker of a, C and S, positive definite, from a seed."""

    def make(seed: int, dimension: int) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(seed)
        own, crowd = rng.normal(size=(2, dimension, dimension)) / np.sqrt(dimension)
        return {
            "attractiveness": 0.3 * rng.normal(size=dimension),
            "inconsistency": own @ own.T + 0.1 * np.eye(dimension),
            "similarity": crowd @ crowd.T + 0.1 * np.eye(dimension),
        }

    return make


@pytest.fixture
def point_by_point() -> Callable[..., np.ndarray]:
    """Maker of the mixtures of a map, each from its own exact solve."""

    def solve(found, *, attractiveness, inconsistency, similarity):
        points = np.empty((*found.grid.shape, len(attractiveness)))
        for row, column in itertools.product(*map(range, found.grid.shape)):
            pull, own, crowd = found.grid.incentives(row, column)
            matrix = 2 * own * np.asarray(inconsistency) + crowd * np.asarray(similarity)
            points[row, column] = maximise_on_simplex(matrix, pull * np.asarray(attractiveness))
        return points

    return solve
