"""What holds for every ranking: no post twice, candidates only, names and labels don't matter, nothing is changed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platforms.social.ranking.checked import Checked
from platforms.social.ranking.chronological import Chronological
from platforms.social.ranking.diversity import Diversity
from platforms.social.ranking.engagement import Engagement
from platforms.social.ranking.feeds import BLANK
from platforms.social.ranking.floor import ExposureFloor
from platforms.social.ranking.random import Random
from platforms.social.ranking.similarity import Similarity

RANKINGS = {
    "chronological": Chronological(),
    "random": Random(),
    "engagement": Engagement(),
    "taste alone": Engagement(popularity_weight=0.0),
    "similarity": Similarity(),
    "diversity": Diversity(weight=0.5),
    "novelty alone": Diversity(weight=1.0),
    "floor under engagement": ExposureFloor(0.25, Engagement()),
    "floor under random": ExposureFloor(1 / 3, Random()),
}
each = pytest.mark.parametrize("ranking", RANKINGS.values(), ids=RANKINGS)
often = settings(max_examples=40, derandomize=True)
seeds = st.integers(0, 10**6)


def ranked(ranking, feeds, slots=4, seed=0):
    return ranking.rank(feeds, slots, np.random.default_rng(seed))


@each
@often
@given(seed=seeds, slots=st.integers(1, 8))
def test_feeds_hold_distinct_candidates_and_are_as_full_as_can_be(feeds_of, ranking, seed, slots):
    feeds = feeds_of(seed)
    feed = ranked(ranking, feeds, slots)
    assert feed.shape == (7, slots)
    assert feed.dtype == np.int64
    for shown, offered in zip(feed, feeds.candidates, strict=True):
        posts = [post for post in shown if post != BLANK]
        assert len(set(posts)) == len(posts) == min(slots, np.count_nonzero(offered != BLANK))
        assert set(posts) <= set(offered)


@each
@often
@given(seed=seeds, exact=st.booleans())
def test_relabelling_the_posts_relabels_the_feeds(feeds_of, ranking, seed, exact):
    feeds = feeds_of(seed, exact=exact)
    new_of_old = np.random.default_rng(seed).permutation(20)
    old_of_new = np.argsort(new_of_old)
    posts = replace(feeds.posts, **{name: column[old_of_new] for name, column in vars(feeds.posts).items()})
    renamed = np.append(new_of_old, BLANK)  # index -1 is the blank
    relabelled = replace(feeds, posts=posts, candidates=renamed[feeds.candidates])
    assert (ranked(ranking, relabelled) == renamed[ranked(ranking, feeds)]).all()


@pytest.mark.parametrize("name", [name for name in RANKINGS if "floor" not in name])
@often
@given(seed=seeds)
def test_relabelling_the_groups_changes_nothing(feeds_of, name, seed):
    feeds = feeds_of(seed)
    order = np.random.default_rng(seed).permutation(3)
    new_of_old = np.append(np.argsort(order), -1)
    heard = new_of_old[feeds.posts.voice]
    relabelled = replace(
        feeds,
        posts=replace(feeds.posts, group=new_of_old[feeds.posts.group], voice=heard),
        group=new_of_old[feeds.group],
        taste=feeds.taste[:, order],
        exposure=feeds.exposure[order],
        shares=feeds.shares[order],
        liked=feeds.liked[order],
    )
    assert (ranked(RANKINGS[name], relabelled) == ranked(RANKINGS[name], feeds)).all()


@each
@often
@given(seed=seeds)
def test_the_same_generator_gives_the_same_feeds_and_nothing_is_changed(feeds_of, ranking, seed):
    feeds, before = feeds_of(seed), feeds_of(seed)
    first = ranked(ranking, feeds, seed=3)
    assert (first == ranked(ranking, feeds, seed=3)).all()
    for name, column in vars(feeds.posts).items():
        assert (column == getattr(before.posts, name)).all()


@each
def test_the_guard_passes_every_ranking_unaltered(feeds_of, ranking):
    feeds = feeds_of(5)
    guard = Checked(ranking)
    assert (ranked(guard, feeds) == ranked(ranking, feeds)).all()
    assert guard.health.withheld == 0


@each
def test_readers_without_candidates_have_blank_feeds(feeds_of, ranking):
    feeds = feeds_of(1, blanks=0.0)
    candidates = np.array(feeds.candidates)
    candidates[2] = BLANK
    feed = ranked(ranking, replace(feeds, candidates=candidates))
    assert (feed[2] == BLANK).all()
    assert (np.delete(feed, 2, axis=0) != BLANK).all()
    nothing = replace(feeds, candidates=np.empty((7, 0), dtype=np.int64))
    assert (ranked(ranking, nothing) == BLANK).all()
