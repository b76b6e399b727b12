"""How readers react to their feeds: like or skip, share, follow, unfollow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from platforms.social.audience.audience import Audience
from platforms.social.post import UNHEARD
from platforms.social.posts import IntArray, PostBatch
from platforms.social.ranking.feeds import BLANK
from sim.arrays import Array

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class Reactions:
    """What N readers did with the posts in their feeds; every array but `reader` has shape (N, slots).

    Attributes:
        reader: The members who read, shape (N,).
        post: Index of the post read, BLANK where nothing was read.
        account: Its author; meaningless where nothing was read.
        voice: Its voice; UNHEARD where nothing was read.
        liked: Where the reader engaged.
        shared: Where it passed the post on.
        follows: Where it starts to follow the author.
        unfollows: Where it stops.
    """

    reader: IntArray
    post: IntArray
    account: IntArray
    voice: IntArray
    liked: BoolArray
    shared: BoolArray
    follows: BoolArray
    unfollows: BoolArray

    @property
    def read(self) -> BoolArray:
        """Where there was a post to read."""
        there: BoolArray = self.post != BLANK
        return there


def react(
    audience: Audience,
    readers: IntArray,
    feed: IntArray,
    posts: PostBatch,
    *,
    share_rate: float,
    follow_rate: float,
    unfollow_rate: float,
    rng: np.random.Generator,
) -> Reactions:
    """Let each reader read its feed from the top as far as its budget goes.

    A post is liked with the reader's taste for its voice (a post without a voice by nobody). Given a like it is shared
    with `share_rate` and its author followed with `follow_rate`; after a skip the author is left with `unfollow_rate`.

    Args:
        audience: Who they are.
        readers: Which members read, shape (N,).
        feed: Indices of posts, best first, BLANK at empty slots, shape (N, slots).
        posts: The posts.
        share_rate: P(share | like).
        follow_rate: P(follow the author | like).
        unfollow_rate: P(leave the author | skip).
        rng: Where chances come from.
    """
    within = np.arange(feed.shape[1]) < audience.budget[readers, None]
    post = np.where(within, feed, BLANK)
    read = post != BLANK
    voice = np.where(read, posts.voice[post], UNHEARD)
    chance = np.where(voice == UNHEARD, 0.0, audience.taste[readers[:, None], voice])
    liked = rng.random(feed.shape) < chance
    return Reactions(
        reader=readers,
        post=post,
        account=posts.account[post],
        voice=voice,
        liked=liked,
        shared=liked & (rng.random(feed.shape) < share_rate),
        follows=liked & (rng.random(feed.shape) < follow_rate),
        unfollows=read & ~liked & (rng.random(feed.shape) < unfollow_rate),
    )


@dataclass(frozen=True, eq=False)
class Readings:
    """What each member met in a round; members who did not read have zeros.

    Attributes:
        views: Posts read, shape (R,).
        seen: Posts read by voice, shape (R, G).
        liked: Those engaged with, shape (R, G).
    """

    views: Array
    seen: Array
    liked: Array

    @classmethod
    def of(cls, reactions: Reactions, audience: Audience) -> Readings:
        """Count the reactions of a round."""
        members, groups = audience.taste.shape
        cell = reactions.reader[:, None] * groups + reactions.voice
        heard = reactions.voice != UNHEARD
        seen, liked = (
            np.bincount(cell[where], minlength=members * groups).reshape(members, groups).astype(np.float64)
            for where in (heard, heard & reactions.liked)
        )
        views = np.zeros(members)
        views[reactions.reader] = reactions.read.sum(axis=1)
        return cls(views, seen, liked)
