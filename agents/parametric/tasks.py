"""Tasks of unequal difficulty, and what solver and auditor can tell of it before they choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import logit

from sim.arrays import Array, finite_array, non_negative, positive, read_only, whole_number
from sim.errors import InputError
from sim.randomness import generator

EDGE = 0.01
"""Signals tell no more than that a task succeeds this seldom, or fails this seldom: logits stay within +-4.6."""


class Points(NamedTuple):
    """Tasks as the agents meet them.

    Attributes:
        success: Probability that an attempt is right, (S, T, B): seeds, steps, tasks of a batch.
        solver_signal: What the solver sees, likewise.
        auditor_signal: What the auditor sees, likewise.
    """

    success: Array
    solver_signal: Array
    auditor_signal: Array


@dataclass(frozen=True, eq=False)
class TaskPool:
    """Tasks whose success rates s follow F, and the noise of what is seen of them: logit s + noise x N(0, 1).

    Attributes:
        rates: F, as equally likely success rates, (N,): quantiles of a distribution, or rates that were measured.
        solver_noise: Standard deviation of the solver's signal, in logits.
        auditor_noise: Of the auditor's.

    Raises:
        InputError: At construction: a rate is no probability, there is none, or a noise is negative.
    """

    rates: ArrayLike
    solver_noise: float = 0.5
    auditor_noise: float = 1.0

    def __post_init__(self) -> None:
        rates = finite_array("rates", self.rates, ndim=1)
        if not rates.size or rates.min() < 0 or rates.max() > 1:
            raise InputError("rates", f"{rates.size} numbers", "expected at least one, each from 0 to 1")
        object.__setattr__(self, "rates", rates)
        non_negative("solver_noise", self.solver_noise)
        non_negative("auditor_noise", self.auditor_noise)

    @cached_property
    def logits(self) -> Array:
        """What there is to be seen of the rates, (N,)."""
        return read_only(logit(np.clip(np.asarray(self.rates, np.float64), EDGE, 1 - EDGE)))

    def draw(self, shape: tuple[int, int], *, seeds: Sequence[int], round: int) -> Points:
        """Steps and tasks of a batch, by seed: whoever trains with the same seed and round meets the same tasks."""
        lots = [generator(seed, round=round, agent=-1, purpose="tasks") for seed in seeds]
        return self._seen(np.stack([lot.integers(self.logits.size, size=shape) for lot in lots]), seeds, round)

    def every_task(self, *, seeds: Sequence[int]) -> Points:
        """All tasks in one batch, with signals drawn once for every seed: what expected gradients are taken over."""
        return _every_task(self, tuple(seeds))

    def _seen(self, tasks: NDArray[np.int64], seeds: Sequence[int], round: int) -> Points:
        lots = [generator(seed, round=round, agent=-1, purpose="signals") for seed in seeds]
        noise = np.stack([lot.standard_normal((2, *tasks.shape[1:])) for lot in lots])
        known = self.logits[tasks]
        return Points(
            read_only(np.asarray(self.rates, np.float64)[tasks]),
            read_only(known + self.solver_noise * noise[:, 0]),
            read_only(known + self.auditor_noise * noise[:, 1]),
        )


@lru_cache(maxsize=8)  # asked for at every step of a study, and always the same
def _every_task(pool: TaskPool, seeds: tuple[int, ...]) -> Points:
    return pool._seen(np.tile(np.arange(pool.logits.size), (len(seeds), 1, 1)), seeds, 0)


def beta_rates(a: float, b: float, count: int = 512) -> Array:
    """Success rates at the middles of `count` equally likely parts of Beta(a, b), (count,).

    >>> float(beta_rates(0.5, 0.8).mean().round(3))
    0.385
    """
    middles = (np.arange(whole_number("count", count, minimum=1)) + 0.5) / count
    return read_only(np.asarray(stats.beta.ppf(middles, positive("a", a), positive("b", b)), np.float64))
