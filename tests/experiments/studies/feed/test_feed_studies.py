"""Feeds: predictions against theory where there is one, levers, and the two studies as their files say."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments.command import BAD_INPUT, run
from experiments.studies.feed.feed import Feed
from experiments.studies.feed.induced_by_rankings import announced
from experiments.studies.feed.levers import DiverseFeeds, ExposureShare, NicheBonus
from experiments.studies.feed.prediction import Explorer
from experiments.studies.feed.won_back import chosen
from platforms.social.feed_platform import FeedSettings
from platforms.social.payoffs.inconsistency import GramSpread
from platforms.social.posts import AsDrawn
from platforms.social.ranking.diversity import Diversity
from platforms.social.ranking.engagement import Engagement
from platforms.social.ranking.floor import ExposureFloor
from platforms.social.ranking.random import Random
from platforms.social.rewards import CreatorRewards
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.estimation.opinion_table import OpinionTable

GROUPS = ("large", "middle", "small")
TABLE = OpinionTable(
    groups=GROUPS,
    shares=np.array([0.5, 0.35, 0.15]),
    questions=("one", "two"),
    probabilities=(
        np.array([[0.8, 0.2], [0.3, 0.7], [0.5, 0.5]]),
        np.array([[0.6, 0.4], [0.2, 0.8], [0.9, 0.1]]),
    ),
)
FEED = Feed(
    members=120,
    tolerance=0.2,
    budget=8,
    follows=0,
    settings=FeedSettings(posts_per_round=4, candidates=16, slots=8, discovery=1.0),
    ranking=Random(),
    rewards=CreatorRewards(),
    inconsistency=GramSpread(),
    moderation=1.0,
)
EXPLORER = Explorer(accounts=6, floor=0.02, rounds=250, concentration=0.3, draws=60, confidence=0.95, seed=0)
KNOWN_VOICES = ("subpopulations=support_desk_synthetic", "language=synthetic")


def test_exploration_finds_the_equilibrium_of_random_ranking():
    """Without competition theory is the exact expectation; a sabotaged one lies outside."""
    found = EXPLORER.predict(FEED, TABLE).equilibrium
    theory = homogeneous_equilibrium(announced(FEED, TABLE, 6), 0.02).mixture
    assert ((found.region[0] <= theory) & (theory <= found.region[1])).all()
    assert np.abs(found.mixture - theory).sum() / 2 < 0.06
    wrong = homogeneous_equilibrium(announced(replace(FEED, moderation=8.0), TABLE, 6), 0.02).mixture
    assert not ((found.region[0] <= wrong) & (wrong <= found.region[1])).all()


def test_levers_change_what_they_say_and_nothing_else():
    feed = replace(FEED, ranking=Engagement(0.0))
    assert NicheBonus(levels=(2.0,)).at(feed, 2.0) == replace(feed, rewards=CreatorRewards(niche=2.0))
    assert ExposureShare(levels=(0.1,)).at(feed, 0.1) == replace(feed, ranking=ExposureFloor(0.1, Engagement(0.0)))
    lever = DiverseFeeds(levels=(0.4,), popularity_weight=0.5)
    assert lever.at(feed, 0.4) == replace(feed, ranking=Diversity(0.4, 0.5))


@pytest.mark.slow
def test_of_levers_that_reach_the_target_the_one_with_most_engagement_is_chosen():
    feed = replace(FEED, budget=2, ranking=Engagement(0.0), moderation=1.5)
    levers = (NicheBonus(levels=(0.0, 30.0)), ExposureShare(levels=(0.25,)))
    choice = chosen(feed, levers, EXPLORER, TABLE, AsDrawn(), target=0.05, report=lambda line: None)
    reached = [option for option in choice.options if option.weight >= 0.05]
    assert choice.lever.engagement == max(option.engagement for option in reached)
    assert choice.expected.mixture.min() >= 0.05
    assert sum(option.chosen for option in choice.options) == 1


@pytest.mark.slow
def test_levers_that_reach_nothing_are_an_error():
    with pytest.raises(InputError, match=r"study\.levers.*1 levels tried"):
        chosen(FEED, (NicheBonus(levels=(0.0,)),), EXPLORER, TABLE, AsDrawn(), target=0.32, report=lambda line: None)


@pytest.mark.parametrize(("changed", "named"), [({"accounts": 1}, "accounts"), ({"rounds": 3}, "rounds")])
def test_exploration_out_of_range_is_named(changed, named):
    with pytest.raises(InputError, match=named):
        replace(EXPLORER, **changed)


def test_a_play_without_a_feed_refuses_a_ranking(composed, console, tmp_path):
    config = composed("experiment=synthetic", "ranking=random", f"run.directory={tmp_path}")
    assert run(config, console) == BAD_INPUT
    assert "ranking" in console.file.getvalue()


@pytest.mark.full
def test_rankings_induce_what_the_file_says(study, nonvoters, expected):
    """Random ranking is the announced utility; engagement ranking is none that is quadratic."""
    finished = study("induced_by_rankings", nonvoters)
    assert finished.outcomes == expected("induced_by_rankings")
    rows = pd.read_csv(finished.path / "readings.csv").set_index("ranking")
    assert rows.loc["engagement", "gap to induced"] < rows.loc["engagement", "gap to announced"] / 2
    assert rows.loc["engagement", "R2 unseen, induced"] > 2 * rows.loc["engagement", "R2 unseen, announced"]


@pytest.mark.full
def test_a_lever_wins_the_group_back_with_known_voices(study, expected):
    finished = study("lever_on_feed", *KNOWN_VOICES)
    outcomes = expected("lever_on_feed") | {"voices carry their groups": "can't be tested"}
    assert finished.outcomes == outcomes
    weights = pd.read_csv(finished.path / "weights.csv").set_index(["rules", "group"])
    assert weights.loc[("present rules", "protected"), "high"] < 0.05
    assert weights.loc["with the lever", "low"].min() > 0.05


@pytest.mark.slow
def test_a_lever_chosen_in_a_shorter_exploration_wins_the_group_back_too(study, expected):
    """The same claims with fewer rounds and seeds; wide intervals leave open how near play ends under the lever."""
    shorter = (
        "study.explorer.rounds=400",
        "study.levers=[{_target_: experiments.studies.feed.levers.NicheBonus, levels: [4.0, 16.0]}]",
        "platform.rounds=120",
        "run.seeds=3",
    )
    finished = study("lever_on_feed", *KNOWN_VOICES, *shorter)
    for name, outcome in expected("lever_on_feed").items():
        if name not in ("voices carry their groups", "play ends where predicted, with the lever"):
            assert finished.outcomes[name] == outcome, name
    options = pd.read_csv(finished.path / "levers.csv")
    assert (options["weight"] >= 0.06).tolist() == [False, True]  # the weaker bonus would not have done
    weights = pd.read_csv(finished.path / "weights.csv").set_index(["rules", "group"])
    assert weights.loc[("present rules", "protected"), "high"] < 0.05
    assert weights.loc["with the lever", "low"].min() > 0.05


@pytest.mark.full
def test_every_post_can_be_written_when_it_is_published(study):
    """A live play leaves its posts; the prediction knows the share that is heard."""
    small = ("study.live=true", "study.explorer.rounds=300", "platform.rounds=32", "run.seeds=2")
    finished = study("lever_on_feed", *KNOWN_VOICES, *small, "platform.heard_share=0.5", "study.target=0.031")
    posts = pd.read_parquet(finished.path / "posts.parquet")
    assert len(posts) == 2 * 2 * 32 * 12 * 4
    assert posts["text"].str.len().min() > 0
    follows = pd.read_csv(finished.path / "followers.csv").groupby(["rules", "seed"])["followers"]
    assert follows.count().tolist() == [5 * 12] * 4
    assert (follows.sum() > 0).all()
    feeds = json.loads((finished.path / "health.json").read_text(encoding="utf-8"))["feeds"]
    assert [one["rounds"] for one in feeds] == [32] * 4
    assert {one["starved"] for one in feeds} == {0}
