"""What one account has seen of its own posts, and the gradient and best response it works out from that.

An account never sees a, C, S or another account's mixture: only how its posts were received, what it had drafted,
and which voices the other posts of the round spoke in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.alignment_game import Incentives
from sim.arrays import Array
from sim.quadratic import maximise_on_simplex


@dataclass(frozen=True)
class Reception:
    """How one account's round was received.

    Attributes:
        groups: Group drawn for each of its posts, shape (P,).
        engagement: Share of readers who engaged with each post, shape (P,).
        redundancy: Similarity kernel of each post with each post of the others, shape (P, N).
        others: Voice heard in each of the others' posts (-1: none), shape (N,).
        inconsistency: Kernel between this round's drafts of any two groups, shape (D, D); its expectation is C.
    """

    groups: NDArray[np.int64]
    engagement: Array
    redundancy: Array
    others: NDArray[np.int64]
    inconsistency: Array


class Memory:
    """Running estimates of one account.

    Args:
        groups: Number of groups D.
        incentives: The published coefficients.
        crowding_weight: g (M - 1) times the diversity incentive: weight of the mean redundancy.
        recency: Weight of the latest round in the running picture of what the others post.
    """

    def __init__(self, groups: int, incentives: Incentives, crowding_weight: float, recency: float = 0.2) -> None:
        self._incentives = incentives
        self._crowding_weight = crowding_weight
        self._recency = recency
        self._engaged = np.zeros(groups)
        self._posted = np.zeros(groups)
        self._redundant = np.zeros((groups, groups))
        self._compared = np.zeros((groups, groups))
        self._others = np.full(groups, 1.0 / groups)
        self._inconsistency = np.zeros((groups, groups))
        self._rounds = 0

    def reprice(self, incentives: Incentives, crowding_weight: float) -> None:
        """Take note of newly published coefficients; what was seen of readers and other posts stays true."""
        self._incentives, self._crowding_weight = incentives, crowding_weight

    @property
    def attractiveness(self) -> Array:
        """Estimate of a, (D,): mean engagement of this account's posts by group.

        Each group starts with one imagined post at the mean of all posts, and that mean with one at 1/D: a group
        not yet tried is expected to do like the others.
        """
        overall = (self._engaged.sum() + 1.0 / len(self._engaged)) / (self._posted.sum() + 1.0)
        mean: Array = (self._engaged + overall) / (self._posted + 1.0)
        return mean

    @property
    def similarity(self) -> Array:
        """Estimate of S, (D, D): mean redundancy of own posts of one group with others' posts of another.

        Each pair starts with one imagined comparison: redundant if it is the same group.
        """
        mean: Array = (self._redundant + np.eye(len(self._redundant))) / (self._compared + 1.0)
        return mean

    @property
    def inconsistency(self) -> Array:
        """Estimate of C: mean kernel between the account's own drafts, (D, D)."""
        return self._inconsistency / max(self._rounds, 1)

    def value_of_groups(self, others: Array) -> Array:
        """Engagement less redundancy expected of a post of each group, (D,), if the others post in shares `others`."""
        redundancy: Array = self.similarity @ others
        return self._incentives.attractiveness * self.attractiveness - self._crowding_weight * redundancy

    def gradient(self, mixture: Array, seen: Reception) -> Array:
        """Unbiased estimate of the payoff's gradient in the account's own mixture, shape (D,).

        Doubly robust: the value that memory and the round's other posts lead to expect, corrected by 1/w_d where a
        post of group d was drawn. The draw is independent of both, so the correction makes the estimate unbiased
        whatever the memory holds; a good memory makes its variance small. Call it before `remember`, so that the
        expectation doesn't contain the reception it corrects.
        """
        expected = self.value_of_groups(_shares(seen.others, len(mixture)))
        value = self._incentives.attractiveness * seen.engagement
        if seen.others.size:
            value = value - self._crowding_weight * seen.redundancy.mean(axis=1)
        correction = np.zeros_like(expected)
        np.add.at(correction, seen.groups, (value - expected[seen.groups]) / mixture[seen.groups])
        consistency = 2.0 * self._incentives.inconsistency * (seen.inconsistency @ mixture)
        gradient: Array = expected + correction / len(seen.groups) - consistency
        return gradient

    def remember(self, seen: Reception) -> None:
        """Take a round into the running estimates."""
        np.add.at(self._engaged, seen.groups, seen.engagement)
        np.add.at(self._posted, seen.groups, 1.0)
        heard = seen.others >= 0
        if heard.any():
            rows, columns = np.repeat(seen.groups, heard.sum()), np.tile(seen.others[heard], len(seen.groups))
            np.add.at(self._redundant, (rows, columns), seen.redundancy[:, heard].ravel())
            np.add.at(self._compared, (rows, columns), 1.0)
            latest = _shares(seen.others, len(self._others))
            self._others = (1.0 - self._recency) * self._others + self._recency * latest
        self._inconsistency += seen.inconsistency
        self._rounds += 1

    def best_response(self, floor: float) -> Array:
        """Best mixture under the estimates of a, C and S, every weight at least `floor`, shape (D,)."""
        consistency = 2.0 * self._incentives.inconsistency * self.inconsistency
        return maximise_on_simplex(consistency, self.value_of_groups(self._others), floor=floor)


def _shares(voices: NDArray[np.int64], groups: int) -> Array:
    """Share of posts in each voice, (groups,); posts nobody can attribute count in the total only."""
    counts: Array = np.bincount(voices[voices >= 0], minlength=groups).astype(np.float64)
    return counts / max(voices.size, 1)
