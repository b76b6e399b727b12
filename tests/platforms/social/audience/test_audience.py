"""Members in the proportions asked for; nothing that could not read is let in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platforms.social.audience.audience import Audience
from sim.errors import InputError


def audience(**changes):
    parts = {
        "groups": ("a", "b"),
        "group": np.array([0, 1, 1]),
        "taste": np.array([[1.0, 0.0], [0.2, 1.0], [0.2, 1.0]]),
        "budget": np.array([1, 2, 3]),
        "active": np.ones(3, dtype=bool),
    }
    return Audience(**parts | changes)


@given(counts=st.lists(st.integers(1, 40), min_size=2, max_size=6), members=st.integers(200, 400))
def test_members_follow_the_shares_to_the_nearest_whole_member(counts, members):
    shares = np.array(counts) / np.sum(counts)
    made = Audience.of([f"g{g}" for g in range(len(counts))], shares, members)
    assert made.members == members
    assert np.abs(made.base - shares * members).max() < 1
    np.testing.assert_allclose(made.attractiveness, made.shares)


def test_those_who_left_count_in_the_base_only():
    left = audience(active=np.array([True, False, True]))
    assert left.base.tolist() == [1, 2]
    assert left.sizes.tolist() == [1, 1]
    assert left.shares.tolist() == [0.5, 0.5]
    np.testing.assert_allclose(left.attractiveness, [1.2 / 3, 1.0 / 3])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"group": np.zeros(0, dtype=int)}, "audience = no member"),
        ({"group": np.array([1, 1, 1])}, "members of group 'a' = 0"),
        ({"group": np.array([0, 1, 2])}, r"audience\.group = 2"),
        ({"budget": np.array([1, 0, 3])}, r"audience\.budget = 0"),
        ({"budget": np.array([1.5, 2.0, 3.0])}, r"audience\.budget"),
        ({"budget": np.array([1, 2])}, r"audience\.budget = array of shape \(2,\)"),
        ({"taste": np.array([[1.0, 0.0], [0.2, 1.4], [0.2, 1.0]])}, r"audience\.taste = 1\.4"),
        ({"taste": np.array([[1.0, 0.0], [0.2, np.nan], [0.2, 1.0]])}, r"audience\.taste\[1, 1\]"),
        ({"active": np.ones(2, dtype=bool)}, r"audience\.active"),
    ],
)
def test_what_cannot_read_is_named(changes, says):
    with pytest.raises(InputError, match=says):
        audience(**changes)


def test_a_group_too_small_for_a_member_is_named():
    with pytest.raises(InputError, match="members of group 'few' = 0"):
        Audience.of(("few", "many"), [0.001, 0.999], 100)
    with pytest.raises(InputError, match="members = 0"):
        Audience.of(("few", "many"), [0.5, 0.5], 0)
    with pytest.raises(InputError, match="budget = 0"):
        Audience.of(("few", "many"), [0.5, 0.5], 10, budget=0)
