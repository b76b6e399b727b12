"""With a known mixture response the play must end where the closed form says, or say that it did not."""

import numpy as np
import pytest

from agents.language.synthetic import SyntheticLanguageModel
from agents.subpopulations.synthetic import SyntheticPopulation
from experiments.play import Record, play, starting_profiles
from platforms.social.payoffs.attractiveness import Prevalence
from platforms.social.payoffs.inconsistency import GramSpread
from platforms.social.payoffs.similarity import Identity
from platforms.social.platform import PayoffRules, PlatformSettings, SocialPlatform
from sim.alignment_game import Incentives
from sim.convergence import judge, negative_control
from sim.dynamics.best_response import SimultaneousBestResponse
from sim.dynamics.exponentiated_gradient import ExponentiatedGradient
from sim.dynamics.floor import Floored
from sim.dynamics.step_size import StepSize
from sim.equilibrium import homogeneous_equilibrium
from sim.randomness import generator

RULES = PayoffRules(attractiveness=Prevalence(), inconsistency=GramSpread(), similarity=Identity())
FLOOR, SEEDS, TOLERANCE = 0.01, (11, 12, 13), 0.05
LEARNING = ExponentiatedGradient(StepSize(3.0, decay_rounds=4.0))


def random_game(number, accounts, diversity):
    """A population with random answers and random incentives, and the game its platform plays."""
    rng = np.random.default_rng(number)
    groups = int(rng.integers(2, 5))
    population = SyntheticPopulation(groups, 8, 4, 1.0, seed=number)
    incentives = Incentives(float(rng.uniform(0.3, 1.2)), float(rng.uniform(0.8, 1.5)), diversity)
    return population, incentives, RULES.game(population.table, incentives, accounts, "mean")


def simulated(population, incentives, accounts, rule, rounds):
    platforms = [
        SocialPlatform(
            table=population.table,
            incentives=incentives,
            rules=RULES,
            settings=PlatformSettings(posts_per_round=4, drafts_per_round=8, readers=400),
            dynamics=Floored(rule, FLOOR),
            start=start,
            seed=seed,
        )
        for seed, start in zip(
            SEEDS,
            starting_profiles(
                [generator(seed, round=0, agent=0, purpose="start") for seed in SEEDS],
                accounts,
                len(population.models),
                2.0,
                FLOOR,
            ),
            strict=True,
        )
    ]
    record = Record(seeds=SEEDS, start=np.stack([platform.profile for platform in platforms]))
    with SyntheticLanguageModel([model.group for model in population.models]) as language:
        play(
            platforms,
            language,
            population.models,
            record=record,
            rounds=rounds,
            max_tokens=20,
            temperature=1.0,
            after_round=lambda: None,
        )
    for platform in platforms:
        platform.close()
    return record.trajectories


@pytest.mark.slow
@pytest.mark.parametrize("number", range(6))
def test_below_kappa_one_play_reaches_the_closed_form_in_every_seed(number):
    population, incentives, game = random_game(number, accounts=6, diversity=0.4)
    prediction = homogeneous_equilibrium(game)
    assert prediction.interior
    assert prediction.stability < 1
    paths = simulated(population, incentives, 6, LEARNING, rounds=160)
    verdict = judge(paths, game, prediction.mixture, tolerance=TOLERANCE, floor=FLOOR)
    assert verdict.kind == "converged", verdict.reasons
    assert all(seed.inside for seed in verdict.seeds), [seed.interval for seed in verdict.seeds]
    control = negative_control(paths, game, tolerance=TOLERANCE, floor=FLOOR)
    assert control.verdict.kind != "converged"


@pytest.mark.slow
@pytest.mark.parametrize("number", range(4))
def test_above_kappa_one_accounts_specialise_and_the_verdict_says_so(number):
    population, incentives, game = random_game(100 + number, accounts=3, diversity=6.0)
    prediction = homogeneous_equilibrium(game)
    assert prediction.stability > 1
    paths = simulated(population, incentives, 3, LEARNING, rounds=160)
    verdict = judge(paths, game, prediction.mixture, tolerance=TOLERANCE, floor=FLOOR)
    assert verdict.kind in ("converged elsewhere", "cycling"), verdict.reasons


@pytest.mark.slow
def test_simultaneous_best_response_stays_away_where_theory_says_so():
    """kappa < 1 < (M - 1) kappa: the same equilibrium is stable for gradients and unstable for best response."""
    population, incentives, game = random_game(7, accounts=8, diversity=4.0)
    prediction = homogeneous_equilibrium(game)
    assert prediction.stability < 1 < 7 * prediction.stability
    paths = simulated(population, incentives, 8, SimultaneousBestResponse(damping=1.0), rounds=120)
    verdict = judge(paths, game, prediction.mixture, tolerance=TOLERANCE, floor=FLOOR)
    assert verdict.kind in ("cycling", "undecided"), verdict.reasons
    assert verdict.distance.estimate > TOLERANCE


@pytest.mark.slow
def test_a_model_based_best_response_account_finds_the_equilibrium_from_what_it_has_seen():
    population, incentives, game = random_game(3, accounts=6, diversity=0.3)
    prediction = homogeneous_equilibrium(game)
    paths = simulated(population, incentives, 6, SimultaneousBestResponse(damping=0.1), rounds=160)
    verdict = judge(paths, game, prediction.mixture, tolerance=TOLERANCE, floor=FLOOR)
    assert verdict.kind == "converged", verdict.reasons
