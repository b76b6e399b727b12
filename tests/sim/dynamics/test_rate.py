import networkx as nx
import numpy as np
import pytest

from sim.alignment_game import Incentives
from sim.dynamics import (
    AsynchronousBestResponse,
    Entropic,
    ExponentiatedGradient,
    ExtraGradient,
    FictitiousPlay,
    Floored,
    FollowTheRegularisedLeader,
    LogitResponse,
    OptimisticGradient,
    OptimisticMultiplicativeWeights,
    ProjectedGradient,
    RegretMatching,
    Replicator,
    SequentialBestResponse,
    SimultaneousBestResponse,
    StepSize,
    logit_equilibrium,
    predicted_rate,
    simulate,
)
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame
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
    (OptimisticGradient(StepSize(0.08)), 1),
    (OptimisticMultiplicativeWeights(StepSize(0.3)), 1),
    (Floored(OptimisticGradient(StepSize(0.1)), 0.03), 1),
    (ExtraGradient(StepSize(0.1)), 2),
    (FollowTheRegularisedLeader(StepSize(0.3), Entropic()), 1),
    (LogitResponse(0.2, 0.2), 1),
]


@pytest.mark.parametrize(("rule", "rounds"), RULES, ids=lambda value: type(value).__name__)
def test_predicted_is_measured(interior_game, rule, rounds):
    game = interior_game(0.6, seed=1)
    target = homogeneous_equilibrium(game, getattr(rule, "floor", 0.0)).mixture
    if isinstance(rule, LogitResponse):
        target = logit_equilibrium(game, rule.temperature).mixture
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


@pytest.mark.parametrize("rule", [ProjectedGradient(StepSize(0.1)), OptimisticGradient(StepSize(0.1))])
def test_the_full_jacobian_and_the_cheap_path_agree(interior_game, rule):
    game = interior_game(0.6, accounts=4)
    mixture = homogeneous_equilibrium(game).mixture
    cheap = predicted_rate(game, rule, mixture)
    full = predicted_rate(HeterogeneousGame.of(game), rule, mixture)
    for name in ("consensus", "disagreement", "spectral_radius"):
        assert getattr(full, name) == pytest.approx(getattr(cheap, name), abs=1e-7)


def settled(game, rule, rounds):
    start = np.full((game.accounts, game.dimension), 1 / game.dimension)
    return simulate(game, rule, start, rounds, np.random.default_rng(0))[-1]


@pytest.mark.parametrize("rule", [SimultaneousBestResponse(0.5), OptimisticGradient(StepSize(0.1))])
def test_predicted_is_measured_for_accounts_that_differ(rule):
    rng = np.random.default_rng(2)
    game = HeterogeneousGame(
        attractiveness=rng.uniform(0, 0.2, size=(4, 3)),
        inconsistency=np.stack([np.diag(rng.uniform(0.7, 1.4, size=3)) for _ in range(4)]),
        similarity=np.eye(3),
        incentives=[Incentives(1.0, 1.0, diversity) for diversity in (0.3, 0.5, 0.8, 1.0)],
        network=nx.path_graph(4),
    )
    base = settled(game, SequentialBestResponse(), 200)
    assert base.min() > 0.05
    rate = predicted_rate(game, rule, base).spectral_radius
    path = simulate(game, rule, base + 0.01 * (rng.dirichlet(np.ones(3), 4) - 1 / 3), 400, rng)
    distances = np.abs(path - base).max(axis=(1, 2))
    late = np.flatnonzero((distances < 1e-5) & (distances > 1e-9))
    measured = (distances[late[-1]] / distances[late[0]]) ** (1 / (late[-1] - late[0]))
    assert measured == pytest.approx(rate, abs=0.02)


def test_rates_at_profiles_where_accounts_have_specialised(interior_game):
    game = interior_game(1.6, accounts=3)
    homogeneous = homogeneous_equilibrium(game).mixture
    rule = SequentialBestResponse()
    path = simulate(game, rule, np.random.default_rng(5).dirichlet(np.ones(4), 3), 300, np.random.default_rng(0))
    assert predicted_rate(game, rule, homogeneous).spectral_radius > 1
    assert predicted_rate(game, rule, path[-1]).spectral_radius < 1


def test_rules_without_a_rate_are_refused(interior_game):
    game = interior_game(0.5)
    mixture = homogeneous_equilibrium(game).mixture
    with pytest.raises(InputError, match="draws at random"):
        predicted_rate(game, AsynchronousBestResponse(), mixture)
    with pytest.raises(InputError, match="draws at random"):
        predicted_rate(game, Floored(AsynchronousBestResponse(), 0.01), homogeneous_equilibrium(game, 0.01).mixture)
    with pytest.raises(InputError, match="fictitious_play_exponent"):
        predicted_rate(game, FictitiousPlay(), mixture)
    with pytest.raises(InputError, match="kink"):
        predicted_rate(game, RegretMatching(), mixture)
    with pytest.raises(InputError, match="even number"):
        predicted_rate(game, ExtraGradient(StepSize(0.1)), mixture)


def test_a_memory_that_never_settles_is_refused(interior_game):
    class Counting:
        def step(self, state, feedback, rng):
            memory = np.zeros((1, *state.profile.shape)) if state.memory is None else state.memory + 1
            return type(state)(state.profile.copy(), memory)

    with pytest.raises(InputError, match="does not settle"):
        predicted_rate(interior_game(0.5), Counting(), np.full(4, 0.25))
