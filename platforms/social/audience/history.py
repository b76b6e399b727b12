"""What the platform has learned from reactions: the running estimates that rankings and rewards go by."""

from __future__ import annotations

import numpy as np

from platforms.social.audience.reactions import Reactions, Readings
from platforms.social.posts import IntArray, PostBatch
from sim.arrays import Array


class History:
    """Running counts, in which a round weighs (1 - recency) as much as the next.

    Args:
        groups: Number of groups G.
        accounts: Number of accounts M.
        recency: How much older rounds lose per round, 0 to 1; 0 never forgets.
    """

    def __init__(self, groups: int, accounts: int, recency: float) -> None:
        self._kept = 1.0 - recency
        self._seen = np.zeros((groups, groups))
        self._liked = np.zeros((groups, groups))
        self._views = np.zeros(accounts)
        self._engaged = np.zeros(accounts)
        self._features = np.zeros((groups, 0))

    @property
    def taste(self) -> Array:
        """Estimate of P(engage | reader's group, voice), (G, G); one imagined like and one imagined skip in each."""
        share: Array = (self._liked + 1.0) / (self._seen + 2.0)
        return share

    @property
    def popularity(self) -> Array:
        """Engaged views per view of each account, (M,); one imagined like and one imagined skip for each."""
        share: Array = (self._engaged + 1.0) / (self._views + 2.0)
        return share

    @property
    def exposure(self) -> Array:
        """Share of views that each voice had, (G,); one imagined view of each."""
        by_voice = self._seen.sum(axis=0) + 1.0
        share: Array = by_voice / by_voice.sum()
        return share

    @property
    def served(self) -> Array:
        """Engaged views per view of each group's readers, (G,); one imagined like and one imagined skip for each."""
        share: Array = (self._liked.sum(axis=1) + 1.0) / (self._seen.sum(axis=1) + 2.0)
        return share

    def liked_features(self, width: int) -> Array:
        """Mean features of what the readers of each group engaged with, (G, F); zero before the first."""
        if not self._features.shape[1]:
            return np.zeros((len(self._seen), width))
        engaged = self._liked.sum(axis=1, keepdims=True)
        mean: Array = self._features / np.where(engaged > 0, engaged, 1.0)
        return mean

    def remember(self, reactions: Reactions, readings: Readings, posts: PostBatch, group: IntArray) -> None:
        """Take a round in.

        Args:
            reactions: What readers did.
            readings: The same by member and voice.
            posts: The posts they read.
            group: Group of each member, shape (R,).
        """
        groups = len(self._seen)
        members = np.eye(groups)[:, group]
        self._seen = self._kept * self._seen + members @ readings.seen
        self._liked = self._kept * self._liked + members @ readings.liked
        accounts = len(self._views)
        viewed, engaged = reactions.account[reactions.read], reactions.account[reactions.liked]
        self._views = self._kept * self._views + np.bincount(viewed, minlength=accounts)
        self._engaged = self._kept * self._engaged + np.bincount(engaged, minlength=accounts)
        by_group = np.broadcast_to(group[reactions.reader][:, None], reactions.post.shape)[reactions.liked]
        # Posts are many, likes few: only what was liked is looked up.
        liked, number = np.unique(reactions.post[reactions.liked], return_inverse=True)
        times = np.bincount(by_group * len(liked) + number, minlength=groups * len(liked)).reshape(groups, -1)
        features = times @ posts.features[liked]
        self._features = self._kept * self._features + features if self._features.shape[1] else features
