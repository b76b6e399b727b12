"""A floor under every voice: reached exactly, at the least cost, and changing nothing where it doesn't bind."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from platforms.social.ranking.chronological import Chronological
from platforms.social.ranking.engagement import Engagement
from platforms.social.ranking.feeds import BLANK, best_first
from platforms.social.ranking.floor import ExposureFloor
from platforms.social.ranking.random import Random
from sim.errors import InputError

often = settings(max_examples=60, derandomize=True)
seeds = st.integers(0, 10**6)
ample = np.ones(3)  # every voice above any floor in views: the order is that of the base


def ranked(ranking, feeds, slots):
    return ranking.rank(feeds, slots, np.random.default_rng(0))


def slots_of(feeds, feed):
    return np.bincount(feeds.posts.voice[feed[feed != BLANK]] % 4, minlength=4)


@often
@given(seed=seeds, floor=st.sampled_from([0.05, 0.2, 0.29, 1 / 3]))
def test_the_floor_is_reached_exactly_where_posts_abound(feeds_of, seed, floor):
    feeds = feeds_of(seed, posts=30, places=30, blanks=0.0, unheard=0.0)
    slots = 4
    assume(np.bincount(feeds.posts.voice, minlength=3).min() >= slots)
    base = slots_of(feeds, ranked(Engagement(), feeds, slots))[:3]
    floored = slots_of(feeds, ranked(ExposureFloor(floor, Engagement()), feeds, slots))[:3]
    needed = int(floor * 7 * slots + 1e-9)
    assert floored.sum() == 7 * slots
    assert (floored[base < needed] == needed).all()
    assert (floored[base >= needed] >= needed).all()
    assert (floored <= np.maximum(base, needed)).all()


@often
@given(seed=seeds, slots=st.integers(1, 7), floor=st.sampled_from([0.1, 0.25, 1 / 3]))
def test_a_voice_stays_short_only_where_nothing_is_left_to_take(feeds_of, seed, slots, floor):
    feeds = feeds_of(seed)
    base = ranked(Engagement(), feeds, slots)
    feed = ranked(ExposureFloor(floor, Engagement()), feeds, slots)
    assert (np.count_nonzero(feed != BLANK, axis=1) == np.count_nonzero(base != BLANK, axis=1)).all()
    count = slots_of(feeds, feed)
    needed = np.full(4, int(floor * np.count_nonzero(base != BLANK) + 1e-9))
    needed[3] = 0  # unheard posts
    for voice in np.flatnonzero(count < needed):
        for shown, offered in zip(feed, feeds.candidates, strict=True):
            waiting = [p for p in offered if p != BLANK and p not in shown and feeds.posts.voice[p] == voice]
            spare = [p for p in shown if p != BLANK and (count > needed)[feeds.posts.voice[p] % 4]]
            assert not (waiting and spare)


@often
@given(seed=seeds, base=st.sampled_from([Engagement(), Chronological(), Random()]))
def test_a_floor_that_does_not_bind_changes_nothing(feeds_of, seed, base):
    feeds = replace(feeds_of(seed), exposure=ample)
    plain = ranked(base, feeds, 6)
    assert (ranked(ExposureFloor(0.0, base), feeds, 6) == plain).all()
    least = slots_of(feeds, plain)[:3].min() / max(1, np.count_nonzero(plain != BLANK))
    assert (ranked(ExposureFloor(min(least, 1 / 3), base), feeds, 6) == plain).all()


def test_the_slot_is_taken_where_it_costs_the_fewest_places(one_reader):
    # Voice 1 is far below voice 0 for both readers, but waits right behind the feed of the second only.
    feeds = one_reader([0, 0, 0, 0, 1], exposure=(1.0, 1.0))
    two = replace(
        feeds,
        candidates=np.array([[0, 1, 2, 3, 4], [0, 1, 4, BLANK, BLANK]]),
        group=np.array([0, 0]),
        taste=np.tile(feeds.taste, (2, 1)),
    )
    assert ranked(ExposureFloor(0.25, Engagement()), two, 2).tolist() == [[0, 1], [0, 4]]
    assert ranked(ExposureFloor(0.5, Engagement()), two, 2).tolist() == [[0, 4], [0, 4]]


def test_a_floor_of_29_of_100_slots_is_29_although_it_is_less_in_binary(one_reader):
    feeds = one_reader([0, 0, 0, 0, 1, 1], exposure=(1.0, 1.0))
    many = replace(
        feeds,
        candidates=np.tile(feeds.candidates, (25, 1)),
        group=np.zeros(25, dtype=np.int64),
        taste=np.tile(feeds.taste, (25, 1)),
    )
    assert slots_of(many, ranked(ExposureFloor(0.29, Engagement()), many, 4)).tolist() == [71, 29, 0, 0]


def test_a_second_slot_of_one_feed_goes_before_a_dearer_first_of_another(one_reader):
    feeds = one_reader([0, 0, 0, 0, 0, 0, 1, 1], exposure=(1.0, 1.0))
    two = replace(
        feeds,
        candidates=np.array([[0, 1, 6, 7, BLANK, BLANK, BLANK], [0, 1, 2, 3, 4, 5, 6]]),
        group=np.array([0, 0]),
        taste=np.tile(feeds.taste, (2, 1)),
    )
    # 1 + 3 places for the first reader; one slot of each would cost 1 + 5.
    assert ranked(ExposureFloor(0.5, Engagement()), two, 2).tolist() == [[6, 7], [0, 1]]


def test_equal_costs_are_drawn(one_reader):
    feeds = one_reader([0, 0, 1], exposure=(1.0, 1.0))
    many = replace(
        feeds,
        candidates=np.tile(feeds.candidates, (400, 1)),
        group=np.zeros(400, dtype=np.int64),
        taste=np.tile(feeds.taste, (400, 1)),
    )
    shown = (ranked(ExposureFloor(0.25, Engagement()), many, 2) == 2).any(axis=1)
    assert shown.sum() == 200
    assert 70 < shown[:200].sum() < 130  # half of them, six standard deviations wide; in order it would be 200


def test_posts_of_voices_below_the_floor_in_views_come_first(one_reader):
    feeds = one_reader([0, 0, 1, 1], exposure=(0.9, 0.1))
    assert ranked(ExposureFloor(0.2, Engagement()), feeds, 4).tolist() == [[2, 3, 0, 1]]
    assert ranked(ExposureFloor(0.05, Engagement()), feeds, 4).tolist() == [[0, 1, 2, 3]]


def test_the_floor_holds_in_views_when_readers_stop_early(feeds_of):
    feeds = feeds_of(1, readers=200, places=10, posts=60, blanks=0.0, unheard=0.0)
    feeds = replace(feeds, taste=np.tile([1.0, 0.5, 0.01], (200, 1)), popularity=np.ones(5))

    def views(ranking):
        seen = np.zeros(3)
        for _ in range(30):
            now = replace(feeds, exposure=seen / max(1.0, seen.sum()))
            seen += slots_of(feeds, ranked(ranking, now, 6)[:, :2])[:3]  # read two of six
        return seen / seen.sum()

    assert views(Engagement())[2] < 0.02
    assert views(ExposureFloor(0.15, Engagement()))[2] > 0.15 - 0.01


@dataclass
class OwnVoiceOnly:
    """Withholds what isn't of the reader's group, and leaves gaps."""

    def rank(self, feeds, slots, rng):
        own = feeds.posts.voice[feeds.candidates] == feeds.group[:, None]
        feed = best_first(np.where(own, 0.0, -np.inf), feeds.candidates, slots)
        return feed[:, ::-1]


def test_what_the_base_withholds_stays_unshown_and_gaps_close(one_reader):
    feeds = one_reader([1, 0, 1, 0], exposure=(1.0, 1.0))
    assert ranked(ExposureFloor(0.5, OwnVoiceOnly()), feeds, 3).tolist() == [[3, 1, BLANK]]


@pytest.mark.parametrize("floor", [-0.1, 1.1, np.nan])
def test_floors_that_are_no_share_are_named(floor):
    with pytest.raises(InputError, match="floor"):
        ExposureFloor(floor, Engagement())


def test_a_floor_too_high_for_the_number_of_voices_is_named(one_reader):
    with pytest.raises(InputError, match="1/2"):
        ranked(ExposureFloor(0.51, Engagement()), one_reader([0, 1]), 2)
