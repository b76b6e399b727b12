"""Levers on a feed: what a platform can change, and how far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from experiments.studies.feed.feed import Feed
from platforms.social.ranking.diversity import Diversity
from platforms.social.ranking.floor import ExposureFloor


class Lever(Protocol):
    """Something that a platform can change.

    Attributes:
        name: In reports.
        levels: What may be tried, the smallest change first.
    """

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def levels(self) -> Sequence[float]: ...  # noqa: D102

    def at(self, feed: Feed, level: float) -> Feed:
        """The feed with the lever at this level."""
        ...


@dataclass(frozen=True, kw_only=True)
class NicheBonus:
    """Pay more for an engaged view by a reader whose group is badly served."""

    levels: Sequence[float]
    name: str = "niche bonus"

    def at(self, feed: Feed, level: float) -> Feed:
        """The feed with this bonus."""
        return replace(feed, rewards=replace(feed.rewards, niche=level))


@dataclass(frozen=True, kw_only=True)
class ExposureShare:
    """Keep a share of all slots for every voice, over whatever ranking there is."""

    levels: Sequence[float]
    name: str = "exposure floor"

    def at(self, feed: Feed, level: float) -> Feed:
        """The feed with this floor."""
        return replace(feed, ranking=ExposureFloor(floor=level, base=feed.ranking))


@dataclass(frozen=True, kw_only=True)
class DiverseFeeds:
    """Replace the ranking by predicted engagement less what resembles the posts above."""

    levels: Sequence[float]
    popularity_weight: float
    name: str = "diverse feeds"

    def at(self, feed: Feed, level: float) -> Feed:
        """The feed ranked with this weight on diversity."""
        return replace(feed, ranking=Diversity(weight=level, popularity_weight=self.popularity_weight))
