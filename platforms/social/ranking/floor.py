"""Exposure floor: no voice gets less than a given share of the slots while there are posts to show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from platforms.social.posts import IntArray
from platforms.social.ranking.checked import Checked
from platforms.social.ranking.feeds import BLANK, Feeds, Ranking, best_first
from sim.arrays import non_negative
from sim.errors import InputError

_ROUNDING = 1e-12
"""Keeps a floor of 0.29 of 100 slots, 28.999999999999996 in binary, at 29."""


@dataclass(frozen=True)
class ExposureFloor:
    """Another ranking, changed as little as a floor under every voice requires.

    Slots: of the T slots that `base` fills over all readers each voice gets at least floor * T, rounded down to whole
    slots. A voice below it takes slots from voices above theirs, each time where that costs the reader the fewest
    places in the order of `base`; equal costs are drawn. Voices that have enough already change nothing. The floor is
    reached exactly, unless a voice has too few candidates: it stays short only if every reader with an unshown post of
    it has a feed in which nothing is left to take, all the posts there being needed for the floors of other voices.

    Views: readers need not read to the end. So the posts of voices whose running share of views (`feeds.exposure`) is
    below the floor come first in the feeds they are in; the others keep the order of `base`.

    Attributes:
        floor: Least share of the slots for each voice, in [0, 1/G].
        base: The ranking that is changed; posts it withholds stay unshown.

    Raises:
        InputError: At construction, for a floor outside [0, 1]; when ranking, for one above 1/G.
    """

    floor: float
    base: Ranking

    def __post_init__(self) -> None:
        if non_negative("floor", self.floor) > 1:
            raise InputError("floor", self.floor, "expected a share of the slots, in [0, 1]")

    def rank(self, feeds: Feeds, slots: int, rng: np.random.Generator) -> IntArray:
        """Rank by `base`, exchange what the floor requires, and order, shape (R, slots)."""
        groups = len(feeds.shares)
        if self.floor * groups > 1 + _ROUNDING:
            raise InputError(
                "floor", self.floor, f"expected at most 1/{groups}, for every one of {groups} voices gets it"
            )
        order = self._whole_order(feeds, rng)
        # Posts in which no voice is heard are a voice more, the last, that needs nothing.
        voice = feeds.posts.voice[order] % (groups + 1)
        shown = order != BLANK
        shown[:, slots:] = False
        needed = np.full(groups + 1, int(self.floor * np.count_nonzero(shown) * (1 + _ROUNDING)))
        needed[groups] = 0
        shown = _exchanged(shown, order != BLANK, voice, needed, rng)
        first = np.append(feeds.exposure < self.floor, False)[voice]
        places = np.arange(order.shape[1])
        return best_first(np.where(shown, first * len(places) - places, -np.inf), order, slots)

    def _whole_order(self, feeds: Feeds, rng: np.random.Generator) -> IntArray:
        """All candidates in the order of `base`, without gaps, shape (R, C)."""
        length = feeds.candidates.shape[1]
        order = Checked(self.base).rank(feeds, length, rng)
        return best_first(np.broadcast_to(-np.arange(length), order.shape), order, length)


def _exchanged(
    shown: NDArray[np.bool_],
    there: NDArray[np.bool_],
    voice: IntArray,
    needed: IntArray,
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    """What is shown once no voice below its need can take a slot from one above, shape (R, C).

    One pass over the voices is enough: a voice that found nothing to take finds nothing after the others have taken.
    """
    shown = shown.copy()
    count = np.bincount(voice[shown], minlength=len(needed))
    for short in np.argsort(np.bincount(voice[there], minlength=len(needed)), kind="stable"):
        rows = np.arange(len(shown))
        while count[short] < needed[short]:
            spare = count - needed
            waiting = there[rows] & ~shown[rows] & (voice[rows] == short)
            taken = shown[rows] & (spare > 0)[voice[rows]]
            possible = waiting.any(axis=1) & taken.any(axis=1)
            rows, waiting, taken = rows[possible], waiting[possible], taken[possible]
            if not rows.size:
                break
            into = waiting.argmax(axis=1)
            out = shown.shape[1] - 1 - taken[:, ::-1].argmax(axis=1)
            cost = into - out
            # A second exchange in a feed costs two places more than its first: those within one can go together.
            chosen = np.lexsort((rng.random(len(rows)), cost))
            chosen = chosen[cost[chosen] <= cost.min() + 1]
            chosen = chosen[_within(voice[rows[chosen], out[chosen]], spare)][: needed[short] - count[short]]
            count -= np.bincount(voice[rows[chosen], out[chosen]], minlength=len(needed))
            count[short] += len(chosen)
            shown[rows[chosen], out[chosen]] = False
            shown[rows[chosen], into[chosen]] = True
    return shown


def _within(voices: IntArray, spare: IntArray) -> NDArray[np.bool_]:
    """Which entries come before their voice has been met more than spare[voice] times, shape of `voices`.

    >>> _within(np.array([0, 1, 0, 0]), np.array([2, 1]))
    array([ True,  True,  True, False])
    """
    met = np.empty(len(voices), dtype=np.int64)
    by_voice = np.argsort(voices, kind="stable")
    starts = np.searchsorted(voices[by_voice], voices[by_voice])
    met[by_voice] = np.arange(len(voices)) - starts
    return met < spare[voices]
