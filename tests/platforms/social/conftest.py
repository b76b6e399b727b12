"""A feed small enough to be worked out by hand, every part of it replaceable."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from agents.subpopulations.synthetic import SyntheticPopulation
from platforms.social.audience.audience import Audience
from platforms.social.audience.following import Following
from platforms.social.feed_platform import FeedPlatform, FeedSettings
from platforms.social.ranking.random import Random
from platforms.social.rewards import CreatorRewards
from sim.dynamics.protocol import State


class Still:
    """A learning rule that learns nothing."""

    def step(self, state, feedback, rng):
        return State(state.profile)


def nobody(members, accounts):
    return Following.at_random(members, accounts, 0, np.random.default_rng(0), capacity=4)


@pytest.fixture
def feed() -> Callable[..., FeedPlatform]:
    """Build a feed of M accounts and R members; settings by name, other parts as for `FeedPlatform`."""

    def build(accounts=6, members=60, groups=3, *, tolerance=0.0, budget=8, parts=None, **settings):
        table = SyntheticPopulation(groups, 4, 3, 1.0, seed=0).table
        given = {
            "table": table,
            "audience": Audience.of(table.groups, table.shares, members, tolerance=tolerance, budget=budget),
            "following": nobody(members, accounts),
            "ranking": Random(),
            "rewards": CreatorRewards(),
            "settings": FeedSettings(**{"discovery": 1.0, **settings}),
            "dynamics": Still(),
            "start": np.full((accounts, groups), 1.0 / groups),
            "seed": 0,
        }
        return FeedPlatform(**given | (parts or {}))

    return build
