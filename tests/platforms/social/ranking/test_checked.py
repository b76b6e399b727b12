"""Every way a user's ranking can be wrong is said by name; what it leaves empty is counted."""

from dataclasses import replace

import numpy as np
import pytest

from platforms.social.ranking.checked import Checked, FeedHealth, RankingError
from platforms.social.ranking.engagement import Engagement
from platforms.social.ranking.feeds import BLANK
from platforms.social.ranking.floor import ExposureFloor
from sim.errors import InputError


class Answers:
    """A ranking that does what it is told."""

    def __init__(self, answer):
        self.answer = answer

    def rank(self, feeds, slots, rng):
        return self.answer(feeds, slots)


def top(feeds, slots):
    return Engagement().rank(feeds, slots, np.random.default_rng(0))


def changed(reader, slot, value):
    """The right answer but for one slot."""

    def answer(feeds, slots):
        feed = top(feeds, slots)
        feed[reader, slot] = value(feeds, feed) if callable(value) else value
        return feed

    return answer


def stranger(feeds, feed):
    return int(np.setdiff1d(np.arange(20), feeds.candidates[1])[0])


def ask(answer, feeds, slots=3):
    return Checked(Answers(answer)).rank(feeds, slots, np.random.default_rng(0))


BAD = {
    "another shape": (lambda f, s: top(f, s + 1), r"shape \(7, 4\)"),
    "a row too few": (lambda f, s: top(f, s)[1:], r"shape \(6, 3\)"),
    "floats": (lambda f, s: top(f, s).astype(float), "float64"),
    "truth values": (lambda f, s: top(f, s) > 3, "bool"),
    "unsigned": (lambda f, s: np.abs(top(f, s)).astype(np.uint64), "uint64"),
    "a list": (lambda f, s: top(f, s).tolist(), r"returns \[\["),
    "nothing": (lambda f, s: None, "returns None"),
    "a post of others": (changed(1, 2, stranger), "to reader 1, who doesn't have it"),
    "a post that is not there": (changed(4, 0, 20), "shows post 20 to reader 4"),
    "an index below blank": (changed(0, 0, -2), "shows post -2 to reader 0"),
    "a post twice": (changed(2, 1, lambda f, feed: feed[2, 0]), "twice in the feed of reader 2"),
    "starving everyone": (lambda f, s: np.full((7, s), BLANK), "nothing to any of 7 readers"),
}


@pytest.mark.parametrize(("answer", "says"), BAD.values(), ids=BAD)
def test_bad_answers_are_refused_by_class_round_and_remedy(feeds_of, answer, says):
    with pytest.raises(RankingError, match=says) as caught:
        ask(answer, feeds_of(blanks=0.0))
    assert caught.value.field == "ranking Answers in round 4"
    assert caught.value.remedy


def test_a_ranking_that_raises_is_named_and_its_error_kept(feeds_of):
    with pytest.raises(RankingError, match=r"raises ZeroDivisionError\('division by zero'\)") as caught:
        ask(lambda feeds, slots: 1 / 0, feeds_of())
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_keyboard_interrupt_is_no_fault_of_the_ranking(feeds_of):
    def interrupted(feeds, slots):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(interrupted, feeds_of())


def test_a_ranking_that_writes_to_its_input_is_stopped(feeds_of):
    feeds = feeds_of()

    def writes(feeds, slots):
        feeds.popularity[:] = 0.0

    with pytest.raises(RankingError, match="read-only"):
        ask(writes, feeds)
    assert (feeds.popularity > 0).all()


def test_the_ranking_at_fault_is_named_within_another(feeds_of):
    broken = ExposureFloor(0.1, Answers(lambda feeds, slots: 1 / 0))
    with pytest.raises(RankingError, match=r"^ranking Answers in round 4"):
        Checked(broken).rank(feeds_of(), 3, np.random.default_rng(0))


def test_candidates_that_repeat_are_not_blamed_on_the_ranking(one_reader):
    feeds = replace(one_reader([0, 1]), candidates=np.array([[1, 1]]))
    with pytest.raises(InputError, match=r"feeds\.candidates\[0\] = post 1, twice") as caught:
        ask(top, feeds)
    assert not isinstance(caught.value, RankingError)


def test_what_has_no_rank_is_refused():
    with pytest.raises(InputError, match="'engagement': expected an object with rank"):
        Checked("engagement")
    with pytest.raises(InputError, match="expected an object"):
        Checked(Engagement)  # the class itself


def test_blanks_and_the_starved_are_counted(feeds_of):
    feeds = feeds_of(blanks=0.0, readers=4, places=2)
    candidates = np.array(feeds.candidates)
    candidates[3] = BLANK  # nothing to show to reader 3
    feeds = replace(feeds, candidates=candidates)

    def sparing(feeds, slots):
        feed = top(feeds, slots)
        feed[0] = BLANK  # starves reader 0
        feed[1, 0] = BLANK  # leaves a gap for reader 1
        return feed

    guard = Checked(Answers(sparing))
    for _ in range(2):
        guard.rank(feeds, 3, np.random.default_rng(0))
    assert guard.health == FeedHealth(
        rounds=2, slots=24, unfilled=2 * 9, withheld=2 * 3, starved=2, without_candidates=2
    )  # fmt: skip


def test_a_round_without_candidates_is_blank_and_does_not_ask(feeds_of):
    feeds = feeds_of(blanks=1.1)
    guard = Checked(Answers(lambda feeds, slots: 1 / 0))
    assert (guard.rank(feeds, 2, np.random.default_rng(0)) == BLANK).all()
    assert guard.health.without_candidates == 7
    assert guard.health.starved == 0
