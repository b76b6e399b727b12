"""Guards a ranking: its answers are checked, what is wrong is said by name, and what stays empty is counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platforms.social.posts import IntArray
from platforms.social.ranking.feeds import BLANK, Feeds, Ranking
from sim.arrays import shorten
from sim.errors import InputError


class RankingError(InputError):
    """A ranking that can't be used: which class, in which round, what it did, and what is expected."""


@dataclass(frozen=True)
class FeedHealth:
    """What feeds were left empty so far.

    Attributes:
        rounds: Rounds ranked.
        slots: Slots there were, over readers and rounds.
        unfilled: Slots left blank, for whatever reason.
        withheld: Those of them for which the reader had a candidate that was not shown.
        starved: Times a reader was shown nothing although there were candidates.
        without_candidates: Times a reader had no candidate, so that no ranking could have helped.
    """

    rounds: int = 0
    slots: int = 0
    unfilled: int = 0
    withheld: int = 0
    starved: int = 0
    without_candidates: int = 0


class Checked:
    """A ranking whose every answer is checked; the same call, the same answer.

    A single reader who is shown nothing is counted; a ranking that shows nothing to anyone stops the run.

    Args:
        ranking: Any ranking, a user's own included.

    Attributes:
        health: The counts so far.
    """

    def __init__(self, ranking: Ranking) -> None:
        if isinstance(ranking, type) or not callable(getattr(ranking, "rank", None)):
            remedy = "expected an object with rank(feeds, slots, rng); docs/how-to/ranking.md"
            raise InputError("ranking", shorten(ranking), remedy)
        self.ranking = ranking
        self.health = FeedHealth()

    def rank(self, feeds: Feeds, slots: int, rng: np.random.Generator) -> IntArray:
        """Ask the ranking and check what it says, shape (R, slots); a round without any candidate is blank, unasked.

        Raises:
            RankingError: The ranking raises (its error is the cause), or returns another shape or type, a post that is
                not among the reader's candidates, a post twice in one feed, or nothing for anyone.
            InputError: A reader's candidates repeat: the platform's fault, not the ranking's.
        """
        offered = feeds.offered
        feed = np.full((len(offered), slots), BLANK)
        if offered.any():
            feed = self._answer(feeds, slots, rng)
            self._refuse_strangers(feeds, feed)
            self._refuse_repeats(feeds, feed)
            if (feed == BLANK).all():
                did = f"shows nothing to any of {np.count_nonzero(offered)} readers with candidates"
                raise self._error(feeds, did, "return indices of candidates; BLANK only where there is none to show")
        self._count(offered, np.count_nonzero(feed != BLANK, axis=1), slots)
        return feed

    def _error(self, feeds: Feeds, did: str, remedy: str) -> RankingError:
        return RankingError(f"ranking {type(self.ranking).__name__} in round {feeds.round}", did, remedy)

    def _answer(self, feeds: Feeds, slots: int, rng: np.random.Generator) -> IntArray:
        try:
            feed = self.ranking.rank(feeds, slots, rng)
        except RankingError:
            raise  # a ranking within this one has been named already
        except Exception as error:
            raise self._error(feeds, f"raises {shorten(error, 300)}", "mend it; that error is the cause") from error
        expected = f"expected an array of integers of shape {(len(feeds.group), slots)}: a row per reader"
        if not isinstance(feed, np.ndarray):
            raise self._error(feeds, f"returns {shorten(feed)}", expected)
        if feed.shape != (len(feeds.group), slots):
            raise self._error(feeds, f"returns an array of shape {feed.shape}", expected)
        if not np.issubdtype(feed.dtype, np.signedinteger):
            raise self._error(feeds, f"returns an array of {feed.dtype}", f"{expected}, with {BLANK} for a blank")
        return feed.astype(np.int64)

    def _refuse_strangers(self, feeds: Feeds, feed: IntArray) -> None:
        known = np.column_stack([(feeds.candidates == shown[:, None]).any(axis=1) for shown in feed.T]) | (
            feed == BLANK
        )
        if not known.all():
            reader, slot = (int(i) for i in np.argwhere(~known)[0])
            did = f"shows post {feed[reader, slot]} to reader {reader}, who doesn't have it among the candidates"
            raise self._error(feeds, did, f"return entries of feeds.candidates[reader], or {BLANK} for a blank")

    def _refuse_repeats(self, feeds: Feeds, feed: IntArray) -> None:
        repeated = _first_repeat(feed)
        if repeated is None:
            return
        reader, post = repeated
        if np.count_nonzero(feeds.candidates[reader] == post) > 1:
            remedy = "expected no post twice in a row of candidates; leave repeats blank"
            raise InputError(f"feeds.candidates[{reader}]", f"post {post}, twice", remedy)
        did = f"shows post {post} twice in the feed of reader {reader}"
        raise self._error(feeds, did, f"show a post once; {BLANK} leaves a slot blank")

    def _count(self, offered: IntArray, shown: IntArray, slots: int) -> None:
        before = self.health
        self.health = FeedHealth(
            rounds=before.rounds + 1,
            slots=before.slots + slots * len(shown),
            unfilled=before.unfilled + int((slots - shown).sum()),
            withheld=before.withheld + int((np.minimum(offered, slots) - shown).sum()),
            starved=before.starved + int(((shown == 0) & (offered > 0)).sum()),
            without_candidates=before.without_candidates + int((offered == 0).sum()),
        )


def _first_repeat(feed: IntArray) -> tuple[int, int] | None:
    """Reader and post of the first post that stands twice in a row, None if there is none."""
    ordered = np.sort(feed, axis=1)
    twice = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] != BLANK)
    if not twice.any():
        return None
    reader, place = (int(i) for i in np.argwhere(twice)[0])
    return reader, int(ordered[reader, place])
