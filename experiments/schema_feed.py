"""The shape of studies of feeds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from omegaconf import MISSING


@dataclass
class FeedSettingsConfig:
    """What happens in a round of a feed; see `platforms.social.feed_platform.FeedSettings`."""

    _target_: str = "platforms.social.feed_platform.FeedSettings"
    posts_per_round: int = "${platform.posts_per_round}"  # type: ignore[assignment]
    candidates: int = MISSING
    slots: int = MISSING
    discovery: float = 1.0
    share_rate: float = 0.0
    follow_rate: float = 0.0
    unfollow_rate: float = 0.0
    recency: float = 0.05
    heard_share: float = "${platform.heard_share}"  # type: ignore[assignment]


@dataclass
class RewardsConfig:
    """What a view is worth to its author; see `platforms.social.rewards.CreatorRewards`."""

    _target_: str = "platforms.social.rewards.CreatorRewards"
    per_view: float = 0.0
    per_engaged_view: float = 1.0
    niche: float = 0.0


@dataclass
class FeedConfig:
    """Audience, ranking, rewards and what happens in a round.

    Attributes:
        members: Readers, in the groups' shares.
        tolerance: P(engage) with the voice of another group; 1 with the own group's.
        budget: Posts each reader reads in a round.
        follows: Accounts each reader follows at the start.
        settings: What happens in a round.
        ranking: Orders the feeds.
        rewards: What a view is worth.
        inconsistency: The kernel of moderation.
        moderation: Its price.
    """

    _target_: str = "experiments.studies.feed.feed.Feed"
    members: int = MISSING
    tolerance: float = MISSING
    budget: int = MISSING
    follows: int = 0
    settings: FeedSettingsConfig = field(default_factory=FeedSettingsConfig)
    ranking: Any = "${ranking}"
    rewards: RewardsConfig = field(default_factory=RewardsConfig)
    inconsistency: Any = "${payoffs.inconsistency}"
    moderation: float = MISSING


@dataclass
class ExplorerConfig:
    """How a feed is explored before anything is predicted.

    Attributes:
        accounts: Number of accounts.
        floor: Least weight that accounts keep of every group.
        rounds: Rounds of each exploration.
        concentration: Of the mixtures: small is nearly pure.
        draws: Draws behind the region of the prediction.
        confidence: Of the region.
        seed: Of the draws.
    """

    _target_: str = "experiments.studies.feed.prediction.Explorer"
    accounts: int = "${platform.accounts}"  # type: ignore[assignment]
    floor: float = "${platform.floor}"  # type: ignore[assignment]
    rounds: int = MISSING
    concentration: float = 0.3
    draws: int = 200
    confidence: float = "${verdict.confidence}"  # type: ignore[assignment]
    seed: int = "${run.seed}"  # type: ignore[assignment]


@dataclass
class FeedStudyConfig:
    """What all studies of feeds share.

    Attributes:
        feed: The feed.
        explorer: How its induced utility is found.
        dynamics: Learning rule.
        rounds: Rounds of a play.
        window: Share of these, the last ones, that count as the end.
    """

    _target_: str = MISSING
    feed: FeedConfig = field(default_factory=FeedConfig)
    explorer: ExplorerConfig = field(default_factory=ExplorerConfig)
    dynamics: Any = "${dynamics}"
    rounds: int = "${platform.rounds}"  # type: ignore[assignment]
    window: float = "${verdict.window}"  # type: ignore[assignment]


@dataclass
class InducedByRankingsConfig(FeedStudyConfig):
    """One ranking after the other, without text.

    Attributes:
        data: What the groups answer, and their shares.
        rankings: By name in reports.
        plays: Plays under each.
    """

    _target_: str = "experiments.studies.feed.InducedByRankings"
    _convert_: str = "all"
    data: Any = "${data}"
    rankings: dict[str, Any] = MISSING
    plays: int = "${run.seeds}"  # type: ignore[assignment]


@dataclass
class LeverOnFeedConfig(FeedStudyConfig):
    """An excluded group won back by a lever chosen before play.

    Attributes:
        subpopulations: The population.
        language: The language model.
        levers: What may be changed; each names its class.
        texts: Recorded texts per group and topic.
        live: Write every post when it is published; else take recorded ones.
        max_tokens: Longest post.
        temperature: Of the texts.
        seeds: Plays under either rules.
        threshold: Weight below which a group counts as excluded.
        target: Weight that every group shall have in the prediction under the lever.
    """

    _target_: str = "experiments.studies.feed.LeverOnFeed"
    _recursive_: bool = False
    subpopulations: Any = "${subpopulations}"
    language: Any = "${language}"
    levers: list[Any] = MISSING
    texts: int = MISSING
    live: bool = False
    max_tokens: int = "${platform.max_tokens}"  # type: ignore[assignment]
    temperature: float = "${platform.temperature}"  # type: ignore[assignment]
    seeds: int = "${run.seeds}"  # type: ignore[assignment]
    threshold: float = 0.05
    target: float = MISSING


FEED_STUDIES: dict[str, type] = {"induced_by_rankings": InducedByRankingsConfig, "lever_on_feed": LeverOnFeedConfig}
