"""Posts like those the group liked first."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platforms.social.ranking.similarity import Similarity, unit_rows
from sim.errors import InputError

DIRECTIONS = np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 0.1], [0.0, 0.0], [-1.0, 0.0]])


def order(feeds):
    return Similarity().rank(feeds, len(feeds.posts), np.random.default_rng(0))[0].tolist()


def test_by_angle_to_what_the_group_liked(one_reader):
    feeds = one_reader([0, 0, 0, 0, 0], features=DIRECTIONS)
    assert order(feeds) == [2, 1, 0, 3, 4]  # group 0 likes (1, 0); a post without features is at a right angle
    assert order(replace(feeds, group=np.array([1]))) == [0, 1, 2, 3, 4]


def test_a_group_that_has_liked_nothing_keeps_the_candidates_in_order(one_reader):
    feeds = replace(one_reader([0] * 5, features=DIRECTIONS), liked=np.zeros((2, 2)))
    assert order(feeds) == [0, 1, 2, 3, 4]


@given(seed=st.integers(0, 10**6), power=st.integers(-8, 8))
def test_neither_length_nor_taste_nor_popularity_counts(feeds_of, seed, power):
    feeds = feeds_of(seed, exact=False)
    longer = replace(feeds.posts, features=feeds.posts.features * 2.0**power)
    other = replace(feeds, posts=longer, taste=feeds.taste[:, ::-1], popularity=feeds.popularity[::-1])
    first, second = (Similarity().rank(f, 4, np.random.default_rng(0)) for f in (feeds, other))
    assert (first == second).all()


def test_features_that_are_not_numbers_are_named_by_row():
    with pytest.raises(InputError, match=r"features\[1\]"):
        unit_rows(np.array([[1.0, 0.0], [np.nan, 0.0]]))
