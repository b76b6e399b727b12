"""Posts as columns keep their entries together; what is drawn has the probabilities asked for."""

import numpy as np
import pytest
from scipy.stats import chisquare

from platforms.social.post import Draft, Post
from platforms.social.posts import AsDrawn, Confused, PostBatch, bounds, drawn, one_hot
from sim.errors import InputError


def written(count):
    return [
        Post(draft=Draft(account=n, group=n % 2, topic=5, answer=n % 3, seed=n), text="x", voice=-(n % 2))
        for n in range(count)
    ]


def batch(count):
    return PostBatch.of(written(count), np.arange(count) * 0.5, np.eye(count))


def test_columns_of_written_posts():
    posts = batch(4)
    assert (len(posts), posts.account.tolist(), posts.group.tolist()) == (4, [0, 1, 2, 3], [0, 1, 0, 1])
    assert (posts.voice.tolist(), posts.answer.tolist()) == ([0, -1, 0, -1], [0, 1, 2, 0])
    assert len(batch(0)) == 0


def test_posts_are_taken_and_joined_whole():
    posts = batch(4)
    joined = posts.take(np.array([3, 1])).followed_by(posts)
    assert joined.account.tolist() == [3, 1, 0, 1, 2, 3]
    assert joined.time.tolist() == [1.5, 0.5, 0.0, 0.5, 1.0, 1.5]
    assert joined.features.argmax(axis=1).tolist() == [3, 1, 0, 1, 2, 3]


def test_columns_of_different_lengths_are_named():
    with pytest.raises(InputError, match=r"posts\.time = 3 entries: expected 4"):
        PostBatch.of(written(4), np.zeros(3), np.eye(4))


def test_voices_are_confused_as_told():
    confusion = np.array([[0.7, 0.3, 0.0], [0.0, 1.0, 0.0], [0.25, 0.25, 0.5]])
    group = np.repeat([0, 1, 2], 20_000)
    voice = Confused(confusion)(group, np.zeros_like(group), np.random.default_rng(0))
    for g in range(3):
        counts = np.bincount(voice[group == g], minlength=3)
        possible = confusion[g] > 0
        assert not counts[~possible].any()
        if possible.sum() > 1:
            assert chisquare(counts[possible], 20_000 * confusion[g, possible]).pvalue > 1e-4
    assert AsDrawn()(group, group, np.random.default_rng(0)) is group
    with pytest.raises(InputError, match="confusion"):
        Confused([[0.5, 0.5]])
    with pytest.raises(InputError, match=r"sum of confusion\[1\]"):
        Confused([[0.5, 0.5], [0.5, 0.6]])


def test_what_has_no_probability_is_never_drawn():
    weights = np.full((1, 10), 0.1)
    weights[0, -1] = 0.0
    weights[0, 0] = 0.2
    largest = np.nextafter(1.0, 0.0)
    assert drawn(bounds(weights), np.array([0.0])).tolist() == [0]
    assert drawn(bounds(weights), np.array([largest])).tolist() == [8]


def test_one_hots_of_voices():
    assert one_hot(np.array([2, -1, 0]), 3).tolist() == [[0, 0, 1], [0, 0, 0], [1, 0, 0]]
