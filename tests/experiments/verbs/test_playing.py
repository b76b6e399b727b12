"""A play from Python is the play of the command line, and is judged as that is."""

import numpy as np
import pytest

from agents.language.synthetic import SyntheticLanguageModel
from agents.subpopulations.synthetic import SyntheticPopulation
from experiments.pipeline import payoffs_of, rule_of
from experiments.verbs import Incentives, judge, play
from experiments.verbs.playing import KERNELS
from sim.dynamics import Floored, ProjectedGradient, StepSize
from sim.errors import InputError


@pytest.fixture(scope="module")
def population():
    return SyntheticPopulation(groups=3, questions=4, options=2, disagreement=1.0, seed=1)


@pytest.fixture(scope="module")
def played(population):
    return play(population.table, Incentives(1.0, 1.0, 0.5), accounts=6, rounds=40, seeds=(0, 1), floor=0.05)


def test_a_play_settles_where_its_game_says(played):
    assert played.record.trajectories.shape == (2, 41, 6, 3)
    found = judge(played)
    assert found.verdict.kind == "converged"
    assert found.control.rejected


def test_the_same_play_under_other_incentives_is_not_confirmed(population, played):
    other = play(population.table, Incentives(6.0, 1.0, 0.0), accounts=6, rounds=40, seeds=(0, 1), floor=0.05)
    assert np.abs(other.record.trajectories[:, -1].mean((0, 1)) - judge(played).verdict.prediction).sum() > 0.1


def test_a_given_language_model_speaks_for_its_groups(population):
    slurred = np.full((3, 3), 0.25) + 0.25 * np.eye(3)
    language = SyntheticLanguageModel(population.table.groups, voice=slurred)
    heard = play(
        population.table, Incentives(1.0, 1.0, 0.5), rounds=8, seeds=(0,), language=language, models=population.models
    )
    voice = judge(heard, window=1.0).realisation.voice
    np.testing.assert_allclose(voice, slurred, atol=0.2)
    assert voice.diagonal().max() < 0.8, "every second post of this model speaks for another group"


def test_defaults_are_those_of_the_command_line(composed, population):
    config = composed("experiment=synthetic")
    game = payoffs_of(config).game(population.table, Incentives(1, 1, 1), 5, "mean")
    mine = KERNELS.game(population.table, Incentives(1, 1, 1), 5, "mean")
    for term in ("attractiveness", "inconsistency", "similarity"):
        np.testing.assert_array_equal(getattr(game, term), getattr(mine, term))
    assert rule_of(config) == Floored(ProjectedGradient(StepSize(0.4, decay_rounds=8)), config.platform.floor)


def test_a_language_model_without_voices_is_refused(population):
    with pytest.raises(InputError, match="models"):
        play(population.table, Incentives(1, 1, 1), language=SyntheticLanguageModel(["a"]))
