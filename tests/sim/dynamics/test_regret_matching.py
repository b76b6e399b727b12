"""Regret matching: its regret bound against anything, and what the bound forces in the alignment game."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.alignment_game import AlignmentGame, Incentives
from sim.dynamics import ExactFeedback, State, simulate
from sim.dynamics.regret_matching import RegretMatching
from sim.dynamics.time_average import time_average
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.simplex import restricted_to_tangent, sample_uniform

both_forms = pytest.mark.parametrize("plus", [False, True], ids=["plain", "plus"])


@dataclass
class AnyGradients:
    """Feedback whose gradients have nothing to do with what is played."""

    values: np.ndarray
    round: int = 0

    def gradients(self, profile):
        return self.values


def rock_paper_scissors():
    return AlignmentGame(
        attractiveness=np.zeros(3),
        inconsistency=np.eye(3),
        similarity=np.array([[0.0, 1.0, -1.0], [-1.0, 0.0, 1.0], [1.0, -1.0, 0.0]]),
        incentives=Incentives(1, 0, 1),
        accounts=2,
        directed=True,
    )


def start_of(game, seed=0):
    return sample_uniform(np.random.default_rng(seed), game.dimension, game.accounts)


def regrets_of(path, gradients):
    """Largest regret of each account over the rounds of `path`."""
    earned = np.sum(path * gradients, axis=2, keepdims=True)
    return (gradients - earned).sum(axis=0).max(axis=1)


@both_forms
@given(seed=st.integers(0, 10_000), rounds=st.integers(1, 200))
def test_regret_stays_below_its_bound_whatever_the_others_do(plus, seed, rounds):
    rng = np.random.default_rng(seed)
    accounts, dimension = 3, int(rng.integers(2, 6))
    gradients = rng.normal(size=(rounds, accounts, dimension)) * 10 ** rng.uniform(-3, 3)
    state, path = State(sample_uniform(rng, dimension, accounts)), []
    for played in range(rounds):
        path.append(state.profile)
        # The adversary pays best where the account has least.
        least_last = np.argsort(-state.profile, axis=1)
        gradients[played] = np.sort(gradients[played], axis=1)[np.arange(accounts)[:, None], least_last.argsort(axis=1)]
        state = RegretMatching(plus).step(state, AnyGradients(gradients[played], played), rng)
    spread = float(np.ptp(gradients, axis=2).max())
    assert regrets_of(np.stack(path), gradients).max() <= spread * np.sqrt(dimension * rounds) * (1 + 1e-9)


@both_forms
@pytest.mark.parametrize("kappa", [0.3, 0.9])
def test_regret_bounds_the_distance_of_play_and_of_its_average(interior_game, plus, kappa):
    game = interior_game(kappa, seed=4)
    rest = homogeneous_equilibrium(game).mixture
    path = simulate(game, RegretMatching(plus), start_of(game, 1), 300, np.random.default_rng(0))
    least = min(
        np.linalg.eigvalsh(restricted_to_tangent(matrix))[0]
        for matrix in (game.consensus_matrix, game.disagreement_matrix)
    )
    regret = regrets_of(path, np.stack([game.gradients(profile) for profile in path])).sum()
    squared = np.sum((path - rest) ** 2, axis=(1, 2)).mean()
    assert squared <= regret / (least * len(path)) * (1 + 1e-9)
    assert np.sum((time_average(path)[-1] - rest) ** 2) <= squared
    assert np.abs(path[-1] - rest).max() <= 1e-3


@both_forms
def test_only_the_average_converges_where_crowding_goes_round(plus):
    game, start = rock_paper_scissors(), np.array([[0.5, 0.3, 0.2], [0.3, 0.5, 0.2]])
    path = simulate(game, RegretMatching(plus), start, 3000, np.random.default_rng(0))
    assert np.abs(path[-500:] - 1 / 3).max(axis=(1, 2)).min() >= 0.2
    assert np.abs(time_average(path)[-1] - 1 / 3).max() <= 0.03


@both_forms
@pytest.mark.parametrize("seed", range(6))
def test_stays_on_the_simplex_and_changes_no_input(random_game, plus, seed):
    game, rule, rng = random_game(seed), RegretMatching(plus), np.random.default_rng(0)
    state = State(start_of(game, seed))
    for played in range(30):
        profile = state.profile.copy()
        memory = None if state.memory is None else state.memory.copy()
        moved = rule.step(state, ExactFeedback(game, played), rng)
        assert np.array_equal(state.profile, profile)
        assert memory is None or np.array_equal(state.memory, memory)
        assert moved.profile.min() >= 0
        assert np.abs(moved.profile.sum(axis=1) - 1).max() <= 1e-12
        state = moved


@both_forms
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("attraction", [1.0, 15.0], ids=["mild", "boundary"])
def test_equilibrium_is_a_fixed_point_with_its_memory(random_game, plus, seed, attraction):
    game = random_game(seed).with_incentives(attractiveness=attraction)
    rest = np.tile(homogeneous_equilibrium(game).mixture, (game.accounts, 1))
    path = simulate(game, RegretMatching(plus), rest, 20, np.random.default_rng(0))
    assert np.abs(path - rest).max() <= 1e-9


@both_forms
def test_gauge_changes_nothing_and_relabelling_permutes(random_game, checks, plus):
    game = random_game(5, dimension=4, accounts=3)
    checks.gauge(RegretMatching(plus), game)
    checks.relabelling(RegretMatching(plus), game)


def test_forgets_negative_regrets_in_the_plus_form_only(random_game):
    game = random_game(2, dimension=3, accounts=2)
    start, feedback, rng = State(start_of(game)), ExactFeedback(game), np.random.default_rng(0)
    assert RegretMatching().step(start, feedback, rng).memory.min() < 0
    assert RegretMatching(plus=True).step(start, feedback, rng).memory.min() == 0


def test_time_average_is_the_mean_so_far():
    path = np.random.default_rng(0).dirichlet(np.ones(3), size=(7, 2))
    assert np.allclose(time_average(path)[4], path[:5].mean(axis=0))
    with pytest.raises(InputError, match="trajectory"):
        time_average([1.0, 2.0])


def test_near_equilibrium_it_is_a_gradient_step_of_one_over_the_regrets(interior_game):
    game, total = interior_game(0.5, seed=1), 40.0
    rest = homogeneous_equilibrium(game).mixture
    shift = 1e-6 * np.array([1.0, -2.0, 0.5, 0.5])
    profile = np.tile(rest + shift, (game.accounts, 1))
    moved = (
        RegretMatching()
        .step(State(profile, total * profile[None]), ExactFeedback(game), np.random.default_rng(0))
        .profile
    )
    metric = (np.eye(4) - np.outer(rest, np.ones(4))) @ (np.eye(4) - np.outer(np.ones(4), rest))
    expected = shift - metric @ game.consensus_matrix @ shift / total
    assert np.allclose(moved - rest, expected, atol=1e-11)
