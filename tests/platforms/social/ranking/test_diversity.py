"""Maximal marginal relevance."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platforms.social.ranking.diversity import _READERS_TOGETHER, Diversity, _dot
from platforms.social.ranking.engagement import Engagement, predicted_engagement
from platforms.social.ranking.feeds import BLANK
from sim.errors import InputError

often = settings(max_examples=60, derandomize=True)


def ranked(ranking, feeds, slots):
    return ranking.rank(feeds, slots, np.random.default_rng(0))


def by_definition(weight, predicted, features, candidates, slots):
    """One reader's feed, from the definition, for features that are one-hot or zero."""
    left = [k for k, post in enumerate(candidates) if post != BLANK]
    scale = max([predicted[k] for k in left], default=0.0) or 1.0
    feed = []
    for _ in range(min(slots, len(left))):
        closest = [max((features[candidates[k]] @ features[post] for post in feed), default=0.0) for k in left]
        values = [(1 - weight) * predicted[k] - weight * scale * c for k, c in zip(left, closest, strict=True)]
        k = left.pop(values.index(max(values)))
        feed.append(int(candidates[k]))
    return feed + [BLANK] * (slots - len(feed))


@often
@given(seed=st.integers(0, 10**6), weight=st.sampled_from([0.0, 0.25, 0.5, 1.0]), slots=st.integers(1, 7))
def test_feeds_are_those_of_the_definition(feeds_of, seed, weight, slots):
    feeds = feeds_of(seed)
    predicted = predicted_engagement(feeds, 1.0)
    wanted = [
        by_definition(weight, *row, slots)
        for row in zip(predicted, [feeds.posts.features] * 7, feeds.candidates, strict=True)
    ]
    assert ranked(Diversity(weight), feeds, slots).tolist() == wanted


@often
@given(seed=st.integers(0, 10**6), power=st.sampled_from([0.0, 1.0, 2.5]))
def test_without_weight_it_is_the_order_of_engagement(feeds_of, seed, power):
    feeds = feeds_of(seed, exact=False)
    assert (ranked(Diversity(0.0, power), feeds, 5) == ranked(Engagement(power), feeds, 5)).all()


@often
@given(seed=st.integers(0, 10**6))
def test_the_weight_means_the_same_at_any_level_of_engagement(feeds_of, seed):
    feeds = feeds_of(seed, exact=False)
    dull = replace(feeds, taste=feeds.taste / 1024)
    assert (ranked(Diversity(0.4), dull, 5) == ranked(Diversity(0.4), feeds, 5)).all()


def test_a_voice_is_repeated_only_after_every_voice_was_heard(feeds_of):
    feeds = feeds_of(2, readers=200, places=12, posts=40, blanks=0.0, unheard=0.0)
    feed = ranked(Diversity(1.0), feeds, 3)
    for shown, offered in zip(feed, feeds.candidates, strict=True):
        available = len(set(feeds.posts.voice[offered]))
        assert len(set(feeds.posts.voice[shown])) == min(3, available)


def test_the_copy_of_an_embedding_comes_last(one_reader):
    features = np.array([[1.0, 0.2], [2.0, 0.4], [0.1, 1.0]])
    feeds = one_reader([0, 0, 0], features=features)
    assert ranked(Engagement(), feeds, 3).tolist() == [[0, 1, 2]]
    assert ranked(Diversity(0.5), feeds, 3).tolist() == [[0, 2, 1]]


def test_the_opposite_is_further_from_what_was_shown_than_the_unrelated(one_reader):
    feeds = one_reader([0, 0, 0], features=np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]))
    assert ranked(Diversity(0.5), feeds, 2).tolist() == [[0, 2]]


def test_readers_served_together_do_not_matter(feeds_of):
    feeds = feeds_of(8, readers=_READERS_TOGETHER + 300, exact=False)
    rows = slice(_READERS_TOGETHER - 2, None)
    some = replace(feeds, candidates=feeds.candidates[rows], group=feeds.group[rows], taste=feeds.taste[rows])
    assert (ranked(Diversity(), feeds, 4)[rows] == ranked(Diversity(), some, 4)).all()


@pytest.mark.parametrize("length", [0, 1, 4, 7, 384])
def test_dot_product(length):
    one, other = np.random.default_rng(length).normal(size=(2, length))
    assert _dot(one, other) == pytest.approx(one @ other, abs=1e-12)


@pytest.mark.parametrize("weight", [-0.1, 1.1, np.nan])
def test_bad_weights_are_named(weight):
    with pytest.raises(InputError, match="weight"):
        Diversity(weight)
