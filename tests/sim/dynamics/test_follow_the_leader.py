"""Follow the regularised leader: its regularisers, its relatives, and what it remembers."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.alignment_game import AlignmentGame, Incentives
from sim.dynamics import ExactFeedback, ExponentiatedGradient, ProjectedGradient, State, StepSize, simulate
from sim.dynamics.follow_the_leader import Entropic, Euclidean, FollowTheRegularisedLeader
from sim.dynamics.time_average import time_average
from sim.equilibrium import homogeneous_equilibrium
from sim.simplex import sample_uniform

REGULARISERS = {"euclidean": Euclidean(), "entropic": Entropic()}
PENALTY = {
    "euclidean": lambda w: 0.5 * np.sum(w**2, axis=-1),
    "entropic": lambda w: np.sum(w * np.log(np.maximum(w, 1e-300)), axis=-1),
}
each = pytest.mark.parametrize("name", REGULARISERS)


@dataclass
class AnyGradients:
    """Feedback whose gradients have nothing to do with what is played."""

    values: np.ndarray
    round: int = 0

    def gradients(self, profile):
        return self.values


def leader(name, step=0.1, decay=None):
    return FollowTheRegularisedLeader(StepSize(step, decay), REGULARISERS[name])


def start_of(game, seed=0):
    return sample_uniform(np.random.default_rng(seed), game.dimension, game.accounts)


@each
@given(seed=st.integers(0, 10_000))
def test_mixture_maximises_scores_less_penalty_and_scores_undo_it(name, seed):
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(1, 5)) * 3
    best = REGULARISERS[name].mixture(scores)
    height = np.sum(scores * best) - PENALTY[name](best)
    others = sample_uniform(rng, 5, 200)
    assert np.all(others @ scores[0] - PENALTY[name](others) <= height + 1e-12)
    profile = sample_uniform(rng, 5, 3)
    assert np.allclose(REGULARISERS[name].mixture(REGULARISERS[name].scores(profile)), profile, atol=1e-14)


def test_entropic_leader_plays_exponentiated_gradient(random_game):
    game = random_game(6)
    start, rng = start_of(game), np.random.default_rng(0)
    step = StepSize(0.3, decay_rounds=20)
    path = simulate(game, FollowTheRegularisedLeader(step, Entropic()), start, 60, rng)
    assert np.allclose(path, simulate(game, ExponentiatedGradient(step), start, 60, rng), atol=1e-10)


def test_euclidean_leader_is_projected_gradient_inside_and_lags_at_the_boundary(interior_game):
    game, rng = interior_game(0.3), np.random.default_rng(0)
    near = 0.3 * start_of(game, 2) + 0.7 * homogeneous_equilibrium(game).mixture
    path = simulate(game, leader("euclidean", 0.05), near, 50, rng)
    assert path.min() > 0.01
    assert np.allclose(path, simulate(game, ProjectedGradient(StepSize(0.05)), near, 50, rng), atol=1e-12)
    # Ten rounds against group 0, then ten for it: the leader needs them all to come back, the gradient none.
    gradients = np.array([[[-1.0, 1.0]]] * 10 + [[[1.0, -1.0]]] * 10)
    lagging, direct = State(np.array([[0.5, 0.5]])), State(np.array([[0.5, 0.5]]))
    for played in range(20):
        lagging = leader("euclidean").step(lagging, AnyGradients(gradients[played], played), rng)
        direct = ProjectedGradient(StepSize(0.1)).step(direct, AnyGradients(gradients[played], played), rng)
        if played == 13:
            assert lagging.profile[0, 0] == 0.0
            assert direct.profile[0, 0] > 0.3
    assert np.allclose(lagging.profile, 0.5, atol=1e-12)


@each
@given(seed=st.integers(0, 10_000), rounds=st.integers(1, 100))
def test_regret_stays_below_its_bound_whatever_the_others_do(name, seed, rounds):
    rng = np.random.default_rng(seed)
    dimension, eta = int(rng.integers(2, 6)), float(10 ** rng.uniform(-2, 0))
    gradients = rng.uniform(-1, 1, size=(rounds, 1, dimension)) + np.eye(dimension)[rounds % dimension]
    state, earned = State(np.full((1, dimension), 1 / dimension)), 0.0
    for played in range(rounds):
        earned += float(np.sum(state.profile * gradients[played]))
        state = leader(name, eta).step(state, AnyGradients(gradients[played], played), rng)
    regret = gradients.sum(axis=0).max() - earned
    # Dual norms: Euclidean for |w|^2/2, largest entry for the entropy; h ranges over 1/2 - 1/2D and log D.
    span, size = {
        "euclidean": (0.5 - 0.5 / dimension, np.sum(gradients**2, axis=2).max()),
        "entropic": (np.log(dimension), np.max(gradients**2)),
    }[name]
    assert regret <= span / eta + eta * rounds * size / 2 + 1e-9


@each
def test_spirals_out_where_crowding_goes_round_but_its_average_stays(name):
    game = AlignmentGame(
        attractiveness=np.zeros(3),
        inconsistency=np.eye(3),
        similarity=np.array([[0.0, 1.0, -1.0], [-1.0, 0.0, 1.0], [1.0, -1.0, 0.0]]),
        incentives=Incentives(1, 0, 1),
        accounts=2,
        directed=True,
    )
    near = np.array([[0.36, 0.33, 0.31], [0.33, 0.36, 0.31]])
    path = simulate(game, leader(name, 0.1), near, 2000, np.random.default_rng(0))
    away = np.linalg.norm(path - 1 / 3, axis=(1, 2))
    assert away[-400:].min() >= 5 * away[0]
    assert np.abs(time_average(path)[-1] - 1 / 3).max() <= 0.08


@each
def test_converges_under_noise_with_decaying_steps(interior_game, name):
    game, rng = interior_game(0.5), np.random.default_rng(3)
    rest, errors = homogeneous_equilibrium(game).mixture, []
    state, rule = State(start_of(game, 1)), leader(name, {"euclidean": 0.2, "entropic": 0.8}[name], decay=20)
    for played in range(2000):
        noisy = game.gradients(state.profile) + rng.normal(size=state.profile.shape)
        state = rule.step(state, AnyGradients(noisy, played), rng)
        errors.append(float(np.sum((state.profile - rest) ** 2, axis=1).mean()))
    assert np.mean(errors[-200:]) <= 0.01
    assert np.mean(errors[-200:]) <= np.mean(errors[20:60]) / 4


@each
@pytest.mark.parametrize("seed", range(6))
def test_changes_no_input_and_keeps_zero_weights_of_the_entropic_form(random_game, name, seed):
    game, rng = random_game(seed, dimension=3), np.random.default_rng(0)
    start = start_of(game, seed)
    start[0] = [0.0, 0.4, 0.6]
    state = State(start)
    for played in range(20):
        profile, memory = state.profile.copy(), None if state.memory is None else state.memory.copy()
        moved = leader(name).step(state, ExactFeedback(game, played), rng)
        assert np.array_equal(state.profile, profile)
        assert memory is None or np.array_equal(state.memory, memory)
        assert np.abs(moved.profile.sum(axis=1) - 1).max() <= 1e-12
        assert moved.profile.min() >= 0
        state = moved
    assert name != "entropic" or state.profile[0, 0] == 0


@each
@pytest.mark.parametrize("attraction", [1.0, 15.0], ids=["mild", "boundary"])
def test_equilibrium_is_a_fixed_point_with_its_memory(random_game, name, attraction):
    for seed in range(4):
        game = random_game(seed).with_incentives(attractiveness=attraction)
        rest = np.tile(homogeneous_equilibrium(game).mixture, (game.accounts, 1))
        path = simulate(game, leader(name, 0.02), rest, 20, np.random.default_rng(0))
        assert np.abs(path - rest).max() <= 1e-9


@each
def test_gauge_changes_nothing_and_relabelling_permutes(random_game, checks, name):
    game = random_game(5, dimension=4, accounts=3)
    checks.gauge(leader(name), game)
    checks.relabelling(leader(name), game)
