"""Where accounts will settle on a feed, from what it pays for scripted mixtures: explored twice, predicted once.

Rankings make payoffs that are no quadratic form of the mixtures. A quadratic fitted to mixtures from the whole simplex
is a poor guide to one place on it, so the second exploration goes half way to where the first one points: nearly pure
mixtures whose mean is half that place and half the uniform mixture, so that rare groups, too, are seen often enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from experiments.studies.feed.feed import Feed
from platforms.social.posts import Voices
from sim.arrays import Array, positive, whole_number
from sim.estimation.induced import FullFit, InducedEquilibrium, PlayLog, Script, exploration, fit_full, predict
from sim.estimation.opinion_table import OpinionTable


class Predicted(NamedTuple):
    """A prediction and what it rests on.

    Attributes:
        equilibrium: Of the game fitted to the second log.
        fit: That fit.
        wide: The first log, from the whole simplex.
        near: The second log.
    """

    equilibrium: InducedEquilibrium
    fit: FullFit
    wide: PlayLog
    near: PlayLog


@dataclass(frozen=True, kw_only=True)
class Explorer:
    """How a feed is explored.

    Attributes:
        accounts: Number of accounts M.
        floor: Least weight that accounts keep of every group.
        rounds: Rounds of each exploration, one profile a round.
        concentration: Of the mixtures: small is nearly pure.
        draws: Draws behind the region of the prediction.
        confidence: Of the region.
        seed: Of the draws.
    """

    accounts: int
    floor: float
    rounds: int
    concentration: float
    draws: int
    confidence: float
    seed: int

    def __post_init__(self) -> None:
        whole_number("accounts", self.accounts, minimum=2)
        whole_number("rounds", self.rounds, minimum=10)
        positive("concentration", self.concentration)

    def predict(self, feed: Feed, table: OpinionTable, voices: Voices | None = None) -> Predicted:
        """Explore the whole simplex, then nearer to what that predicts.

        Raises:
            NotIdentifiedError: The log does not tell the utility.
            InputError: The induced game has no unique equilibrium to solve for.
        """
        wide = self._log(feed, table, voices, None, self.seed)
        towards = (self._solved(fit_full(wide, symmetric=True)).mixture + 1 / len(table.groups)) / 2
        # A seed of its own: the first log's readers must not come back.
        near = self._log(feed, table, voices, towards, self.seed + 1)
        fit = fit_full(near, symmetric=True)
        return Predicted(self._solved(fit), fit, wide, near)

    def engagement(self, feed: Feed, table: OpinionTable, voices: Voices | None, mixture: Array) -> float:
        """Engaged views per view while all accounts play a mixture."""
        held = np.tile(mixture, (1, self.accounts, 1))
        return float(
            feed.without_text(
                table, voices, Script(held), held[0], rounds=self.rounds, seed=self.seed + 2
            ).engagement.mean()
        )

    def _log(self, feed: Feed, table: OpinionTable, voices: Voices | None, around: Array | None, seed: int) -> PlayLog:
        profiles = exploration(
            self.accounts,
            len(table.groups),
            profiles=self.rounds,
            concentration=self.concentration,
            around=around,
            seed=seed,
        )
        seen = feed.without_text(table, voices, Script(profiles), profiles[0], rounds=self.rounds, seed=seed)
        return PlayLog.of_play(seen.profiles, seen.payoffs, groups=table.groups)

    def _solved(self, fit: FullFit) -> InducedEquilibrium:
        return predict(
            fit,
            accounts=self.accounts,
            floor=self.floor,
            draws=self.draws,
            confidence=self.confidence,
            seed=self.seed,
        )
