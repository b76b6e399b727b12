"""What each reader may be shown: posts of those it follows, what its contacts passed on, and discoveries."""

from __future__ import annotations

import numpy as np

from platforms.social.audience.following import NOBODY, Following
from platforms.social.audience.sampling import distinct, some_of, without_repeats
from platforms.social.posts import IntArray
from platforms.social.ranking.feeds import BLANK


def candidates(
    readers: IntArray,
    following: Following,
    shared: IntArray,
    *,
    posts: int,
    places: int,
    discovery: float,
    rng: np.random.Generator,
) -> IntArray:
    """Indices of posts, none twice in a row, BLANK at places nothing fills, in random order, shape (N, places).

    `discovery` of the places, rounded, go to posts drawn from all that are new. The others go to the new posts of the
    accounts the reader follows and to what its contacts shared: to a random choice of them if they are too many. A
    discovery that the reader gets anyway leaves its place blank.

    Args:
        readers: The members who read, shape (N,).
        following: Whom all members follow.
        shared: Posts each member passed on, BLANK elsewhere, shape (R, width).
        posts: Posts per account; the new posts of account m are m * posts, ..., m * posts + posts - 1.
        places: Candidates per reader.
        discovery: Share of places for discoveries, 0 to 1.
        rng: Where choices come from.
    """
    drawn = round(discovery * places)
    pool = np.concatenate(
        [_new(following.followed[readers], posts), _passed_on(following.contacts[readers], shared)], 1
    )
    known = some_of(rng, pool, places - drawn)
    found = distinct(rng, len(readers), following.accounts * posts, drawn)
    offered = np.full((len(readers), places), BLANK)
    offered[:, : known.shape[1]] = known
    offered[:, places - found.shape[1] :] = found
    order = rng.random(offered.shape).argsort(axis=1)
    return np.take_along_axis(without_repeats(offered), order, axis=1)


def _new(followed: IntArray, posts: int) -> IntArray:
    """All new posts of followed accounts, (N, K * posts)."""
    # Where nobody is followed there is no column to carry along.
    followed = followed[:, (followed != NOBODY).any(axis=0)]
    numbers = followed[:, :, None] * posts + np.arange(posts)
    numbers[followed == NOBODY] = BLANK
    return numbers.reshape(len(followed), followed.shape[1] * posts)


def _passed_on(contacts: IntArray, shared: IntArray) -> IntArray:
    """What the contacts shared, each post once, (N, L * width)."""
    if not (shared != BLANK).any():
        return np.full((len(contacts), 0), BLANK)
    reached = shared[contacts]
    reached[contacts == NOBODY] = BLANK
    return without_repeats(reached.reshape(len(contacts), contacts.shape[1] * shared.shape[1]))
