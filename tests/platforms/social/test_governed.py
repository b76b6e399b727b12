"""Levers on a platform that is played: what is published is what is paid, nothing is reset, values are the block's."""

from __future__ import annotations

import numpy as np
import pytest

from agents.subpopulations.synthetic import SyntheticPopulation
from platforms.social.governed import Governed, left_out
from platforms.social.payoffs.attractiveness import Prevalence
from platforms.social.payoffs.inconsistency import GramSpread
from platforms.social.payoffs.similarity import Identity
from platforms.social.platform import PayoffRules, PlatformSettings, SocialPlatform
from platforms.social.post import Post
from sim.alignment_game import Incentives
from sim.design.controllers import Fixed, play
from sim.dynamics.floor import Floored
from sim.dynamics.projected_gradient import ProjectedGradient
from sim.dynamics.step_size import StepSize
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError

RULES = PayoffRules(attractiveness=Prevalence(), inconsistency=GramSpread(), similarity=Identity())
TABLE = SyntheticPopulation(3, 5, 4, 1.0, seed=0).table


def platform(incentives, seed=0):
    return SocialPlatform(
        table=TABLE,
        incentives=incentives,
        rules=RULES,
        settings=PlatformSettings(posts_per_round=6, drafts_per_round=4, readers=100),
        dynamics=Floored(ProjectedGradient(StepSize(0.3)), 0.02),
        start=np.full((3, 3), 1 / 3),
        seed=seed,
    )


def governed(world, **changes):
    settings = {"block": 5, "threshold": 0.1, "price": 1.0, **changes}
    return Governed(world, lambda profile: Incentives(float(profile[0]), 1.0, float(profile[1])), **settings)


def published(drafts):
    return [Post(draft=draft, text="-", voice=draft.group) for draft in drafts]


def test_who_is_left_out_counts_by_audience_and_by_how_much_is_missing():
    shares = np.array([0.5, 0.3, 0.2])
    assert left_out(np.array([0.8, 0.2, 0.0]), shares, 0.1) == pytest.approx(0.2)
    assert left_out(np.array([0.9, 0.05, 0.05]), shares, 0.1) == pytest.approx(0.25)
    assert left_out(np.array([0.4, 0.3, 0.3]), shares, 0.1) == 0


def test_accounts_are_paid_by_what_was_published_last_and_keep_what_they_saw():
    world = platform(Incentives(1.0, 1.0, 0.5))
    world.play_round(published(world.plan_round()))
    before, seen = world.profile, world.accounts[0].memory.attractiveness
    world.publish(Incentives(3.0, 0.5, 2.0))
    np.testing.assert_array_equal(world.profile, before)
    np.testing.assert_array_equal(world.accounts[0].memory.attractiveness, seen)
    paid = world.play_round(published(world.plan_round()))
    np.testing.assert_allclose(paid.payoffs, 3 * paid.engagement - 0.5 * paid.inconsistency - 2 * paid.redundancy)
    world.close()


def test_publishing_the_same_incentives_changes_nothing_and_others_change_the_gradients():
    profiles = {}
    for name, change in (("never", None), ("same", Incentives(1.0, 1.0, 0.5)), ("other", Incentives(1.0, 1.0, 5.0))):
        world = platform(Incentives(1.0, 1.0, 0.5))
        for number in range(6):
            if number == 3 and change is not None:
                world.publish(change)
            world.play_round(published(world.plan_round()))
        profiles[name] = world.profile
        world.close()
    np.testing.assert_array_equal(profiles["never"], profiles["same"])
    assert np.abs(profiles["never"] - profiles["other"]).max() > 0.01


def test_a_block_is_valued_by_its_own_posts():
    world, twin = platform(Incentives(1.0, 1.0, 0.5)), platform(Incentives(8.0, 1.0, 0.5))
    value, telemetry = governed(world)(np.array([8.0, 0.5]), np.random.default_rng(0))
    groups, engagement = [], []
    for _ in range(5):
        drafts = twin.plan_round()
        groups += [draft.group for draft in drafts]
        engagement.append(twin.play_round(published(drafts)).engagement.mean())
    weights = np.bincount(groups, minlength=3) / len(groups)
    assert telemetry == pytest.approx(
        {"engagement": np.mean(engagement), "left out": left_out(weights, TABLE.shares, 0.1)}
    )
    assert value == pytest.approx(np.mean(engagement) - left_out(weights, TABLE.shares, 0.1))
    np.testing.assert_array_equal(world.profile, twin.profile)
    for one in (world, twin):
        one.close()


def test_levers_held_long_enough_bring_accounts_to_their_equilibrium():
    world = platform(Incentives(6.0, 1.0, 0.1))
    incentives = Incentives(1.0, 1.0, 1.0)
    found = play(Fixed([1.0, 1.0]), governed(world, block=10), rounds=6, seed=0)
    settled = homogeneous_equilibrium(RULES.game(TABLE, incentives, 3, "mean"), 0.02)
    assert np.abs(world.profile.mean(axis=0) - settled.mixture).sum() / 2 < 0.08
    assert found.values[-1] == pytest.approx(Prevalence().estimate(TABLE, np.eye(3)) @ settled.mixture, abs=0.03)
    world.close()


@pytest.mark.parametrize(
    ("changes", "field"), [({"block": 0}, "block"), ({"threshold": 0.0}, "threshold"), ({"price": -1.0}, "price")]
)
def test_bad_input_is_named(changes, field):
    world = platform(Incentives(1.0, 1.0, 0.5))
    with pytest.raises(InputError, match=field):
        governed(world, **changes)
    world.close()
