"""Figures of a round that was worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platforms.social.audience.audience import Audience
from platforms.social.audience.reactions import Reactions, Readings
from platforms.social.telemetry import gini, measure, polarisation


def test_a_round_by_hand():
    audience = Audience(
        groups=("a", "b"),
        group=np.array([0, 0, 1, 1]),
        taste=np.ones((4, 2)),
        budget=np.array([3, 2, 3, 3]),
        active=np.array([True, True, True, False]),
    )
    post = np.array([[0, 1, 2], [0, -1, -1], [2, -1, -1]])
    read = post != -1
    liked = np.array([[True, False, True], [False] * 3, [False] * 3])
    none = np.zeros_like(read)
    reactions = Reactions(
        reader=np.arange(3),
        post=post,
        account=np.where(read, post, 3),
        voice=np.where(read, np.array([0, 0, 1])[post], -1),
        liked=liked,
        shared=liked & [True, False, False],
        follows=none,
        unfollows=read & ~liked,
    )
    told = measure(
        audience,
        reactions,
        Readings.of(reactions, audience),
        accounts=4,
        slots=3,
        isolated_members=1,
        isolated_accounts=2,
        follows=5,
        unfollows=6,
    )
    assert told.sizes.tolist() == [2.0, 1.0]
    assert told.reach == pytest.approx([2 / 3, 2 / 3])
    assert told.exposure == pytest.approx([3 / 5, 2 / 5])
    assert told.coverage == pytest.approx([1 / 2, 0.0])
    assert told.engagement == pytest.approx(2 / 5)
    assert told.repeats == pytest.approx(1 / 5)
    assert told.concentration == pytest.approx(gini(np.array([2.0, 1.0, 2.0, 0.0])))
    assert told.represented is not None
    assert told.represented.simpson == pytest.approx(25 / 13)
    # Group a read 3:1, group b 0:1, everybody 3:2.
    assert told.polarisation == pytest.approx((4 * (3 / 4 - 3 / 5) + 1 * (1 - 2 / 5)) / 5)
    assert (told.views, told.unfilled, told.isolated_members, told.isolated_accounts) == (5, 3, 1, 2)
    assert (told.shares, told.follows, told.unfollows) == (1, 5, 6)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30), st.floats(0.1, 10))
def test_gini_is_the_mean_difference_over_twice_the_mean(amounts, scale):
    values = np.array(amounts, dtype=float)
    expected = np.abs(values[:, None] - values).mean() / (2 * values.mean()) if values.any() else 0.0
    assert gini(values * scale) == pytest.approx(expected)


@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=3, max_size=3))
def test_polarisation_is_a_share_and_knows_no_order(rows):
    seen = np.array(rows, dtype=float)
    value = polarisation(seen)
    assert 0 <= value < 1
    assert polarisation(seen[::-1, ::-1]) == pytest.approx(value)
    assert polarisation(np.tile(seen[:1], (3, 1))) == pytest.approx(0)
