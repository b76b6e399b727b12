"""The social platform: accounts publish, an audience reads, kernels pay, accounts learn from what they saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import mesa
import numpy as np

from agents.account import Account
from agents.memory import Memory, Reception
from platforms.social.observed_feedback import ObservedFeedback
from platforms.social.payoffs.attractiveness import AttractivenessRule
from platforms.social.payoffs.inconsistency import InconsistencyRule
from platforms.social.payoffs.similarity import SimilarityRule
from platforms.social.post import Draft, Post
from sim.alignment_game import AlignmentGame, Crowding, Incentives
from sim.arrays import Array
from sim.dynamics.protocol import Dynamics, State
from sim.estimation.opinion_table import OpinionTable
from sim.randomness import generator, request_seed
from sim.simplex import validated_profile


@dataclass(frozen=True, kw_only=True)
class PayoffRules:
    """The three kernels the platform pays by, each with the expectation the theory needs."""

    attractiveness: AttractivenessRule
    inconsistency: InconsistencyRule
    similarity: SimilarityRule

    def game(
        self,
        table: OpinionTable,
        incentives: Incentives,
        accounts: int,
        crowding: Crowding,
        voice: Array | None = None,
    ) -> AlignmentGame:
        """The alignment game whose utilities are the platform's expected payoffs.

        Args:
            table: What each group answers.
            incentives: The published coefficients.
            accounts: Number of accounts.
            crowding: "mean" or "sum" over the other accounts.
            voice: P(heard as h | drawn as g), (G, G); None: every post is heard as the group that was drawn.
        """
        heard = np.eye(len(table.groups)) if voice is None else voice
        return AlignmentGame(
            attractiveness=self.attractiveness.estimate(table, heard),
            inconsistency=self.inconsistency.estimate(table),
            similarity=self.similarity.estimate(table, heard),
            incentives=incentives,
            accounts=accounts,
            crowding=crowding,
            groups=table.groups,
        )


@dataclass(frozen=True, kw_only=True)
class PlatformSettings:
    """What an account does in a round and who reads it.

    Attributes:
        posts_per_round: Posts each account publishes.
        drafts_per_round: Topics on which each account lets every group draft an answer.
        readers: Readers who meet each post.
        heard_share: Share of posts in which readers go by the voice in the text; they take the rest for the group
            that was drawn. Hearing costs one scoring of the text per group.
    """

    posts_per_round: int = 1
    drafts_per_round: int = 8
    readers: int = 100
    heard_share: float = 1.0


@dataclass(frozen=True)
class RoundFeedback:
    """What a round paid.

    Attributes:
        payoffs: Realised payoff of each account, shape (M,).
        engagement: Mean engagement of each account's posts, shape (M,).
        inconsistency: Realised inconsistency of each account's stance, shape (M,).
        redundancy: Mean redundancy of each account's posts with the others', shape (M,).
        gradients: Each account's own estimate of its payoff gradient, shape (M, D).
    """

    payoffs: Array
    engagement: Array
    inconsistency: Array
    redundancy: Array
    gradients: Array


class SocialPlatform(mesa.Model):  # type: ignore[misc]
    """One run of the game with posts.

    Args:
        table: What the subpopulation models answer (the accounts draft from it; the audience reads with it).
        incentives: The published coefficients.
        rules: The kernels it pays by.
        settings: What happens in a round.
        dynamics: The accounts' learning rule.
        start: Starting profile, shape (M, D).
        seed: Run seed; every draw is keyed by (seed, round, account, purpose).
        crowding: "mean" or "sum" over the other accounts.

    Attributes:
        answer_counts: What the drafts answered so far: by question, shape (G, options).
    """

    def __init__(
        self,
        *,
        table: OpinionTable,
        incentives: Incentives,
        rules: PayoffRules,
        settings: PlatformSettings,
        dynamics: Dynamics,
        start: Array,
        seed: int,
        crowding: Crowding = "mean",
    ) -> None:
        super().__init__(rng=generator(seed, round=0, agent=0, purpose="mesa"))
        start = validated_profile("start", start)
        others = len(start) - 1
        self.table = table
        self.rules = rules
        self.settings = settings
        self.dynamics = dynamics
        self.seed_of_run = seed
        self.round = 0
        self._met = others if crowding == "sum" else min(others, 1)
        self._rule_memory: Array | None = None
        self.answer_counts = [np.zeros_like(p) for p in table.probabilities]
        weight = incentives.diversity * self._met
        self.accounts = [
            Account(self, m, mixture, Memory(start.shape[1], incentives, weight)) for m, mixture in enumerate(start)
        ]
        self.publish(incentives)

    def publish(self, incentives: Incentives) -> None:
        """Pay by these coefficients from the next round on; accounts keep their mixtures and what they have seen."""
        self.incentives = incentives
        self.crowding_weight = incentives.diversity * self._met
        for account in self.accounts:
            account.memory.reprice(incentives, self.crowding_weight)

    @property
    def profile(self) -> Array:
        """Mixtures of all accounts, shape (M, D)."""
        return np.stack([account.mixture for account in self.accounts])

    def plan_round(self) -> list[Draft]:
        """Let every account draw the groups that speak, and answer the round's topic."""
        topic = int(self._keyed(0, "topic").integers(len(self.table.questions)))
        drafts = []
        for account in self.accounts:
            rng = self._keyed(account.index, "posts")
            for p, group in enumerate(account.draw_groups(self.settings.posts_per_round, rng)):
                answers = self.table.probabilities[topic][group]
                drafts.append(
                    Draft(
                        account=account.index,
                        group=int(group),
                        topic=topic,
                        answer=int(rng.choice(len(answers), p=answers / answers.sum())),
                        seed=request_seed(self.seed_of_run, round=self.round, agent=account.index, purpose=f"text {p}"),
                        heard=bool(rng.random() < self.settings.heard_share),
                    )
                )
        return drafts

    def play_round(self, posts: Sequence[Post]) -> RoundFeedback:
        """Show the posts to the audience, pay every account, and let the accounts learn.

        Args:
            posts: The round's posts, as planned by `plan_round` and written by the accounts' models.

        Returns:
            What the round paid; the accounts' mixtures have moved.
        """
        engagement = self.rules.attractiveness.engagement(
            posts, self.table, self.settings.readers, self._keyed(0, "audience")
        )
        redundancy = self.rules.similarity.redundancy(posts)
        voices = np.array([post.voice for post in posts], dtype=np.int64)
        owner = np.array([post.draft.account for post in posts])
        groups = np.array([post.draft.group for post in posts], dtype=np.int64)
        paid = np.zeros((4, len(self.accounts)))
        for account in self.accounts:
            own = owner == account.index
            seen = Reception(
                groups=groups[own],
                engagement=engagement[own],
                redundancy=redundancy[np.ix_(own, ~own)],
                others=voices[~own],
                inconsistency=self._draft_kernel(account),
            )
            account.receive(seen)
            stance = float(account.mixture @ seen.inconsistency @ account.mixture)
            crowd = float(seen.redundancy.mean()) if seen.others.size else 0.0
            engaged = float(seen.engagement.mean())
            payoff = (
                self.incentives.attractiveness * engaged
                - self.incentives.inconsistency * stance
                - self.crowding_weight * crowd
            )
            paid[:, account.index] = payoff, engaged, stance, crowd
        gradients = np.stack([account.gradient for account in self.accounts])
        payoffs, engagement, inconsistency, redundancy_by_account = paid
        self._learn(payoffs, gradients)
        return RoundFeedback(payoffs, engagement, inconsistency, redundancy_by_account, gradients)

    def close(self) -> None:
        """Release what Mesa keeps about this model for ever (its table of agent ids)."""
        mesa.Agent._ids.pop(self, None)

    def _draft_kernel(self, account: Account) -> Array:
        rng = self._keyed(account.index, "drafts")
        topics = rng.integers(len(self.table.questions), size=self.settings.drafts_per_round)
        answers = account.draft(self.table, topics, self.rules.inconsistency.sets, rng)
        for t, topic in enumerate(topics):
            for chosen in answers[:, t, :]:
                self.answer_counts[topic][np.arange(len(chosen)), chosen] += 1.0
        return self.rules.inconsistency.kernel(answers, topics, self.table)

    def _learn(self, payoffs: Array, gradients: Array) -> None:
        feedback = ObservedFeedback(self.round, payoffs, gradients, [account.memory for account in self.accounts])
        state = State(self.profile, self._rule_memory)
        moved = self.dynamics.step(state, feedback, self._keyed(0, "learning"))
        for account, mixture in zip(self.accounts, validated_profile("profile", moved.profile), strict=True):
            account.mixture = mixture
        self._rule_memory = moved.memory
        self.round += 1

    def _keyed(self, account: int, purpose: str) -> np.random.Generator:
        return generator(self.seed_of_run, round=self.round, agent=account, purpose=purpose)
