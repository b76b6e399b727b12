"""Designs: what they promise is what they give, on the fast kernels and on the real platform."""

import numpy as np
import pytest

from agents.subpopulations.synthetic import SyntheticPopulation
from experiments.play import publish
from platforms.social.payoffs.attractiveness import Prevalence
from platforms.social.payoffs.inconsistency import GramSpread
from platforms.social.payoffs.similarity import Identity
from platforms.social.platform import PayoffRules, PlatformSettings, SocialPlatform
from sim.alignment_game import AlignmentGame, Incentives
from sim.errors import InputError
from sim.estimation.induced import (
    NotIdentifiedError,
    PlayLog,
    Script,
    block_bootstrap,
    expected_errors,
    exploration,
    fit_full,
    fit_scalar,
)

GAME = AlignmentGame(
    attractiveness=np.array([0.5, 0.3, 0.2]),
    inconsistency=np.diag([0.3, 0.3, 0.6]),
    similarity=np.eye(3),
    incentives=Incentives(1.0, 0.8, 0.4),
    accounts=5,
)


def noisy(profiles, noise, seed):
    paid = np.stack([GAME.payoffs(profile) for profile in profiles])
    return PlayLog.of_play(profiles, paid + noise * np.random.default_rng(seed).normal(size=paid.shape))


@pytest.mark.parametrize("shapes", [GAME, None])
def test_errors_promised_are_the_scatter_of_many_fits(shapes):
    design = exploration(5, 3, profiles=50, seed=2)
    promised = expected_errors(design, noise=0.1, shapes=shapes)
    paid = np.stack([GAME.payoffs(profile) for profile in design])
    fits = []
    for seed in range(60):
        log = PlayLog.of_play(design, paid + 0.1 * np.random.default_rng(seed).normal(size=paid.shape))
        fit = fit_full(log) if shapes is None else fit_scalar(log, shapes)
        fits.append(fit.regression.coefficients[: len(promised.terms)])
    # A standard deviation over 60 fits is known to 9%; 36% is four of these.
    np.testing.assert_allclose(np.std(fits, axis=0, ddof=1), promised.errors, rtol=0.36)


def test_more_rounds_less_error_and_what_is_held_counts_as_often():
    once = expected_errors(exploration(5, 3, profiles=50), noise=0.1).errors
    held = expected_errors(exploration(5, 3, profiles=50, hold=4), noise=0.1).errors
    np.testing.assert_allclose(held, once / 2)
    sharp = expected_errors(exploration(5, 3, profiles=50, concentration=0.3), noise=0.1).errors
    blunt = expected_errors(exploration(5, 3, profiles=50, concentration=5.0), noise=0.1).errors
    assert sharp.max() < blunt.max()


def test_profiles_are_scattered_held_and_keep_the_floor():
    design = exploration(4, 3, profiles=6, hold=3, concentration=0.5, floor=0.1, seed=5)
    assert design.shape == (18, 4, 3)
    assert design.min() >= 0.1 - 1e-15
    np.testing.assert_allclose(design.sum(axis=2), 1)
    assert np.array_equal(design[0], design[2])
    assert not np.array_equal(design[2], design[3])
    assert np.array_equal(design, exploration(4, 3, profiles=6, hold=3, concentration=0.5, floor=0.1, seed=5))
    assert not np.array_equal(design, exploration(4, 3, profiles=6, hold=3, concentration=0.5, floor=0.1, seed=6))


def test_a_design_that_tells_nothing_is_refused_and_a_poor_one_says_what_it_lacks():
    with pytest.raises(NotIdentifiedError):
        expected_errors(np.full((30, 4, 3), 1 / 3), noise=0.1)
    few = expected_errors(exploration(4, 3, profiles=3, hold=10), noise=0.1)
    assert few.identification["crowding"].status in ("told", "weakly told")
    alone = np.repeat(np.full((1, 3, 3), 1 / 3), 40, axis=0)
    alone[:, 0] = exploration(2, 3, profiles=40)[:, 0]
    told = expected_errors(alone, noise=0.1)
    assert np.isinf(told.errors).sum() < told.errors.size


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"accounts": 1}, "accounts"),
        ({"profiles": 0}, "profiles"),
        ({"hold": 0}, "hold"),
        ({"concentration": 0.0}, "concentration"),
        ({"floor": 0.5}, "floor"),
    ],
)
def test_designs_out_of_range_are_named(arguments, match):
    with pytest.raises(InputError, match=match):
        exploration(**({"accounts": 3, "dimension": 3, "profiles": 4} | arguments))


def test_noise_must_be_above_zero():
    with pytest.raises(InputError, match="noise"):
        expected_errors(exploration(3, 3, profiles=20), noise=0.0)


def test_the_real_platform_plays_the_script_and_its_log_gives_the_incentives_back():
    table = SyntheticPopulation(3, 6, 4, 1.0, seed=0).table
    rules = PayoffRules(attractiveness=Prevalence(), inconsistency=GramSpread(), similarity=Identity())
    price = Incentives(1.0, 1.0, 0.5)
    design = exploration(6, 3, profiles=60, seed=0)
    world = SocialPlatform(
        table=table,
        incentives=price,
        rules=rules,
        settings=PlatformSettings(posts_per_round=4, drafts_per_round=8, readers=100),
        dynamics=Script(design),
        start=design[0],
        seed=0,
    )
    profiles, paid = [], []
    for _ in range(60):
        profiles.append(world.profile)
        drafts = world.plan_round()
        paid.append(world.play_round(publish(drafts, ["-"] * len(drafts), [None] * len(drafts))).payoffs)
    assert np.array_equal(world.profile, design[-1])  # the script has ended: accounts stay
    world.close()
    assert np.array_equal(np.array(profiles), design)
    game = rules.game(table, price, 6, "mean")
    fit = fit_scalar(PlayLog.of_play(profiles, paid, groups=table.groups), game)
    assert fit.test(price).p_value > 0.05
    assert fit.test(Incentives(2.0, 1.0, 0.5)).p_value < 1e-6
    errors = fit.incentives.errors
    promised = expected_errors(design, noise=fit.regression.noise, shapes=game).errors
    assert (errors / promised).min() > 0.5
    assert (errors / promised).max() < 2


def test_blocks_of_rounds_agree_with_clusters_where_rounds_are_independent():
    log = noisy(exploration(5, 3, profiles=120, seed=3), 0.1, 3)
    fit = fit_scalar(log, GAME)
    drawn = block_bootstrap(log, fit, block=4, draws=400)
    assert drawn.shape == (400, len(fit.regression.terms))
    np.testing.assert_allclose(drawn[:, :3].std(axis=0, ddof=1), fit.incentives.errors, rtol=0.25)
    np.testing.assert_allclose(drawn[:, :3].mean(axis=0), fit.incentives.values, atol=0.05)
    assert np.array_equal(drawn, block_bootstrap(log, fit, block=4, draws=400))


def test_blocks_see_errors_that_last_where_clusters_by_round_do_not():
    design = exploration(5, 3, profiles=30, hold=8, seed=4)
    paid = np.stack([GAME.payoffs(profile) for profile in design])
    lasting = np.repeat(np.random.default_rng(4).normal(size=(30, 5)), 8, axis=0)
    log = PlayLog.of_play(design, paid + 0.1 * lasting)
    fit = fit_scalar(log, GAME)
    blocks = block_bootstrap(log, fit, block=16, draws=300)[:, :3].std(axis=0, ddof=1)
    assert (blocks > 1.4 * fit.incentives.errors).all()


def test_bootstraps_of_another_log_or_too_long_blocks_are_refused():
    log = noisy(exploration(5, 3, profiles=20), 0.1, 0)
    fit = fit_scalar(log, GAME)
    with pytest.raises(InputError, match="block"):
        block_bootstrap(log, fit, block=11)
    with pytest.raises(InputError, match="log = 95 rows"):
        block_bootstrap(log.only(log.rounds < 19), fit, block=2)
