"""Predicted engagement first."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platforms.social.ranking.engagement import Engagement, predicted_engagement
from sim.errors import InputError


def order(ranking, feeds):
    return ranking.rank(feeds, len(feeds.posts), np.random.default_rng(0))[0].tolist()


def test_prediction_is_taste_times_popularity_to_the_weight(one_reader):
    feeds = replace(one_reader([0, 1, -1], popularity=[0.25, 1.0, 0.04]), shares=np.array([0.75, 0.25]))
    assert predicted_engagement(feeds, 0.5).tolist() == [[0.5, 0.25, 0.8125 * 0.2]]


def test_weight_turns_taste_into_popularity(one_reader):
    feeds = one_reader([0, 1, 0], popularity=[0.1, 0.9, 0.3])
    assert order(Engagement(popularity_weight=0.0), feeds) == [0, 2, 1]
    assert order(Engagement(popularity_weight=1.0), feeds) == [2, 1, 0]
    assert order(Engagement(popularity_weight=9.0), feeds) == [1, 2, 0]


@given(seed=st.integers(0, 10**6), account=st.integers(0, 4), rise=st.sampled_from([0.1, 1.0, 5.0]))
def test_a_more_popular_account_never_moves_down(feeds_of, seed, account, rise):
    feeds = feeds_of(seed, blanks=0.0)
    popularity = np.array(feeds.popularity)
    popularity[account] += rise
    before, after = (
        Engagement().rank(f, 6, np.random.default_rng(0)) for f in (feeds, replace(feeds, popularity=popularity))
    )
    for post in np.flatnonzero(feeds.posts.account == account):
        at = [np.where((feed == post).any(axis=1), (feed == post).argmax(axis=1), 99) for feed in (before, after)]
        rivals = (feeds.posts.account[before] == account).sum(axis=1)
        assert (at[1] <= at[0])[rivals == 1].all()


@pytest.mark.parametrize("weight", [-0.1, np.inf, np.nan])
def test_bad_weights_are_named(weight):
    with pytest.raises(InputError, match="popularity_weight"):
        Engagement(popularity_weight=weight)


@pytest.mark.parametrize("value", [np.nan, -0.5, np.inf])
def test_bad_popularity_is_named_even_where_no_weight_is_on_it(one_reader, value):
    with pytest.raises(InputError, match=r"feeds\.popularity"):
        order(Engagement(popularity_weight=0.0), one_reader([0, 1], popularity=[value, 1.0]))
