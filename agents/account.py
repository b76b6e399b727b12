"""An account: a mixture over subpopulation models, and a memory of how its posts were received."""

from __future__ import annotations

import mesa
import numpy as np
from numpy.typing import NDArray

from agents.memory import Memory, Reception
from sim.arrays import Array
from sim.estimation.opinion_table import OpinionTable


class Account(mesa.Agent):  # type: ignore[misc]
    """One language-model account on a platform.

    Args:
        model: The Mesa model (platform) it lives on.
        index: Its place in the profile, 0..M-1; the identity used in every table and random draw.
        mixture: Starting mixture over the groups, shape (D,).
        memory: Its running estimates.
    """

    def __init__(self, model: mesa.Model, index: int, mixture: Array, memory: Memory) -> None:
        super().__init__(model)
        self.index = index
        self.mixture = mixture
        self.memory = memory
        self.gradient = np.zeros_like(mixture)

    def draw_groups(self, posts: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Draw the group that speaks in each post: the response-level policy of the alignment game, (posts,)."""
        return rng.choice(len(self.mixture), size=posts, p=self.mixture).astype(np.int64)

    def draft(
        self, table: OpinionTable, topics: NDArray[np.int64], sets: int, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Let every group answer every topic, `sets` times independently: options of shape (sets, topics, D)."""
        answers = np.empty((sets, len(topics), len(table.groups)), dtype=np.int64)
        for t, topic in enumerate(topics):
            cumulative = table.probabilities[topic].cumsum(axis=1)
            draws = rng.random((sets, len(table.groups), 1))
            answers[:, t, :] = (draws > cumulative[None, :, :-1]).sum(axis=2)
        return answers

    def receive(self, seen: Reception) -> None:
        """Learn how a round was received: first the gradient, then the memory it must not yet contain."""
        self.gradient = self.memory.gradient(self.mixture, seen)
        self.memory.remember(seen)
