"""What all accounts of a feed have seen of their own posts, and the gradients and best responses that follow, as arrays.

An account sees what each of its posts earned and nothing of the others: no shares, tastes, ranking or mixtures.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.arrays import Array
from sim.population import Population, simultaneous_step
from sim.simplex import validated_floor


class FeedMemory:
    """Running estimates of M accounts: what a post of each group earns.

    Args:
        accounts: Number of accounts M.
        groups: Number of groups D.
        posts: Posts of each account in a round.
        recency: How much older rounds lose per round, 0 to 1; 0 never forgets.
    """

    def __init__(self, accounts: int, groups: int, posts: int, recency: float) -> None:
        self._posts = posts
        self._kept = 1.0 - recency
        self._earned = np.zeros((accounts, groups))
        self._posted = np.zeros((accounts, groups))

    @property
    def value(self) -> Array:
        """Estimated earnings of a post of each group, (M, D).

        Each group starts with one imagined post at the account's mean, and that mean with one post that earns an equal
        part of 1: a group not yet tried is expected to do like the others.
        """
        mean = (self._earned.sum(axis=1) + 1.0 / self._posts) / (self._posted.sum(axis=1) + 1.0)
        value: Array = (self._earned + mean[:, None]) / (self._posted + 1.0)
        return value

    def gradient(self, mixtures: Array, drawn: Array, earned: Array) -> Array:
        """Unbiased estimate of the derivative of each account's expected earnings in its own mixture, shape (M, D).

        With posts of groups g_1..g_P drawn from w and R what the account earned with all of them together, E[R] is
        multilinear in the draws and

            d E[R] / dw_d = sum_p E[R | g_p = d] = E[R n_d / w_d],  n_d = posts of group d.

        Doubly robust: with v the remembered value of a post and B = sum_p v_(g_p),

            P v_d + (P - 1) B + (R - B) n_d / w_d

        has the same expectation whatever v holds, for v is older than the draw; a good v makes its variance small.
        Posts may compete with each other and reward need not be additive: R is the account's total. Call it before
        `remember`.

        Args:
            mixtures: w, shape (M, D).
            drawn: n, posts of each group, shape (M, D); rows sum to P.
            earned: R, shape (M,).
        """
        value = self.value
        baseline = np.einsum("md,md->m", drawn, value)
        surprise = (earned - baseline)[:, None] * drawn
        correction = np.divide(surprise, mixtures, out=np.zeros_like(surprise), where=drawn > 0)
        gradient: Array = self._posts * value + (self._posts - 1) * baseline[:, None] + correction
        return gradient

    def remember(self, drawn: Array, earned: Array) -> None:
        """Take a round in: posts of each group and what they earned, shape (M, D) each."""
        self._posted = self._kept * self._posted + drawn
        self._earned = self._kept * self._earned + earned

    def best_responses(self, price: float, kernels: Array, floor: float, mixtures: Array) -> Array:
        """Best mixture of every account under its own estimates of value, less price w'Kw, shape (M, D).

        Where nothing is paid for contradictions these are corners: all on the group that earned best, ties shared.

        Args:
            price: Of contradiction.
            kernels: Each account's running kernel K, shape (M, D, D), or one for all, (1, D, D).
            floor: Least weight.
            mixtures: Where the search starts, shape (M, D).
        """
        linear = self._posts * self.value
        if price == 0:
            least = validated_floor("floor", floor, linear.shape[1])
            best = linear == linear.max(axis=1, keepdims=True)
            corners: Array = least + (1.0 - least * linear.shape[1]) * best / best.sum(axis=1, keepdims=True)
            return corners
        population = Population(
            linear=linear,
            curvatures=2.0 * price * kernels,
            similarity=np.zeros((linear.shape[1],) * 2),
            kinds=np.arange(len(kernels), dtype=np.int32) if len(kernels) > 1 else None,
        )
        return simultaneous_step(population, mixtures, floor=floor).mixtures


def by_account(
    account: NDArray[np.int64], group: NDArray[np.int64], amount: Array | None, shape: tuple[int, int]
) -> Array:
    """Sum of an amount (None: one each) over the posts of each account and group, shape (M, D)."""
    totals: Array = np.bincount(account * shape[1] + group, weights=amount, minlength=shape[0] * shape[1])
    return totals.reshape(shape).astype(np.float64)
