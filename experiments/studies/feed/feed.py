"""A feed as a study describes it: all that stays the same while accounts, rankings and levers change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from platforms.social.audience.audience import Audience
from platforms.social.audience.following import Following
from platforms.social.feed_platform import FeedPlatform, FeedSettings
from platforms.social.payoffs.inconsistency import InconsistencyRule
from platforms.social.posts import Voices
from platforms.social.ranking.feeds import Ranking
from platforms.social.rewards import CreatorRewards, Moderation
from sim.arrays import Array
from sim.dynamics.protocol import Dynamics
from sim.estimation.opinion_table import OpinionTable
from sim.randomness import generator


class Heard(NamedTuple):
    """Rounds of a feed without text.

    Attributes:
        profiles: What was played, (T, M, D).
        payoffs: What it paid, (T, M).
        engagement: Engaged views per view, (T,).
        coverage: Share of each group's members who engaged at least once, (T, D).
    """

    profiles: Array
    payoffs: Array
    engagement: Array
    coverage: Array


@dataclass(frozen=True, kw_only=True)
class Feed:
    """Audience, ranking, rewards and what happens in a round.

    Attributes:
        members: Number of members R, in the groups' shares.
        tolerance: P(engage) with the voice of another group; 1 with the own group's.
        budget: Posts each member reads in a round.
        follows: Accounts each member follows at the start.
        settings: What happens in a round.
        ranking: Orders the feeds.
        rewards: What a view is worth.
        inconsistency: The kernel of moderation.
        moderation: Its price.
    """

    members: int
    tolerance: float
    budget: int
    follows: int
    settings: FeedSettings
    ranking: Ranking
    rewards: CreatorRewards
    inconsistency: InconsistencyRule
    moderation: float

    def audience(self, table: OpinionTable) -> Audience:
        """Members in the shares of the table's groups."""
        return Audience.of(table.groups, table.shares, self.members, tolerance=self.tolerance, budget=self.budget)

    def platform(
        self, table: OpinionTable, voices: Voices | None, dynamics: Dynamics, start: Array, seed: int
    ) -> FeedPlatform:
        """A platform in its starting state.

        Args:
            table: What the groups answer.
            voices: Which voice is heard in posts without text; None: that of the drawn group.
            dynamics: The accounts' learning rule.
            start: Starting profile, (M, D).
            seed: Of every draw.
        """
        rng = generator(seed, round=0, agent=-1, purpose="who follows whom")
        return FeedPlatform(
            table=table,
            audience=self.audience(table),
            following=Following.at_random(self.members, len(start), self.follows, rng),
            ranking=self.ranking,
            rewards=self.rewards,
            settings=self.settings,
            dynamics=dynamics,
            start=start,
            seed=seed,
            moderation=Moderation(rule=self.inconsistency, price=self.moderation),
            voices=voices,
        )

    def without_text(
        self, table: OpinionTable, voices: Voices | None, dynamics: Dynamics, start: Array, *, rounds: int, seed: int
    ) -> Heard:
        """Play rounds of posts that have a voice and no text."""
        platform = self.platform(table, voices, dynamics, start, seed)
        profiles, payoffs, engagement, coverage = [], [], [], []
        try:
            for _ in range(rounds):
                profiles.append(platform.profile)
                paid = platform.play_round(platform.plan_posts())
                payoffs.append(paid.payoffs)
                engagement.append(paid.telemetry.engagement)
                coverage.append(paid.telemetry.coverage)
        finally:
            platform.close()
        return Heard(np.array(profiles), np.array(payoffs), np.array(engagement), np.array(coverage))
