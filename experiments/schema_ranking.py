"""The shape of conf/ranking: which posts a feed shows first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from omegaconf import MISSING


@dataclass
class RankingConfig:
    """A ranking without settings."""

    _target_: str = MISSING


@dataclass
class EngagementConfig(RankingConfig):
    """Predicted engagement first.

    Attributes:
        popularity_weight: Power of the account's popularity in the prediction; 0: the reader's taste alone.
    """

    _target_: str = "platforms.social.ranking.engagement.Engagement"
    popularity_weight: float = MISSING


@dataclass
class DiversityConfig(EngagementConfig):
    """Predicted engagement, less what resembles the posts above.

    Attributes:
        weight: Of the diversity, from 0 to 1.
    """

    _target_: str = "platforms.social.ranking.diversity.Diversity"
    weight: float = MISSING


@dataclass
class ExposureFloorConfig(RankingConfig):
    """A least share of the slots for every voice.

    Attributes:
        floor: That share, at most 1 / number of groups.
        base: The ranking that is changed as little as the floor requires.
    """

    _target_: str = "platforms.social.ranking.floor.ExposureFloor"
    floor: float = MISSING
    base: Any = MISSING


RANKING: dict[str, type] = {
    "plain": RankingConfig,
    "engagement": EngagementConfig,
    "diversity": DiversityConfig,
    "exposure_floor": ExposureFloorConfig,
}
