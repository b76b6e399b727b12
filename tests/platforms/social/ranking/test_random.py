"""Every order is equally likely."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chisquare

from platforms.social.ranking.chronological import Chronological
from platforms.social.ranking.random import Random


def chance(ranking, feeds, slots):
    """p-value of "all ordered choices of `slots` among four candidates are equally likely"."""
    many = replace(
        feeds,
        candidates=np.tile(feeds.candidates, (12_000, 1)),
        group=np.zeros(12_000, dtype=np.int64),
        taste=np.tile(feeds.taste, (12_000, 1)),
    )
    feed = ranking.rank(many, slots, np.random.default_rng(5))
    counts = np.bincount(feed @ 4 ** np.arange(slots), minlength=4**slots)
    possible = [len({(k // 4**s) % 4 for s in range(slots)}) == slots for k in range(4**slots)]
    assert counts[~np.array(possible)].sum() == 0
    return chisquare(counts[possible]).pvalue


@pytest.mark.parametrize("slots", [1, 2, 4])
def test_orders_are_uniform(one_reader, slots):
    feeds = one_reader([0, 1, 0, 1], time=np.array([1.0, 2.0, 3.0, 4.0]), popularity=[1.0, 0.1, 0.5, 0.2])
    assert chance(Random(), feeds, slots) > 0.01
    assert chance(Chronological(), feeds, slots) < 1e-9  # the test can tell
