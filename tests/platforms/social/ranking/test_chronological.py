"""Newest first."""

import numpy as np

from platforms.social.ranking.chronological import Chronological


def test_newest_first_and_of_one_time_the_earlier_candidate(one_reader):
    feeds = one_reader([0, 1, 0, 1], time=np.array([1.0, 2.5, 1.0, 0.5]))
    assert Chronological().rank(feeds, 4, np.random.default_rng(0)).tolist() == [[1, 0, 2, 3]]


def test_time_alone_counts(feeds_of):
    feeds = feeds_of(3, readers=50, blanks=0.0)
    feed = Chronological().rank(feeds, 5, np.random.default_rng(0))
    assert (np.diff(feeds.posts.time[feed], axis=1) <= 0).all()
    left_out = [np.setdiff1d(offered, shown) for offered, shown in zip(feeds.candidates, feed, strict=True)]
    assert all(
        feeds.posts.time[out].max() <= feeds.posts.time[shown[-1]] for out, shown in zip(left_out, feed, strict=True)
    )
