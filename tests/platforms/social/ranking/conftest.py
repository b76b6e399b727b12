"""Rounds to rank: small, full of ties, blanks and unheard posts, with numbers that floats hold exactly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from platforms.social.posts import PostBatch, one_hot
from platforms.social.ranking.feeds import BLANK, Feeds


def make(seed=0, *, readers=7, places=6, posts=20, groups=3, accounts=5, blanks=0.2, unheard=0.1, exact=True):
    """Feeds of a round drawn from `seed`."""
    rng = np.random.default_rng(seed)
    voice = np.where(rng.random(posts) < unheard, -1, rng.integers(groups, size=posts))
    candidates = np.array([rng.permutation(posts)[:places] for _ in range(readers)])
    candidates[rng.random(candidates.shape) < blanks] = BLANK
    group = rng.integers(groups, size=readers)
    draw = (lambda *shape: rng.integers(1, 9, size=shape) / 8) if exact else (lambda *shape: rng.random(shape))
    shares = np.full(groups, 1 / groups)
    if exact:  # shares of eighths, so that mean tastes don't depend on the order of the groups
        shares = np.bincount(rng.integers(groups, size=8), minlength=groups) / 8
    return Feeds(
        round=4,
        posts=PostBatch(
            account=rng.integers(accounts, size=posts),
            group=np.maximum(voice, 0),
            voice=voice,
            topic=rng.integers(4, size=posts),
            answer=rng.integers(2, size=posts),
            time=rng.integers(6, size=posts) / 2,
            features=one_hot(voice, groups) if exact else rng.normal(size=(posts, 5)),
        ),
        candidates=candidates,
        group=group,
        taste=draw(groups, groups)[group],
        popularity=draw(accounts),
        exposure=shares,
        shares=shares,
        liked=draw(groups, groups if exact else 5),
    )


@pytest.fixture(scope="session")
def feeds_of():
    return make


@pytest.fixture(scope="session")
def one_reader():
    """A reader of group 0 of 2, who is offered every post once, in order; columns as named."""

    def build(voice, *, popularity=None, exposure=(0.5, 0.5), **posts):
        plain = np.zeros(len(voice), dtype=np.int64)
        voice = np.array(voice)
        batch = PostBatch(
            account=np.arange(len(voice)), group=plain, voice=voice, topic=plain, answer=plain, time=plain * 1.0,
            features=one_hot(voice, 2),
        )  # fmt: skip
        return Feeds(
            round=0,
            posts=replace(batch, **posts),
            candidates=np.arange(len(voice))[None, :],
            group=np.array([0]),
            taste=np.array([[1.0, 0.25]]),
            popularity=np.ones(len(voice)) if popularity is None else np.array(popularity),
            exposure=np.array(exposure),
            shares=np.array([0.5, 0.5]),
            liked=np.eye(2),
        )

    return build
