"""Studies of feeds: what rankings induce, and levers that bring an excluded group back."""

from experiments.studies.feed.induced_by_rankings import InducedByRankings
from experiments.studies.feed.lever_on_feed import LeverOnFeed

__all__ = ["InducedByRankings", "LeverOnFeed"]
