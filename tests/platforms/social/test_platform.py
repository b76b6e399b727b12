"""A round pays what the kernels say, repeats exactly from its seed, and leaves nothing behind."""

import mesa
import numpy as np
import pytest

from agents.subpopulations.synthetic import SyntheticPopulation
from platforms.social.payoffs.attractiveness import Prevalence
from platforms.social.payoffs.inconsistency import GramSpread
from platforms.social.payoffs.similarity import Identity
from platforms.social.platform import PayoffRules, PlatformSettings, SocialPlatform
from platforms.social.post import Post
from sim.alignment_game import Incentives
from sim.dynamics.exponentiated_gradient import ExponentiatedGradient
from sim.dynamics.step_size import StepSize
from sim.errors import InputError

RULES = PayoffRules(attractiveness=Prevalence(), inconsistency=GramSpread(), similarity=Identity())


def platform(seed=0, start=None, accounts=3):
    return SocialPlatform(
        table=SyntheticPopulation(3, 5, 4, 1.0, seed=0).table,
        incentives=Incentives(1.0, 1.0, 0.5),
        rules=RULES,
        settings=PlatformSettings(posts_per_round=2, drafts_per_round=4, readers=20),
        dynamics=ExponentiatedGradient(StepSize(0.5)),
        start=np.full((accounts, 3), 1 / 3) if start is None else start,
        seed=seed,
    )


def as_drawn(drafts):
    return [Post(draft=draft, text=f"{n}", voice=draft.group) for n, draft in enumerate(drafts)]


def play(rounds, seed=0):
    world = platform(seed)
    paid = [world.play_round(as_drawn(world.plan_round())) for _ in range(rounds)]
    world.close()
    return world, paid


def test_same_seed_same_bits_other_seed_other_play():
    first, again, other = (play(5, seed)[0].profile for seed in (7, 7, 8))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_payoff_is_the_weighted_sum_of_its_parts():
    _, paid = play(4)
    for feedback in paid:
        expected = feedback.engagement - feedback.inconsistency - 0.5 * feedback.redundancy
        np.testing.assert_allclose(feedback.payoffs, expected, atol=1e-12)


def test_every_account_drafts_on_every_question_in_time():
    world, _ = play(60)
    for counts in world.answer_counts:
        assert counts.sum(axis=1).min() > 0


def test_a_lone_account_is_not_crowded():
    world = platform(accounts=1)
    feedback = world.play_round(as_drawn(world.plan_round()))
    world.close()
    assert feedback.redundancy.tolist() == [0.0]


def test_mesa_forgets_a_closed_platform():
    world = platform()
    assert world in mesa.Agent._ids
    world.close()
    assert world not in mesa.Agent._ids


def test_weights_off_the_simplex_are_refused():
    with pytest.raises(InputError, match="start"):
        platform(start=np.array([[0.5, 0.5, 0.5], [0.2, 0.3, 0.5]]))
