"""Each payoff kernel has the expectation that the theory is given."""

import numpy as np
import pytest

from agents.subpopulations.synthetic import SyntheticPopulation
from platforms.social.payoffs.attractiveness import Prevalence, Reach
from platforms.social.payoffs.inconsistency import Gram, GramSpread
from platforms.social.payoffs.similarity import Agreement, Identity
from platforms.social.post import UNHEARD, Draft, Post

G, Q, K = 3, 5, 4


@pytest.fixture(scope="module")
def table():
    return SyntheticPopulation(G, Q, K, 1.0, seed=1).table


VOICE = np.array([[0.8, 0.1, 0.1], [0.0, 0.9, 0.1], [0.2, 0.0, 0.8]])


def post(rng, table, group, topic, account=0):
    draft = Draft(
        account=account,
        group=group,
        topic=topic,
        answer=int(rng.choice(K, p=table.probabilities[topic][group])),
        seed=0,
    )
    return Post(draft=draft, text="text", voice=int(rng.choice(G, p=VOICE[group])))


@pytest.mark.slow
@pytest.mark.parametrize("rule", [Prevalence(), Reach()])
def test_mean_engagement_is_a(table, rule):
    rng = np.random.default_rng(0)
    for group in range(G):
        posts = [post(rng, table, group, t) for t in range(Q) for _ in range(1500)]
        seen = rule.engagement(posts, table, 50, rng)
        margin = 4 * seen.std() / np.sqrt(len(seen))
        assert abs(seen.mean() - rule.estimate(table, VOICE)[group]) < margin


@pytest.mark.slow
@pytest.mark.parametrize("rule", [Identity(), Agreement()])
def test_mean_redundancy_is_s(table, rule):
    rng = np.random.default_rng(1)
    expected = rule.estimate(table, VOICE)
    for g in range(G):
        for h in range(G):
            pairs = [
                rule.redundancy([post(rng, table, g, t), post(rng, table, h, t)])[0, 1]
                for t in range(Q)
                for _ in range(500)
            ]
            assert abs(np.mean(pairs) - expected[g, h]) < 4 * np.std(pairs) / np.sqrt(len(pairs)) + 1e-12


@pytest.mark.slow
@pytest.mark.parametrize("rule", [GramSpread(), Gram()])
def test_mean_draft_kernel_is_c(table, rule):
    rng = np.random.default_rng(2)
    topics = np.tile(np.arange(Q), 4000)
    answers = np.empty((rule.sets, len(topics), G), dtype=np.int64)
    for t, topic in enumerate(topics):
        for g in range(G):
            answers[:, t, g] = rng.choice(K, p=table.probabilities[topic][g], size=rule.sets)
    np.testing.assert_allclose(rule.kernel(answers, topics, table), rule.estimate(table), atol=0.01)


def test_an_unheard_post_reaches_nobody_and_repeats_nobody(table):
    rng = np.random.default_rng(3)
    silent = [Post(draft=post(rng, table, 0, 0).draft, text="", voice=UNHEARD) for _ in range(2)]
    assert not Prevalence().engagement(silent, table, 50, rng).any()
    assert not Identity().redundancy(silent).any()
