"""Every ranking in conf/ composes, passes validation, and ranks; its settings are typed."""

from pathlib import Path

import numpy as np
import pytest
from hydra.errors import ConfigCompositionException
from hydra.utils import instantiate

from experiments.validate import validate
from platforms.social.posts import PostBatch, one_hot
from platforms.social.ranking.checked import Checked
from platforms.social.ranking.chronological import Chronological
from platforms.social.ranking.diversity import Diversity
from platforms.social.ranking.engagement import Engagement
from platforms.social.ranking.feeds import Feeds
from platforms.social.ranking.floor import ExposureFloor
from platforms.social.ranking.random import Random
from platforms.social.ranking.similarity import Similarity
from sim.errors import InputError

CONFIGS = sorted(path.stem for path in (Path(__file__).parents[2] / "conf" / "ranking").glob("*.yaml"))
MADE = {
    "chronological": Chronological(),
    "diversity": Diversity(weight=0.5, popularity_weight=1.0),
    "engagement": Engagement(popularity_weight=1.0),
    "exposure_floor": ExposureFloor(0.1, Engagement(popularity_weight=1.0)),
    "random": Random(),
    "similarity": Similarity(),
    "taste": Engagement(popularity_weight=0.0),
}


def made(composed, *overrides):
    config = composed("experiment=lever_on_feed", *overrides)
    validate(config)
    return instantiate(config.ranking)


def test_every_file_is_expected_here():
    assert sorted(MADE) == CONFIGS


@pytest.mark.parametrize("name", CONFIGS)
def test_every_file_makes_what_its_name_says_and_it_ranks(composed, name):
    ranking = made(composed, f"ranking={name}")
    assert ranking == MADE[name]
    four = np.arange(4)
    feeds = Feeds(
        round=0,
        posts=PostBatch(
            account=four, group=four % 2, voice=four % 2, topic=four, answer=four, time=four / 4,
            features=one_hot(four % 2, 2),
        ),
        candidates=np.stack([four, four[::-1]]),
        group=np.array([0, 1]),
        taste=np.array([[1.0, 0.5], [0.2, 0.9]]),
        popularity=np.full(4, 0.5),
        exposure=np.full(2, 0.5),
        shares=np.full(2, 0.5),
        liked=np.eye(2),
    )  # fmt: skip
    assert (Checked(ranking).rank(feeds, 2, np.random.default_rng(0)) >= 0).all()


def test_no_ranking_is_chosen_by_default(composed):
    assert composed().ranking is None


def test_settings_and_the_ranking_under_a_floor_can_be_chosen(composed):
    assert made(composed, "ranking=engagement", "ranking.popularity_weight=0") == Engagement(0.0)
    chosen = ("ranking=exposure_floor", "ranking.floor=0.2")
    assert made(composed, *chosen, "ranking@ranking.base=chronological") == ExposureFloor(0.2, Chronological())
    assert made(composed, *chosen, "ranking.base.popularity_weight=0") == ExposureFloor(0.2, Engagement(0.0))


@pytest.mark.parametrize(
    "override", ["ranking.wieght=0.1", "ranking.weight=much", "ranking.base=engagement"], ids=["typo", "type", "key"]
)
def test_unknown_settings_and_wrong_types_fail_when_composed(composed, override):
    with pytest.raises(ConfigCompositionException):
        composed("ranking=diversity", override)


def test_a_weight_that_is_no_number_is_named(composed):
    with pytest.raises(InputError, match=r"ranking\.weight"):
        made(composed, "ranking=diversity", "ranking.weight=nan")
