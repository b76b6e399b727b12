"""What all accounts of a feed have seen of their own posts, and the gradients and best responses they work out from it.

Arrays for all accounts at once. An account sees what its own posts earned, and the kernel of its own drafts; it never
sees the audience, the ranking, or another account's mixture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.arrays import Array
from sim.population import Population, simultaneous_step
from sim.simplex import validated_floor

_LEAST = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, eq=False, kw_only=True)
class FeedReception:
    """How a round was received, for M accounts and D groups.

    Attributes:
        drawn: New posts of each group, rows sum to the posts of a round, shape (M, D).
        earned: What the new posts of each group earned, shape (M, D).
        late: What posts of the round before, passed on by readers, earned by their group; None without sharing; (M, D).
        kernels: Kernel between each account's drafts, shape (M, D, D), or one for all accounts, (1, D, D).
    """

    drawn: Array
    earned: Array
    late: Array | None
    kernels: Array

    @property
    def paid(self) -> Array:
        """What each account earned in the round with all its posts, shape (M,)."""
        total = _total(self.earned)
        return total if self.late is None else total + _total(self.late)


class Ledger:
    """Running mean of what a post of each group earns, for M accounts.

    Args:
        accounts: Number of accounts M.
        groups: Number of groups D.
        posts: Posts P of each account in a round.
        recency: How much older rounds lose per round, 0 to 1; 0 never forgets.
        first: What an account expects of a post before its first.
    """

    def __init__(self, accounts: int, groups: int, posts: int, recency: float, first: float) -> None:
        self.posts = posts
        self._kept = 1.0 - recency
        self._first = first
        self._earned = np.zeros((accounts, groups))
        self._posted = np.zeros((accounts, groups))

    @property
    def value(self) -> Array:
        """Estimated earnings of a post of each group, (M, D).

        Each group starts with one imagined post at the account's mean: one not yet tried is expected to do like the
        others.
        """
        mean = (_total(self._earned) + self._first) / (_total(self._posted) + 1.0)
        value: Array = self._earned + mean[:, None]
        value /= self._posted + 1.0
        return value

    def gradient(self, mixtures: Array, drawn: Array, paid: Array) -> Array:
        """Unbiased estimate of the derivative of each account's expected earnings in its own mixture, shape (M, D).

        With posts of groups g_1..g_P drawn from w and R what the account was paid for all of them together,

            d E[R] / dw_d = sum_p E[R | g_p = d] - (P - 1) E[R] = E[R (n_d / w_d - (P - 1))],  n_d posts of group d,

        where the constant (which moves no mixture) is chosen so that w'gradient = E[R], as in the linear game. Posts of
        an account may compete with each other: R need not be additive. Doubly robust: with v the remembered value of a
        post and B = sum_p v_(g_p),

            P v_d + (R - B) (n_d / w_d - (P - 1))

        has the same expectation whatever v holds, for v is older than the draw; a good v makes its variance small. Call
        it before `remember`.

        Args:
            mixtures: w, shape (M, D).
            drawn: n, shape (M, D).
            paid: R, shape (M,).
        """
        value = self.value
        surprise = paid - np.einsum("md,md->m", drawn, value)
        # Only groups without weight, which are never drawn, meet the bound. One array, for there may be a million rows.
        gradient: Array = drawn / np.maximum(mixtures, _LEAST)
        gradient -= self.posts - 1
        gradient *= surprise[:, None]
        gradient += self.posts * value
        return gradient

    def remember(self, drawn: Array, earned: Array) -> None:
        """Take a round in: posts of each group and what they earned, shape (M, D) each."""
        for running, latest in ((self._posted, drawn), (self._earned, earned)):
            np.multiply(running, self._kept, out=running)
            np.add(running, latest, out=running)


class FeedMemory:
    """Running estimates of M accounts on a feed that charges `price` times w'Kw for contradictions.

    Args:
        accounts: Number of accounts M.
        groups: Number of groups D.
        posts: Posts of each account in a round.
        recency: How much older rounds lose per round, 0 to 1; 0 never forgets.
        price: Of contradiction.
    """

    def __init__(self, accounts: int, groups: int, posts: int, recency: float, price: float) -> None:
        self._price = price
        self._now = Ledger(accounts, groups, posts, recency, 1.0 / (groups * posts))
        self._late = Ledger(accounts, groups, posts, recency, 0.0)
        self._before: tuple[Array, Array] | None = None
        self._kernels: Array = np.zeros((1, groups, groups))
        self._rounds = 0

    @property
    def value(self) -> Array:
        """Estimated earnings of a post of each group, now and passed on, shape (M, D)."""
        value: Array = self._now.value + self._late.value
        return value

    @property
    def inconsistency(self) -> Array:
        """Mean kernel between each account's own drafts, (M, D, D), or of all accounts, (1, D, D)."""
        mean: Array = self._kernels / max(self._rounds, 1)
        return mean

    def learn(self, mixtures: Array, seen: FeedReception) -> Array:
        """Estimate every account's payoff gradient, then take the round into memory; shape (M, D).

        The estimate is unbiased for the derivative, in the mixture just played, of what the round is expected to pay;
        where readers pass posts on, plus the derivative, in the mixture played the round before, of what this round
        pays for that one's posts. So a post's whole life counts, each part as soon as it is known.
        """
        gradient = self._now.gradient(mixtures, seen.drawn, seen.paid)
        if seen.late is not None:
            if self._before is not None:
                gradient = gradient + self._late.gradient(*self._before, _total(seen.late))
                self._late.remember(self._before[1], seen.late)
            self._before = mixtures, seen.drawn
        self._now.remember(seen.drawn, seen.earned)
        self._kernels = self._kernels + seen.kernels
        self._rounds += 1
        marginal: Array = gradient - 2.0 * self._price * times(seen.kernels, mixtures)
        return marginal

    def best_responses(self, mixtures: Array, floor: float = 0.0) -> Array:
        """Best mixture of every account under its own estimates of value and K, every weight >= floor, shape (M, D).

        Where contradiction is free these are corners: all on the group that earned best, shared among equals.

        Args:
            mixtures: Where the search starts, shape (M, D).
            floor: Least weight.
        """
        linear = self._now.posts * self.value
        if self._price == 0:
            least = validated_floor("floor", floor, linear.shape[1])
            best = linear == linear.max(axis=1, keepdims=True)
            corners: Array = least + (1.0 - least * linear.shape[1]) * best / best.sum(axis=1, keepdims=True)
            return corners
        kernels = self.inconsistency
        population = Population(
            linear=linear,
            curvatures=2.0 * self._price * kernels,
            similarity=np.zeros((linear.shape[1],) * 2),
            kinds=np.arange(len(kernels), dtype=np.int32) if len(kernels) > 1 else None,
        )
        return simultaneous_step(population, mixtures, floor=floor).mixtures


def times(kernels: Array, mixtures: Array) -> Array:
    """K_m w_m of every account, shape (M, D), from kernels (M, D, D), or one for all, (1, D, D)."""
    if len(kernels) == 1:
        alike: Array = mixtures @ kernels[0].T
        return alike
    own: Array = np.einsum("mde,me->md", kernels, mixtures)
    return own


def by_group(account: NDArray[np.int64], group: NDArray[np.int64], amount: Array, shape: tuple[int, int]) -> Array:
    """Sum of an amount over the posts of each account and group, shape (M, D), from (P,) each."""
    totals = np.bincount(account * shape[1] + group, weights=amount, minlength=shape[0] * shape[1])
    return totals.astype(np.float64).reshape(shape)


def _total(rows: Array) -> Array:
    """Sum of each row, (M,) from (M, D); einsum, for numpy's own sum is several times slower along short rows."""
    totals: Array = np.einsum("md->m", rows)
    return totals
