"""Readers read as far as their budget goes and react with the probabilities they are given."""

import numpy as np
import pytest

from platforms.social.audience.audience import Audience
from platforms.social.audience.history import History
from platforms.social.audience.reactions import Readings, react
from platforms.social.posts import PostBatch, one_hot

GROUPS = ("a", "b", "c")


def posts(voice):
    voice = np.asarray(voice)
    number = np.arange(len(voice))
    return PostBatch(
        account=number,
        group=voice,
        voice=voice,
        topic=number,
        answer=number,
        time=number * 1.0,
        features=one_hot(voice, 3),
    )


def audience(taste, members, budget=3):
    """One member of group a with a taste for each row, and two bystanders."""
    return Audience(
        groups=GROUPS,
        group=np.array([0] * members + [1, 2]),
        taste=np.vstack([np.tile(taste, (members, 1)), np.zeros((2, 3))]),
        budget=np.full(members + 2, budget),
        active=np.ones(members + 2, dtype=bool),
    )


def reactions(feed, voice, taste=(1.0, 0.5, 0.0), budget=3, **rates):
    given = {"share_rate": 0.0, "follow_rate": 0.0, "unfollow_rate": 0.0} | rates
    feed = np.asarray(feed)
    crowd = audience(taste, len(feed), budget)
    read = react(crowd, np.arange(len(feed)), feed, posts(voice), rng=np.random.default_rng(0), **given)
    return crowd, read


def test_budgets_end_feeds_and_blanks_are_not_read():
    _, read = reactions([[0, 1, 2, 3], [3, -1, 0, 1]], [0, 0, 0, 0])
    assert read.post.tolist() == [[0, 1, 2, -1], [3, -1, 0, -1]]
    assert read.read.sum() == read.liked.sum() == 5


def test_likes_shares_follows_and_unfollows_have_their_rates():
    feed = np.tile([0, 1, 2], (20_000, 1))
    _, read = reactions(feed, [0, 1, 2], share_rate=0.3, follow_rate=0.2, unfollow_rate=0.4)
    within = 4.5 * np.sqrt(0.25 / 20_000)
    assert read.liked.mean(axis=0) == pytest.approx([1.0, 0.5, 0.0], abs=within)
    assert read.shared.mean(axis=0) == pytest.approx([0.3, 0.15, 0.0], abs=within)
    assert read.follows.mean(axis=0) == pytest.approx([0.2, 0.1, 0.0], abs=within)
    assert read.unfollows.mean(axis=0) == pytest.approx([0.0, 0.2, 0.4], abs=within)
    assert not (read.unfollows & read.liked).any()


def test_nobody_likes_a_post_without_a_voice():
    _, read = reactions([[0, 1]], [-1, 0], taste=(1.0, 1.0, 1.0))
    assert read.liked.tolist() == [[False, True]]
    assert read.read.all()


def test_history_finds_tastes_popularity_and_what_is_liked():
    feed = np.tile([0, 1, 2], (4000, 1))
    crowd, read = reactions(feed, [0, 1, 1])
    readings = Readings.of(read, crowd)
    assert readings.seen[0].tolist() == [1.0, 2.0, 0.0]
    assert readings.views.tolist() == [3.0] * 4000 + [0.0, 0.0]
    history = History(3, 4, recency=0.0)
    assert history.taste.tolist() == [[0.5] * 3] * 3
    assert not history.liked_features(3).any()
    history.remember(read, readings, posts([0, 1, 1]), crowd.group)
    assert history.taste[0] == pytest.approx([1.0, 0.5, 0.5], abs=0.03)  # voice c was never seen: as at the start
    assert history.popularity == pytest.approx([1.0, 0.5, 0.5, 0.5], abs=0.03)
    assert history.exposure == pytest.approx([1 / 3, 2 / 3, 0.0], abs=1e-3)
    assert history.served == pytest.approx([2 / 3, 0.5, 0.5], abs=0.02)
    assert history.liked_features(3)[0] == pytest.approx([0.5, 0.5, 0.0], abs=0.02)
    assert not history.liked_features(3)[1:].any()


def test_history_forgets_at_its_recency():
    feed = np.tile([0], (1000, 1))
    quick, slow = History(3, 1, recency=0.5), History(3, 1, recency=0.0)
    for taste in ((1.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)):
        crowd, read = reactions(feed, [0], taste=taste)
        for history in (quick, slow):
            history.remember(read, Readings.of(read, crowd), posts([0]), crowd.group)
    assert slow.taste[0, 0] == pytest.approx(1 / 3, abs=0.01)
    assert quick.taste[0, 0] == pytest.approx(0.25 / 1.75, abs=0.01)
