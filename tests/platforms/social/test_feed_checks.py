"""What can't be played on a feed is refused by name before anything moves."""

from dataclasses import replace

import numpy as np
import pytest

from platforms.social.audience.audience import Audience
from platforms.social.audience.following import Following
from platforms.social.feed_platform import FeedSettings
from platforms.social.post import Post
from sim.errors import InputError


def as_drawn(drafts):
    return [Post(draft=draft, text=f"{n}", voice=draft.group) for n, draft in enumerate(drafts)]


def test_accounts_that_nobody_can_ever_see_are_refused(feed):
    following = Following.at_random(60, 6, 1, np.random.default_rng(0), capacity=4)
    following.followed[following.followed == 2] = 3
    with pytest.raises(InputError, match=r"isolated accounts = 1: nobody follows account 2 and discovery is 0"):
        feed(discovery=0.0, parts={"following": following})
    assert feed(discovery=0.1, parts={"following": following}).following is following


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"slots": 0}, "slots = 0"),
        ({"candidates": 0}, "candidates = 0"),
        ({"posts_per_round": 0}, "posts_per_round = 0"),
        ({"share_rate": 1.5}, "share_rate = 1.5"),
        ({"recency": -0.1}, "recency = -0.1"),
        ({"discovery": 0.01, "candidates": 10}, "discovery = 0.01"),
    ],
)
def test_settings_out_of_range_are_named(settings, says):
    with pytest.raises(InputError, match=says):
        FeedSettings(**settings)


def test_parts_that_do_not_fit_are_named(feed):
    with pytest.raises(InputError, match="start"):
        feed(parts={"start": np.full((5, 3), 1 / 3)})
    with pytest.raises(InputError, match="following = 61 members"):
        feed(parts={"following": Following.at_random(61, 6, 0, np.random.default_rng(0))})
    with pytest.raises(InputError, match=r"audience\.groups"):
        feed(parts={"audience": Audience.of(("a", "b", "c"), np.full(3, 1 / 3), 60)})
    platform = feed()
    with pytest.raises(InputError, match="posts = 5 posts"):
        platform.play_round(as_drawn(platform.plan_round())[1:])
    with pytest.raises(InputError, match="posts = 6 posts"):
        platform.play_round(as_drawn(platform.plan_round())[::-1])


def test_posts_that_nobody_planned_are_named(feed):
    platform = feed(parts={"start": np.tile([0.5, 0.5, 0.0], (6, 1))})
    alike = platform.plan_posts()
    with pytest.raises(InputError, match=r"posts\.group = 3"):
        platform.play_round(replace(alike, group=np.array([0, 1, 1, 3, 0, 0])))
    with pytest.raises(InputError, match=r"posts\.voice = -2"):
        platform.play_round(replace(alike, voice=np.array([0, -1, 1, -2, 0, 0])))
    with pytest.raises(InputError, match="posts = account 1, group 'group-3'"):
        platform.play_round(replace(alike, group=np.array([0, 2, 0, 0, 0, 0])))
    assert platform.round == 0
