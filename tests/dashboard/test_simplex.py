"""Mixtures lie where they should: corners, middle, and straight lines between them."""

from __future__ import annotations

import re

import numpy as np
import pytest

from experiments.dashboard.simplex import CORNERS, mixtures_picture, triangle_points


def test_corners_and_middle():
    assert np.abs(triangle_points(np.eye(3)) - CORNERS).max() <= 1e-9
    assert np.abs(triangle_points(np.full(3, 1 / 3)) - CORNERS.mean(axis=0)).max() <= 1e-9
    sides = np.linalg.norm(CORNERS - np.roll(CORNERS, 1, axis=0), axis=1)
    assert np.abs(sides - sides[0]).max() <= 1e-9


def test_points_are_linear_in_mixtures():
    one, two = np.random.default_rng(0).dirichlet(np.ones(3), size=2)
    middle = triangle_points((one + two) / 2)
    assert np.abs(middle - (triangle_points(one) + triangle_points(two)) / 2).max() <= 1e-9


@pytest.mark.parametrize("size", [2, 3, 5])
def test_the_predicted_point_and_every_account_are_drawn(size):
    rng = np.random.default_rng(size)
    groups = tuple(f"<b>{d}" for d in range(size))
    profile, means = rng.dirichlet(np.ones(size), size=6), rng.dirichlet(np.ones(size), size=(2, 4))
    with_it = mixtures_picture(groups, profile, means, profile[0])
    without = mixtures_picture(groups, profile, means, None)
    assert "predicted" in with_it
    assert "predicted" not in without.replace(", mean and prediction", "")
    assert "<b>" not in with_it
    assert len(re.findall("<circle", without)) == (7 if size == 3 else size * (6 + 2))
