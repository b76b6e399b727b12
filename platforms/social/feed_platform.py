"""A social platform with rules of its own: a ranking decides who sees what, readers react, creators are rewarded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import mesa
import numpy as np

from agents.feed_memory import FeedMemory, FeedReception, by_group, times
from platforms.social.audience.audience import Audience
from platforms.social.audience.candidates import candidates
from platforms.social.audience.dynamics import AudienceDynamics, rate_between
from platforms.social.audience.following import Following
from platforms.social.audience.history import History
from platforms.social.audience.reactions import Reactions, Readings, react
from platforms.social.feed_checks import isolated, refuse_isolation, refuse_unplanned
from platforms.social.feed_feedback import FeedFeedback, ObservedFeed
from platforms.social.post import UNHEARD, Draft, Post
from platforms.social.posts import AsDrawn, IntArray, PostBatch, Voices, bounds, drawn, one_hot
from platforms.social.ranking.checked import Checked
from platforms.social.ranking.feeds import BLANK, Feeds, Ranking
from platforms.social.rewards import Moderation, RewardRule, answer_bounds, need_of_groups
from platforms.social.telemetry import Telemetry, measure
from sim.arrays import Array, whole_number
from sim.dynamics.protocol import Dynamics, State
from sim.errors import InputError
from sim.estimation.opinion_table import OpinionTable
from sim.randomness import generator, request_seed
from sim.simplex import validated_profile


@dataclass(frozen=True, kw_only=True)
class FeedSettings:
    """What happens in a round of a feed.

    Attributes:
        posts_per_round: Posts each account publishes.
        candidates: Posts each reader may be shown.
        slots: Length of a feed; a reader with a smaller attention budget reads its top only.
        discovery: Share of the candidates drawn from all posts; the others come from accounts the reader follows and
            from what its contacts share.
        share_rate: P(share | like); what is shared reaches the sharer's contacts in the next round, once.
        follow_rate: P(follow the author | like).
        unfollow_rate: P(leave the author | skip).
        recency: How much older rounds lose per round in all running estimates, the platform's and the accounts'.
        heard_share: Share of written posts in which readers go by the voice in the text.

    Raises:
        InputError: At construction: out of range.
    """

    posts_per_round: int = 1
    candidates: int = 40
    slots: int = 8
    discovery: float = 0.5
    share_rate: float = 0.0
    follow_rate: float = 0.0
    unfollow_rate: float = 0.0
    recency: float = 0.05
    heard_share: float = 1.0

    def __post_init__(self) -> None:
        for field in ("posts_per_round", "candidates", "slots"):
            whole_number(field, getattr(self, field), minimum=1)
        for field in ("discovery", "share_rate", "follow_rate", "unfollow_rate", "recency", "heard_share"):
            rate_between(field, getattr(self, field))
        if self.discovery > 0 and not round(self.discovery * self.candidates):
            remedy = f"less than half of one of {self.candidates} candidates: raise it, or set it to 0"
            raise InputError("discovery", self.discovery, remedy)


class FeedPlatform(mesa.Model):  # type: ignore[misc]
    """One run of a feed: M accounts as rows of arrays, so that there may be a million.

    Rewards are in units of an account's fair part of attention: with A = what all R members can read in a round, a view
    pays M/A times its worth, so that an account that gets as many views as the mean earns the mean worth of a view,
    whatever M and R. Where groups leave, A stays: there is less to earn.

    Args:
        table: What the groups answer: accounts post from it; its questions are the topics.
        audience: Who reads.
        following: Whom the members follow.
        ranking: Orders the feeds; its every answer is checked.
        rewards: What a view is worth.
        settings: What happens in a round.
        dynamics: The accounts' learning rule.
        start: Starting profile, shape (M, D).
        seed: Run seed; every draw is keyed by (seed, round, purpose).
        moderation: Price of contradiction; None: none.
        voices: Which voice is heard in posts without text.
        embed: Texts to embeddings (N, F), for rankings by similarity; None: posts are compared by voice.
        audience_dynamics: How the audience changes after each round, in this order; () keeps it.

    Attributes:
        audience: Who reads now.
        following: Whom they follow now.
        ranking: The ranking with its run-health counts (`ranking.health`).
        history: What the platform has learned from reactions.
        memory: What the accounts have learned.

    Raises:
        InputError: The parts do not fit each other; nobody can be shown anything; accounts that nobody can ever see.
    """

    def __init__(
        self,
        *,
        table: OpinionTable,
        audience: Audience,
        following: Following,
        ranking: Ranking,
        rewards: RewardRule,
        settings: FeedSettings,
        dynamics: Dynamics,
        start: Array,
        seed: int,
        moderation: Moderation | None = None,
        voices: Voices | None = None,
        embed: Callable[[Sequence[str]], Array] | None = None,
        audience_dynamics: Sequence[AudienceDynamics] = (),
    ) -> None:
        super().__init__(rng=generator(seed, round=0, agent=-1, purpose="mesa"))
        self.profile = validated_profile("start", start, (following.accounts, len(table.groups)))
        if audience.groups != table.groups:
            raise InputError("audience.groups", audience.groups, f"expected those of the table: {table.groups}")
        if len(following.followed) != audience.members:
            remedy = f"expected a row per member of the audience, {audience.members}"
            raise InputError("following", f"{len(following.followed)} members", remedy)
        accounts, groups = self.profile.shape
        self.table = table
        self.audience = audience
        self.following = following
        self.ranking = ranking if isinstance(ranking, Checked) else Checked(ranking)
        self.rewards = rewards
        self.settings = settings
        self.dynamics = dynamics
        self.seed_of_run = seed
        self.moderation = moderation
        self.voices = AsDrawn() if voices is None else voices
        self.embed = embed
        self.audience_dynamics = tuple(audience_dynamics)
        self.round = 0
        self.history = History(groups, accounts, settings.recency)
        price = 0.0 if moderation is None else moderation.price
        self.memory = FeedMemory(accounts, groups, settings.posts_per_round, settings.recency, price)
        self._rule_memory: Array | None = None
        self._answers = answer_bounds(table)
        self._attention = int(np.minimum(audience.budget, settings.slots).sum())
        self._shared = np.full((audience.members, 1), BLANK)
        self._passed_on: PostBatch | None = None
        refuse_isolation(isolated(following, settings.discovery))

    def plan_round(self) -> list[Draft]:
        """Let every account draw the groups that speak and answer the round's topic; the texts are still to write."""
        account, group, topic, answer = self._plan()
        heard = self._keyed("heard").random(len(account)) < self.settings.heard_share
        posts = self.settings.posts_per_round
        return [
            Draft(
                account=int(account[p]),
                group=int(group[p]),
                topic=topic,
                answer=int(answer[p]),
                seed=request_seed(
                    self.seed_of_run, round=self.round, agent=int(account[p]), purpose=f"text {p % posts}"
                ),
                heard=bool(heard[p]),
            )
            for p in range(len(account))
        ]

    def plan_posts(self) -> PostBatch:
        """The same posts without text, as columns; readers hear in them what `voices` says."""
        account, group, topic, answer = self._plan()
        topics = np.full_like(group, topic)
        voice = self.voices(group, topics, self._keyed("voices"))
        return PostBatch(
            account=account,
            group=group,
            voice=voice,
            topic=topics,
            answer=answer,
            time=self._times(len(account)),
            features=one_hot(voice, len(self.table.groups)),
        )

    def play_round(self, posts: Sequence[Post] | PostBatch) -> FeedFeedback:
        """Rank the posts for every reader, let them react, pay the accounts and let them learn.

        Args:
            posts: The round's posts in the order of the plan: those of account 0, of account 1, ...

        Returns:
            What the round paid, and its telemetry; mixtures, follow lists and audience have moved.

        Raises:
            RankingError: The ranking did what it must not.
            InputError: Not the posts that were planned.
        """
        new = posts if isinstance(posts, PostBatch) else self._columns(posts)
        refuse_unplanned(new, self._authors(), self.profile, self.table.groups)
        every = new if self._passed_on is None else new.followed_by(self._passed_on)
        readers = np.flatnonzero(self.audience.active)
        offered = candidates(
            readers,
            self.following,
            self._shared,
            posts=self.settings.posts_per_round,
            places=self.settings.candidates,
            discovery=self.settings.discovery,
            rng=self._keyed("candidates"),
        )
        feed = self.ranking.rank(self._feeds(every, offered, readers), self.settings.slots, self._keyed("ranking"))
        reactions = react(
            self.audience,
            readers,
            feed,
            every,
            share_rate=self.settings.share_rate,
            follow_rate=self.settings.follow_rate,
            unfollow_rate=self.settings.unfollow_rate,
            rng=self._keyed("reactions"),
        )
        readings = Readings.of(reactions, self.audience)
        before = self.following
        after = before.after(readers, reactions.account, reactions.follows, reactions.unfollows)
        telemetry = measure(
            self.audience,
            reactions,
            readings,
            accounts=len(self.profile),
            slots=self.settings.slots,
            isolated_members=int((offered == BLANK).all(axis=1).sum()),
            isolated_accounts=isolated(before, self.settings.discovery).size,
            follows=after.gained_since(before),
            unfollows=before.gained_since(after),
        )
        feedback = self._pay(new, every, reactions, telemetry)
        self._learn(feedback)
        self.following = after
        self._move_on(new, every, reactions, readings)
        return feedback

    def step(self) -> None:
        """Play a round without text, as Mesa's tools do."""
        self.play_round(self.plan_posts())

    def close(self) -> None:
        """Release what Mesa keeps about this model for ever (its table of agent ids)."""
        mesa.Agent._ids.pop(self, None)

    def _plan(self) -> tuple[IntArray, IntArray, int, IntArray]:
        """Author, group, topic and answer of every post."""
        rng = self._keyed("posts")
        topic = int(self._keyed("topic").integers(len(self.table.questions)))
        shape = (len(self.profile), self.settings.posts_per_round)
        group = drawn(bounds(self.profile)[:, None], rng.random(shape)).ravel()
        return self._authors(), group, topic, drawn(self._answers[topic, group], rng.random(group.size))

    def _authors(self) -> IntArray:
        return np.repeat(np.arange(len(self.profile)), self.settings.posts_per_round)

    def _times(self, posts: int) -> Array:
        times: Array = self.round + self._keyed("times").random(posts)
        return times

    def _columns(self, posts: Sequence[Post]) -> PostBatch:
        voice = np.array([post.voice for post in posts], dtype=np.int64)
        texts = [post.text for post in posts]
        features = one_hot(voice, len(self.table.groups)) if self.embed is None else self.embed(texts)
        return PostBatch.of(posts, self._times(len(posts)), features)

    def _feeds(self, posts: PostBatch, offered: IntArray, readers: IntArray) -> Feeds:
        group = self.audience.group[readers]
        return Feeds(
            round=self.round,
            posts=posts,
            candidates=offered,
            group=group,
            taste=self.history.taste[group],
            popularity=self.history.popularity,
            exposure=self.history.exposure,
            shares=self.audience.shares,
            liked=self.history.liked_features(posts.features.shape[1]),
        )

    def _pay(self, new: PostBatch, posts: PostBatch, reactions: Reactions, telemetry: Telemetry) -> FeedFeedback:
        """Pay every account, and let it estimate its gradient from what it was paid."""
        shape = self.profile.shape
        unit = shape[0] / self._attention
        need = need_of_groups(self.history.served, self.audience.shares)[self.audience.group[reactions.reader]]
        worth = self.rewards.worth(reactions.read, reactions.liked, need)[reactions.read]
        by_post = unit * np.bincount(reactions.post[reactions.read], weights=worth, minlength=len(posts))
        late = posts.account[len(new) :], posts.group[len(new) :], by_post[len(new) :]
        seen = FeedReception(
            drawn=by_group(new.account, new.group, np.ones(len(new)), shape),
            earned=by_group(new.account, new.group, by_post[: len(new)], shape),
            late=by_group(*late, shape) if self.settings.share_rate > 0 else None,
            kernels=self._kernels(),
        )
        stance: Array = np.einsum("md,md->m", self.profile, times(seen.kernels, self.profile))
        price = 0.0 if self.moderation is None else self.moderation.price
        views, engaged = (
            unit * np.bincount(reactions.account[where], minlength=shape[0])
            for where in (reactions.read, reactions.liked)
        )
        return FeedFeedback(
            payoffs=seen.paid - price * stance,
            engagement=engaged,
            inconsistency=stance,
            redundancy=_crowd(new, shape),
            gradients=self.memory.learn(self.profile, seen),
            views=views,
            telemetry=telemetry,
        )

    def _learn(self, feedback: FeedFeedback) -> None:
        """Let every account move its mixture."""
        observed = ObservedFeed(self.round, feedback.payoffs, feedback.gradients, self.memory)
        moved = self.dynamics.step(State(self.profile, self._rule_memory), observed, self._keyed("learning"))
        self.profile = validated_profile("profile", moved.profile, self.profile.shape)
        self._rule_memory = moved.memory

    def _kernels(self) -> Array:
        groups = len(self.table.groups)
        if self.moderation is None:
            return np.zeros((1, groups, groups))
        return self.moderation.kernels(self.table, len(self.profile), self._keyed("drafts"))

    def _move_on(self, new: PostBatch, posts: PostBatch, reactions: Reactions, readings: Readings) -> None:
        """Take the round into history and what is passed on, and let the audience change."""
        self.history.remember(reactions, readings, posts, self.audience.group)
        if self.settings.share_rate > 0:
            again = reactions.shared & (reactions.post < len(new))
            chosen, number = np.unique(reactions.post[again], return_inverse=True)
            self._passed_on = new.take(chosen)
            self._shared = np.full((self.audience.members, reactions.post.shape[1]), BLANK)
            rows, slots = np.nonzero(again)
            self._shared[reactions.reader[rows], slots] = len(new) + number
        for change, dynamics in enumerate(self.audience_dynamics):
            self.audience = dynamics.step(self.audience, readings, self._keyed(f"audience {change}"))
        self.round += 1

    def _keyed(self, purpose: str) -> np.random.Generator:
        return generator(self.seed_of_run, round=self.round, agent=-1, purpose=f"feed {purpose}")


def _crowd(posts: PostBatch, shape: tuple[int, int]) -> Array:
    """Mean over an account's posts of the share of the others' posts that speak in the same voice, shape (M,)."""
    heard = posts.voice != UNHEARD
    own = by_group(posts.account[heard], posts.voice[heard], np.ones(int(heard.sum())), shape)
    each = len(posts) // shape[0]
    others = max(len(posts) - each, 1)
    crowd: Array = np.einsum("md,md->m", own, own.sum(axis=0) - own) / (each * others)
    return crowd
