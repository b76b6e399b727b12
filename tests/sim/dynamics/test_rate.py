import numpy as np
import pytest

from sim.dynamics import (
    ExponentiatedGradient,
    Floored,
    ProjectedGradient,
    Replicator,
    SequentialBestResponse,
    SimultaneousBestResponse,
    StepSize,
    predicted_rate,
    simulate,
)
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.simplex import restricted_to_tangent, sample_uniform, total_variation


def test_best_response_rates_are_the_stability_number(interior_game):
    game = interior_game(0.15, accounts=6)
    rate = predicted_rate(game, SimultaneousBestResponse(), homogeneous_equilibrium(game).mixture)
    assert rate.disagreement == pytest.approx(0.15, abs=1e-7)
    assert rate.consensus == pytest.approx(5 * 0.15, abs=1e-7)
    assert rate.spectral_radius == rate.consensus


def test_gradient_rates_are_those_of_the_two_matrices(interior_game):
    game = interior_game(0.6)
    rate = predicted_rate(game, ProjectedGradient(StepSize(0.1)), homogeneous_equilibrium(game).mixture)
    for found, matrix in ((rate.consensus, game.consensus_matrix), (rate.disagreement, game.disagreement_matrix)):
        expected = np.abs(1 - 0.1 * np.linalg.eigvalsh(restricted_to_tangent(matrix))).max()
        assert found == pytest.approx(expected, abs=1e-8)


RULES = [
    (SimultaneousBestResponse(0.4), 1),
    (SequentialBestResponse(), 1),
    (SequentialBestResponse(sweep=False), 5),
    (ProjectedGradient(StepSize(0.1)), 1),
    (ExponentiatedGradient(StepSize(0.3)), 1),
    (Replicator(StepSize(0.3)), 1),
    (Floored(Replicator(StepSize(0.3)), 0.03), 1),
]


@pytest.mark.parametrize(("rule", "rounds"), RULES, ids=lambda value: type(value).__name__)
def test_predicted_is_measured(interior_game, rule, rounds):
    game = interior_game(0.6, seed=1)
    target = homogeneous_equilibrium(game, getattr(rule, "floor", 0.0)).mixture
    rate = predicted_rate(game, rule, target, rounds=rounds).spectral_radius
    start = sample_uniform(np.random.default_rng(4), game.dimension, game.accounts)
    path = simulate(game, rule, start, 800, np.random.default_rng(0))
    distances = total_variation(path, target).max(axis=1)
    late = np.flatnonzero((distances < 1e-5) & (distances > 1e-9))
    first, last = late[0], late[0] + rounds * ((late[-1] - late[0]) // rounds)
    measured = (distances[last] / distances[first]) ** (1 / (last - first))
    assert measured == pytest.approx(rate, abs=0.02)


def test_excluded_groups_die_out_at_their_own_rate(random_game):
    game = random_game(2, dimension=3, accounts=4, kappa=0.5).with_incentives(attractiveness=12.0)
    found = homogeneous_equilibrium(game)
    gone = np.flatnonzero(found.mixture == 0)
    assert gone.size
    deficit = found.multiplier - game.gradients(np.tile(found.mixture, (4, 1)))[0][gone]
    rate = predicted_rate(game, ExponentiatedGradient(StepSize(0.01)), found.mixture)
    assert rate.spectral_radius >= np.exp(-0.01 * deficit.min()) - 1e-4


def test_single_account_has_no_disagreement(interior_game):
    game = interior_game(0.5, accounts=5)
    alone = type(game)(
        attractiveness=game.attractiveness,
        inconsistency=game.inconsistency,
        similarity=game.similarity,
        incentives=game.incentives,
        accounts=1,
    )
    rate = predicted_rate(alone, SimultaneousBestResponse(0.3), homogeneous_equilibrium(alone).mixture)
    assert rate.disagreement == 0.0
    assert rate.consensus == pytest.approx(0.7, abs=1e-8)


def test_bad_input_is_refused(interior_game):
    game = interior_game(0.5, accounts=250)
    mixture = homogeneous_equilibrium(game).mixture
    with pytest.raises(InputError, match="expected a fixed point of the rule"):
        predicted_rate(game, SimultaneousBestResponse(), np.full(4, 0.25))
    with pytest.raises(InputError, match="of side M \\(D-1\\) = 750"):
        predicted_rate(game, SequentialBestResponse(), mixture)
    with pytest.raises(InputError, match="sum of mixture"):
        predicted_rate(game, SimultaneousBestResponse(), np.full(4, 0.3))
