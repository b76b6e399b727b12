"""Every learning rule plays on a feed as it does in the laboratory."""

import numpy as np
import pytest

from platforms.social.payoffs.inconsistency import GramSpread
from platforms.social.rewards import Moderation
from sim.dynamics import (
    AsynchronousBestResponse,
    BanditGradient,
    Entropic,
    ExponentiatedGradient,
    ExtraGradient,
    FictitiousPlay,
    Floored,
    FollowTheRegularisedLeader,
    Imitation,
    LogitResponse,
    OptimisticGradient,
    OptimisticMultiplicativeWeights,
    ProjectedGradient,
    RegretMatching,
    Replicator,
    SequentialBestResponse,
    SimultaneousBestResponse,
    StepSize,
)

STEP = StepSize(0.1)


@pytest.mark.parametrize(
    "rule",
    [
        AsynchronousBestResponse(),
        ExponentiatedGradient(STEP),
        ExtraGradient(STEP),
        FictitiousPlay(),
        FollowTheRegularisedLeader(STEP, Entropic()),
        LogitResponse(0.1, damping=0.1),
        OptimisticGradient(STEP),
        OptimisticMultiplicativeWeights(STEP),
        ProjectedGradient(STEP),
        RegretMatching(),
        Replicator(STEP),
        SequentialBestResponse(),
        SimultaneousBestResponse(),
    ],
    ids=lambda rule: type(rule).__name__,
)
def test_every_learning_rule_finds_the_largest_group(feed, rule):
    platform = everybody_reads_everything(feed, rule)
    before = platform.profile.mean(axis=0)
    for _ in range(60):
        platform.step()
    largest = platform.audience.shares.argmax()
    assert platform.profile.mean(axis=0).argmax() == largest
    assert platform.profile.mean(axis=0)[largest] > before[largest] + 0.03


@pytest.mark.parametrize("rule", [BanditGradient(StepSize(0.01)), Imitation(1.0)], ids=lambda rule: type(rule).__name__)
def test_rules_that_know_payoffs_only_play(feed, rule):
    """What one post earns says little about a mixture, so that only play itself is asked for here."""
    platform = everybody_reads_everything(feed, rule)
    before = platform.profile
    for _ in range(20):
        platform.step()
    assert not np.allclose(platform.profile, before)
    assert platform.profile.min() >= 0.05 - 1e-12


def everybody_reads_everything(feed, rule):
    start = 0.05 + 0.85 * np.random.default_rng(0).dirichlet(np.ones(3), size=40)
    return feed(
        accounts=40,
        candidates=40,
        slots=40,
        budget=40,
        parts={
            "dynamics": Floored(rule, 0.05),
            "moderation": Moderation(rule=GramSpread(), price=0.05),
            "start": start,
        },
    )
