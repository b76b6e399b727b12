"""A feed pays what its rules say in expectation, repeats from its seed, and refuses what can't be played."""

import itertools

import numpy as np
import pytest

from agents.subpopulations.synthetic import SyntheticPopulation
from platforms.social.audience.audience import Audience
from platforms.social.audience.dynamics import Retention, TasteDrift
from platforms.social.audience.following import Following
from platforms.social.payoffs.inconsistency import GramSpread
from platforms.social.posts import Confused, PostBatch, one_hot
from platforms.social.ranking.engagement import Engagement
from platforms.social.ranking.feeds import best_first
from platforms.social.rewards import CreatorRewards, Moderation
from sim.alignment_game import AlignmentGame, Incentives
from sim.dynamics import ExponentiatedGradient, Floored, ProjectedGradient, SequentialBestResponse, StepSize
from sim.equilibrium import homogeneous_equilibrium

WIDEST_Z = 4.5  # one false alarm in 150,000; seeds are fixed, so a failure is a change of the code


def z_scores(samples, expected):
    """How many standard errors the means of the rows lie from what is expected."""
    return (samples.mean(axis=0) - expected) / (samples.std(axis=0, ddof=1) / np.sqrt(len(samples)))


def columns(platform, groups):
    """Posts of the given groups, one row per account, as the platform would publish them."""
    group = np.asarray(groups).ravel()
    account = np.repeat(np.arange(len(platform.profile)), np.asarray(groups).shape[1])
    zero = np.zeros_like(group)
    return PostBatch(
        account=account, group=group, voice=group, topic=zero, answer=zero, time=zero * 1.0, features=one_hot(group, 3)
    )


def test_a_post_that_everybody_reads_earns_exactly_the_share_of_its_voice(feed):
    platform = feed(accounts=12, members=50, candidates=12, slots=12, budget=12)
    posts = platform.plan_posts()
    paid = platform.play_round(posts)
    np.testing.assert_allclose(paid.payoffs, platform.audience.shares[posts.voice], atol=1e-12)
    np.testing.assert_allclose(paid.views, 1.0, atol=1e-12)


@pytest.mark.parametrize("posts_per_round", [1, 3])
def test_random_ranking_pays_the_taste_weighted_shares_of_the_voice(feed, posts_per_round):
    """Expected payoff is linear in the mixture with a = voice @ taste-weighted shares, and its gradient is a."""
    confusion = np.array([[0.8, 0.1, 0.1], [0.2, 0.8, 0.0], [0.0, 0.3, 0.7]])
    platform = feed(
        accounts=300,
        members=100,
        tolerance=0.25,
        candidates=30,
        posts_per_round=posts_per_round,
        parts={"voices": Confused(confusion), "start": np.tile([0.5, 0.3, 0.2], (300, 1))},
    )
    a = confusion @ platform.audience.attractiveness
    rounds = [platform.play_round(platform.plan_posts()) for _ in range(60)]
    gradients = np.array([paid.gradients.mean(axis=0) for paid in rounds])
    payoffs = np.array([[paid.payoffs.mean()] for paid in rounds])
    assert np.abs(z_scores(gradients, a)).max() < WIDEST_Z
    assert np.abs(z_scores(payoffs, np.array([0.5, 0.3, 0.2]) @ a)).max() < WIDEST_Z
    assert np.abs(z_scores(gradients, platform.audience.shares)).max() > WIDEST_Z  # the test can tell


class FirstVoices:
    """Group 0 first, then 1, then 2; of equals the earlier post: rewards that compete and are far from additive."""

    def rank(self, feeds, slots, rng):
        scores = -10.0 * feeds.posts.voice[feeds.candidates] - feeds.candidates / len(feeds.posts)
        return best_first(scores, feeds.candidates, slots)


def test_gradients_are_unbiased_under_competition_of_posts(feed):
    """Mean over all draws of the estimate, made with a memory of other rounds, against differences of exact payoffs."""
    accounts, posts = 2, 2
    start = np.array([[0.5, 0.3, 0.2], [0.25, 0.25, 0.5]])
    moderation = Moderation(rule=GramSpread(), price=0.7)

    def play(groups):
        platform = feed(
            accounts=accounts,
            members=10,
            posts_per_round=posts,
            slots=2,
            parts={"ranking": FirstVoices(), "start": start, "moderation": moderation},
        )
        platform.play_round(columns(platform, [[0, 1], [2, 2]]))
        platform.play_round(columns(platform, [[2, 1], [0, 1]]))
        return platform.play_round(columns(platform, groups))

    draws = [np.reshape(draw, (accounts, posts)) for draw in itertools.product(range(3), repeat=accounts * posts)]
    played = [play(draw) for draw in draws]
    earned = np.array([p.payoffs + moderation.price * p.inconsistency for p in played])
    kernel = moderation.rule.estimate(feed().table)

    def expected(profile):
        chance = np.array([np.prod(profile[np.arange(accounts)[:, None], draw]) for draw in draws])
        chance = chance / profile.sum(axis=1).prod()  # off the simplex: the extension of degree one, as in a'w
        cost = np.einsum("md,de,me->m", profile, kernel, profile)
        return chance @ earned - moderation.price * cost

    chances = np.array([np.prod(start[np.arange(accounts)[:, None], draw]) for draw in draws])
    estimate = np.einsum("k,kmd->md", chances, np.array([p.gradients for p in played]))
    step = 1e-5
    for m, d in itertools.product(range(accounts), range(3)):
        move = np.zeros_like(start)
        move[m, d] = step
        slope = (expected(start + move)[m] - expected(start - move)[m]) / (2 * step)
        assert estimate[m, d] == pytest.approx(slope, abs=1e-8)
    assert np.ptp(earned[:, 0]) > 0.5  # posts do compete


def lively(feed, seed=0, rounds=5):
    """A platform where everything happens: follows, shares, moderation by drafts, members leaving, drifting tastes."""
    rng = np.random.default_rng(1)
    platform = feed(
        accounts=20,
        tolerance=0.3,
        discovery=0.5,
        candidates=12,
        share_rate=0.3,
        follow_rate=0.4,
        unfollow_rate=0.2,
        parts={
            "following": Following.at_random(60, 20, 3, rng, capacity=6),
            "ranking": Engagement(),
            "moderation": Moderation(rule=GramSpread(), price=0.5, drafts_per_round=3),
            "audience_dynamics": (Retention(rate=0.3, outside=0.3), TasteDrift(rate=0.1)),
            "dynamics": Floored(ExponentiatedGradient(StepSize(0.1)), 0.01),
            "start": np.full((20, 3), 1 / 3),
            "seed": seed,
        },
    )
    return platform, [platform.play_round(platform.plan_posts()) for _ in range(rounds)]


def test_same_seed_same_bytes_other_seed_other_play(feed):
    (first, paid), (again, repaid), (other, _) = (lively(feed, seed) for seed in (3, 3, 4))
    assert first.profile.tobytes() == again.profile.tobytes() != other.profile.tobytes()
    assert first.audience.taste.tobytes() == again.audience.taste.tobytes()
    assert first.following.followed.tobytes() == again.following.followed.tobytes()
    assert [p.payoffs.tobytes() for p in paid] == [p.payoffs.tobytes() for p in repaid]


def test_runs_that_take_turns_do_not_disturb_each_other(feed):
    alone, _ = lively(feed, seed=3, rounds=4)
    one, _ = lively(feed, seed=3, rounds=0)
    two, _ = lively(feed, seed=9, rounds=0)
    for _ in range(4):
        two.step()
        one.step()
    assert one.profile.tobytes() == alone.profile.tobytes()


def test_redundancy_is_the_share_of_others_posts_in_the_same_voice(feed):
    platform = feed(accounts=3, posts_per_round=2)
    paid = platform.play_round(columns(platform, [[0, 0], [0, 1], [2, 2]]))
    np.testing.assert_allclose(paid.redundancy, [1 / 4, (2 / 4 + 0) / 2, 0])


def test_rankings_see_what_was_learned_never_the_truth(feed):
    seen = []

    class Spy:
        def rank(self, feeds, slots, rng):
            seen.append(feeds)
            return feeds.candidates[:, :slots]

    platform = feed(accounts=30, members=600, tolerance=0.2, recency=0.0, parts={"ranking": Spy()})
    for _ in range(60):
        platform.step()
    truth = np.where(np.eye(3, dtype=bool), 1.0, 0.2)[platform.audience.group]
    assert (seen[0].taste == 0.5).all()
    assert (seen[0].popularity == 0.5).all()
    assert not seen[0].liked.any()
    assert np.abs(seen[-1].taste - truth).max() < 0.05
    assert np.abs(seen[-1].exposure - 1 / 3).max() < 0.02
    np.testing.assert_allclose(seen[-1].shares, platform.audience.shares)
    like = seen[-1].liked
    np.testing.assert_allclose(like, np.where(np.eye(3, dtype=bool), 1.0, 0.2) / 1.4, atol=0.02)
    assert [int(f.posts.time.min()) for f in seen[:3]] == [0, 1, 2]


@pytest.mark.parametrize(("accounts", "members"), [(4, 500), (100, 60), (1000, 40)])
def test_rewards_do_not_depend_on_the_size_of_the_platform(feed, accounts, members):
    platform = feed(accounts=accounts, members=members, parts={"rewards": CreatorRewards(per_view=1.0)})
    paid = platform.play_round(platform.plan_posts())
    filled = 1 - paid.telemetry.unfilled / (8 * members)
    assert paid.views.mean() == pytest.approx(filled)
    assert paid.payoffs.mean() == pytest.approx(filled + paid.engagement.mean())


def test_a_bonus_for_niche_pays_the_voice_of_those_badly_served(feed):
    """Engagement ranking with nobody in the voice of group 0: its readers are in need, the others are not."""
    platform = feed(
        accounts=30, tolerance=0.1, parts={"rewards": CreatorRewards(per_engaged_view=0.0, niche=1.0)}, candidates=30
    )
    start = columns(platform, np.repeat([[1], [2]], 15, axis=0))
    for _ in range(10):
        platform.play_round(start)
    groups = np.arange(30) % 3
    paid = platform.play_round(columns(platform, groups[:, None]))
    earned = np.bincount(groups, weights=paid.payoffs)
    assert earned[0] > 3 * max(earned[1], earned[2])


def test_drafts_are_charged_at_their_expectation_on_average(feed):
    table = SyntheticPopulation(3, 4, 3, 1.0, seed=0).table
    rng = np.random.default_rng(0)
    kernels = Moderation(rule=GramSpread(), price=1.0, drafts_per_round=4).kernels(table, 2000, rng)
    expectation = Moderation(rule=GramSpread(), price=1.0).kernels(table, 2000, rng)
    assert np.abs(z_scores(kernels, expectation[0])).max() < WIDEST_Z


def test_accounts_settle_at_the_equilibrium_of_the_game_that_random_ranking_induces(feed):
    """Without competition the feed is the game bA a'w - bI w'Cw: theory is its exact expectation."""
    moderation = Moderation(rule=GramSpread(), price=2.0)
    platform = feed(
        accounts=100,
        members=200,
        tolerance=0.2,
        candidates=16,
        slots=16,
        budget=16,
        parts={
            "moderation": moderation,
            "dynamics": Floored(ProjectedGradient(StepSize(0.3, decay_rounds=20)), 0.05),
            "start": np.tile([0.1, 0.8, 0.1], (100, 1)),
        },
    )
    game = AlignmentGame(
        attractiveness=platform.audience.attractiveness,
        inconsistency=moderation.rule.estimate(platform.table),
        similarity=np.eye(3),
        incentives=Incentives(attractiveness=1.0, inconsistency=2.0, diversity=0.0),
        accounts=100,
    )
    predicted = homogeneous_equilibrium(game, 0.05).mixture
    for _ in range(120):
        platform.step()
    assert np.abs(platform.profile.mean(axis=0) - predicted).max() < 0.02
    assert np.abs(predicted - 1 / 3).max() > 0.1  # no corner, no middle


def test_best_responses_come_from_memory(feed):
    """Where contradiction is free all go to what earned best: the largest group, if everybody reads everything."""
    rule = Floored(SequentialBestResponse(), 0.05)
    platform = feed(accounts=12, candidates=12, slots=12, budget=12, parts={"dynamics": rule})
    for _ in range(80):
        platform.step()
    best = int(platform.audience.shares.argmax())
    assert (platform.profile.argmax(axis=1) == best).all()
    assert platform.profile.min() == pytest.approx(0.05)


def test_a_shared_post_reaches_the_sharers_contacts_once(feed):
    """Member 1 follows account 0; member 0 gets what member 1 shares a round later; member 2 nothing any more."""
    members = 9
    graph = np.full((members, 4), -1)
    graph[1, 0] = 0
    contacts = np.full((members, 1), -1)
    contacts[[0, 2], 0] = 1, 0
    following = Following(followed=graph, contacts=contacts, accounts=1)
    platform = feed(
        accounts=1, members=members, tolerance=1.0, discovery=0.0, share_rate=1.0, parts={"following": following}
    )
    paid = [platform.play_round(platform.plan_posts()) for _ in range(4)]
    assert [p.telemetry.views for p in paid] == [1, 2, 2, 2]
    assert [p.telemetry.shares for p in paid] == [1, 2, 2, 2]  # also of old posts, which reach nobody any more
    fair = platform.audience.budget.sum()
    np.testing.assert_allclose([p.payoffs[0] * fair for p in paid], [1, 2, 2, 2])
    assert platform.memory.value.max() > 1.5 / fair  # a post is worth its views now and later


def test_what_is_passed_on_is_the_old_post(feed):
    """Account 0 posts in voice 0, then in voice 1: member 1 reads the new post, member 0 the one that was shared."""
    followed, contacts = np.full((9, 4), -1), np.full((9, 1), -1)
    followed[1, 0], contacts[0, 0] = 0, 1
    platform = feed(
        accounts=1,
        members=9,
        tolerance=1.0,
        discovery=0.0,
        share_rate=1.0,
        parts={"following": Following(followed=followed, contacts=contacts, accounts=1)},
    )
    exposure = [platform.play_round(columns(platform, [[g]])).telemetry.exposure.tolist() for g in (0, 1, 2)]
    assert exposure == [[1, 0, 0], [0.5, 0.5, 0], [0, 0.5, 0.5]]


def test_likes_make_followers_and_skips_lose_them(feed):
    keen = feed(accounts=10, tolerance=1.0, follow_rate=1.0, candidates=10)
    told = keen.play_round(keen.plan_posts()).telemetry
    assert (keen.following.followed != -1).all()
    assert told.follows == 4 * 60  # 8 posts liked, capacity 4
    assert keen.play_round(keen.plan_posts()).telemetry.follows == 0
    table = keen.table
    dull = Audience.of(table.groups, table.shares, 60).taste * 0.0
    bored = feed(
        accounts=10,
        unfollow_rate=1.0,
        discovery=0.0,
        parts={
            "following": Following.at_random(60, 10, 4, np.random.default_rng(0), capacity=4),
            "audience": Audience(
                groups=table.groups,
                group=keen.audience.group,
                taste=dull,
                budget=np.full(60, 8),
                active=np.ones(60, dtype=bool),
            ),
        },
    )
    assert bored.play_round(bored.plan_posts()).telemetry.unfollows == 4 * 60
    assert (bored.following.followed == -1).all()
    after = bored.play_round(bored.plan_posts()).telemetry
    assert (after.views, after.isolated_members, after.isolated_accounts) == (0, 60, 10)


def test_an_audience_that_left_is_counted_and_play_goes_on(feed):
    platform = feed(parts={"audience_dynamics": (Retention(rate=1.0, outside=5.0),)})
    platform.step()
    assert not platform.audience.active.any()
    paid = platform.play_round(platform.plan_posts())
    assert paid.telemetry.sizes.tolist() == [0.0, 0.0, 0.0]
    assert not paid.payoffs.any()
    assert np.isfinite(platform.profile).all()
