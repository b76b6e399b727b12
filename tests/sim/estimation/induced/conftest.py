"""A fast play of the platform's kernels: the same posts, readers and drafts as the social platform, without text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.subpopulations.synthetic import SyntheticPopulation
from sim.alignment_game import AlignmentGame, Incentives
from sim.estimation.inconsistency import gram_plus_spread
from sim.estimation.opinion_table import OpinionTable

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Kernels:
    """Engagement by readers' groups, inconsistency over drafts, redundancy over pairs of posts."""

    table: OpinionTable
    incentives: Incentives
    accounts: int
    posts: int = 4
    drafts: int = 8
    readers: int = 100

    @property
    def game(self) -> AlignmentGame:
        """The exact expectation of the payoffs."""
        return AlignmentGame(
            attractiveness=self.table.shares,
            inconsistency=gram_plus_spread(self.table),
            similarity=np.eye(len(self.table.groups)),
            incentives=self.incentives,
            accounts=self.accounts,
        )

    def payoffs(self, profiles: Array, rng: np.random.Generator) -> Array:
        """Realised payoffs of profiles (T, M, D), shape (T, M)."""
        rounds, accounts, groups = profiles.shape
        drawn = rng.multinomial(self.posts, profiles)
        engaged = rng.binomial(self.readers * drawn, self.table.shares).sum(axis=2) / (self.readers * self.posts)
        others = drawn.sum(axis=1, keepdims=True) - drawn
        crowd = np.sum(drawn * others, axis=2) / (self.posts**2 * (accounts - 1))
        stance = np.zeros((rounds, accounts))
        topics = rng.integers(len(self.table.questions), size=(rounds, accounts, self.drafts))
        probabilities = np.stack(self.table.probabilities)
        everybody = np.stack(self.table.mean_answers())
        uniform = rng.random((*topics.shape, groups, 1))
        answer = (uniform > probabilities[topics].cumsum(axis=-1)[..., :-1]).sum(axis=-1)
        said = np.eye(probabilities.shape[2])[answer] - everybody[topics][..., None, :]
        mean = np.einsum("tmd,tmkdo->tmko", profiles, said)
        stance = np.sum(mean**2, axis=3).mean(axis=2) / 2
        price = self.incentives
        return price.attractiveness * engaged - price.inconsistency * stance - price.diversity * crowd


@pytest.fixture(scope="session")
def kernels() -> Callable[..., Kernels]:
    """Make kernels of a synthetic survey."""

    def make(groups: int = 3, accounts: int = 6, incentives: Incentives | None = None, **settings: int) -> Kernels:
        table = SyntheticPopulation(groups, 6, 4, 1.0, seed=0).table
        return Kernels(table, incentives or Incentives(1.0, 1.0, 0.5), accounts, **settings)

    return make
