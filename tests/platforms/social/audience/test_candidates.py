"""Readers are offered what they follow, what contacts shared, and an even draw of the rest; nothing twice."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from platforms.social.audience.candidates import candidates
from platforms.social.audience.following import Following
from platforms.social.audience.sampling import distinct, some_of, without_repeats
from platforms.social.ranking.feeds import BLANK


def lists(followed, contacts):
    return Following(followed=np.array(followed), contacts=np.array(contacts), accounts=10)


def offered(readers, following, shared, seed=0, **more):
    settings = {"posts": 2, "places": 6, "discovery": 0.0} | more
    return candidates(np.array(readers), following, np.array(shared), rng=np.random.default_rng(seed), **settings)


def kept(row):
    return sorted(p for p in row if p != BLANK)


def test_new_posts_of_followed_accounts_and_what_contacts_shared():
    following = lists([[3, -1], [-1, -1], [0, 9]], [[1, 2], [0, -1], [-1, -1]])
    rows = offered([0, 1, 2], following, [[BLANK, 20], [21, BLANK], [21, 22]])
    assert [kept(row) for row in rows] == [[6, 7, 21, 22], [20], [0, 1, 18, 19]]


def test_too_many_are_thinned_at_random_and_discovery_has_its_places():
    following = lists([list(range(8))] * 4000, [[-1]] * 4000)
    rows = offered(range(4000), following, [[BLANK]] * 4000, discovery=1 / 3)
    known = np.array([np.sum((row >= 0) & (row < 16)) for row in rows])
    assert known.min() >= 4
    assert all(len(set(kept(row))) == len(kept(row)) for row in rows)
    counts = np.bincount(rows[rows != BLANK], minlength=20)
    assert chisquare(counts[:16]).pvalue > 1e-4  # all that is followed alike
    assert chisquare(counts[16:]).pvalue > 1e-4
    assert abs(counts[16:].mean() / 4000 - 2 / 20) < 0.01  # what isn't followed, by discovery only


def test_without_any_place_for_discovery_strangers_are_never_offered():
    following = lists([[1, 2]] * 50, [[-1]] * 50)
    rows = offered(range(50), following, [[BLANK]] * 50)
    assert set(rows.ravel()) == {BLANK, 2, 3, 4, 5}


def test_places_are_in_random_order():
    following = lists([[0, 1, 2]] * 3000, [[-1]] * 3000)
    rows = offered(range(3000), following, [[BLANK]] * 3000)
    assert chisquare(np.bincount(rows[:, 0], minlength=6)).pvalue > 1e-4


@given(total=st.integers(1, 12), count=st.integers(0, 15), seed=st.integers(0, 1000))
def test_samples_are_distinct(total, count, seed):
    rows = distinct(np.random.default_rng(seed), 20, total, count)
    assert rows.shape == (20, min(total, count))
    assert all(len(set(row)) == len(row) and set(row) <= set(range(total)) for row in rows.tolist())


def test_every_set_is_equally_likely():
    rows = np.sort(distinct(np.random.default_rng(0), 30_000, 5, 3), axis=1)
    _, counts = np.unique(rows, axis=0, return_counts=True)
    assert len(counts) == 10
    assert chisquare(counts).pvalue > 1e-4


@given(st.lists(st.lists(st.integers(-1, 4), min_size=6, max_size=6), min_size=1, max_size=8), st.integers(0, 7))
def test_repeats_become_blank_and_blanks_come_last(rows, count):
    unique = without_repeats(np.array(rows))
    for before, after in zip(rows, unique.tolist(), strict=True):
        assert kept(after) == sorted(set(before) - {BLANK})
        assert all(b in (a, BLANK) for a, b in zip(before, after, strict=True))
    chosen = some_of(np.random.default_rng(0), unique, count)
    for before, after in zip(unique, chosen, strict=True):
        assert set(kept(after)) <= set(kept(before))
        assert len(kept(after)) == min(len(kept(before)), max(count, 0)) or chosen.shape[1] == 6
