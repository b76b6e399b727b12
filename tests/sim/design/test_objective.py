"""The objective: its parts by hand, its gradient against differences, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from sim.design.objective import Objective, soft_least
from sim.design.price import effective_groups
from sim.errors import InputError

VIEWS, SHARES = np.array([0.6, 0.3, 0.1]), np.array([0.5, 0.3, 0.2])


def wanted(**settings):
    return Objective(views=VIEWS, shares=SHARES, present=np.zeros(2), **settings)


def test_measures_by_hand():
    mixture = np.array([0.7, 0.28, 0.02])
    found = wanted().measures(mixture)
    assert found.engagement == pytest.approx(0.6 * 0.7 + 0.3 * 0.28 + 0.1 * 0.02)
    assert (found.least, found.unserved) == (0.02, 0.2)
    assert found.effective == pytest.approx(effective_groups(mixture).shannon)
    assert found.soft_least <= found.least


@pytest.mark.parametrize("sharpness", [10.0, 100.0, 1e5])
def test_the_soft_least_lies_below_the_least_by_at_most_its_bound(sharpness):
    for mixture in np.random.default_rng(0).dirichlet(np.ones(5), 200):
        below = mixture.min() - soft_least(mixture, sharpness)
        assert -1e-15 <= below <= np.log(5) / sharpness


def test_gradient_agrees_with_differences():
    goal = wanted(representation=0.7, diversity=0.2, cost=0.3, sharpness=30.0, target=0.2)
    rng, step = np.random.default_rng(1), 1e-6
    for mixture in rng.dirichlet(3 * np.ones(3), 20):
        levers = rng.normal(size=2)
        in_mixture, in_levers = goal.gradient(mixture, levers)
        for slope, at in ((in_mixture, 0), (in_levers, 1)):
            for k in range(slope.size):
                ends = []
                for sign in (1, -1):
                    point = [mixture.copy(), levers.copy()]
                    point[at][k] += sign * step
                    ends.append(goal.value(*point))
                assert slope[k] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-7)


def test_representation_is_paid_in_full_at_the_target_and_no_more():
    goal = wanted(engagement=0.0, representation=2.0, target=0.1, sharpness=1e4)
    assert goal.value(np.array([0.4, 0.3, 0.3]), np.zeros(2)) == 2.0
    assert goal.value(np.array([0.95, 0.05, 0.0]), np.zeros(2)) < 0.01


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"threshold": 0.4}, "threshold"),
        ({"target": 0.5}, "target"),
        ({"cost": -1.0}, "cost"),
        ({"sharpness": 0}, "sh"),
    ],
)
def test_bad_settings_are_named(settings, field):
    with pytest.raises(InputError, match=field):
        wanted(**settings)
