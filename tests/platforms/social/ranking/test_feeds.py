"""What a ranking may see, and the helper most rankings end with."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from platforms.social.ranking.feeds import BLANK, best_first
from sim.errors import InputError


@given(
    scores=arrays(np.float64, (4, 5), elements=st.sampled_from([-np.inf, -1.0, 0.0, 0.5, 2.0])),
    blank=arrays(np.bool_, (4, 5)),
    slots=st.integers(0, 7),
)
def test_best_first_is_a_stable_sort_of_what_may_be_shown(scores, blank, slots):
    candidates = np.where(blank, BLANK, np.arange(20).reshape(4, 5)[:, ::-1])
    feed = best_first(scores, candidates, slots)
    for score, row, got in zip(scores, candidates, feed, strict=True):
        allowed = [k for k in range(5) if row[k] != BLANK and score[k] > -np.inf]
        wanted = [row[k] for k in sorted(allowed, key=lambda k: -score[k])]  # Python's sort is stable
        assert got.tolist() == (wanted + [BLANK] * slots)[:slots]


def test_scores_of_blank_candidates_do_not_matter():
    candidates = np.array([[3, BLANK, 5]])
    assert best_first(np.array([[0.0, np.nan, 1.0]]), candidates, 3).tolist() == [[5, 3, BLANK]]


def test_an_undefined_score_is_named_by_reader_and_place():
    with pytest.raises(InputError, match=r"scores\[1, 0\] = nan"):
        best_first(np.array([[0.0, 1.0], [np.nan, 0.0]]), np.array([[1, 2], [3, 4]]), 1)


def test_scores_per_post_in_place_of_per_candidate_are_refused():
    with pytest.raises(InputError, match=r"\(2, 2\)"):
        best_first(np.zeros(5), np.array([[1, 2], [3, 4]]), 1)


@pytest.mark.parametrize("field", ["candidates", "group", "taste", "popularity", "exposure", "shares", "liked"])
def test_a_ranking_cannot_write_to_what_it_sees_and_the_platform_still_can(feeds_of, field):
    feeds = feeds_of()
    own = np.array(getattr(feeds, field))
    seen = getattr(replace(feeds, **{field: own}), field)
    with pytest.raises(ValueError, match="read-only"):
        seen[0] = 1
    own[0] = own[0]
    assert np.shares_memory(own, seen)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("candidates", np.zeros((2, 6), dtype=int)),
        ("candidates", np.zeros(7, dtype=int)),
        ("taste", np.ones((7, 2))),
        ("taste", np.ones((3, 3))),
        ("exposure", np.ones(2)),
        ("liked", np.ones((3, 2))),
    ],
)
def test_shapes_that_disagree_are_named(feeds_of, field, value):
    with pytest.raises(InputError, match=f"feeds.{field}"):
        replace(feeds_of(), **{field: value})


def test_offered_counts_candidates(one_reader):
    feeds = replace(one_reader([0, 1, 1]), candidates=np.array([[2, BLANK, 0]]))
    assert feeds.offered.tolist() == [2]
