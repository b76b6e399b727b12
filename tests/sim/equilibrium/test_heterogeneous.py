"""One equilibrium of accounts that differ: certified, on networks too, and never silently unsettled."""

import networkx as nx
import numpy as np
import pytest
from scipy.optimize import minimize

from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import (
    NotSettledError,
    exploitability,
    heterogeneous_equilibrium,
    homogeneous_equilibrium,
    unilateral_gains,
)
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame


def random_heterogeneous(seed, *, network=None, accounts=None, directed=False, pull=1.0, crowd=1.0):
    rng = np.random.default_rng(seed)
    dimension = int(rng.integers(2, 7))
    count = accounts or int(rng.integers(1, 10))
    factor = rng.normal(size=(3, dimension, dimension)) / np.sqrt(dimension)
    similarity = rng.normal(size=(dimension, dimension)) / np.sqrt(dimension)
    graph = nx.gnp_random_graph(count, 0.4, seed=seed) if network else None
    return HeterogeneousGame(
        attractiveness=rng.normal(size=(count, dimension)),
        inconsistency=factor @ np.swapaxes(factor, 1, 2) + 0.2 * np.eye(dimension),
        kinds=rng.integers(0, 3, size=count),
        similarity=similarity if directed else similarity @ similarity.T,
        incentives=10 ** rng.uniform(-0.3, 0.3, size=(count, 3)) * [pull, 1, crowd],
        network=graph,
        directed=directed,
    )


@pytest.mark.parametrize("network", [False, True])
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("seed", range(16))
def test_exploitability_is_at_rounding_size(network, directed, seed):
    game = random_heterogeneous(
        seed, network=network, directed=directed, pull=(0.05, 1.0, 5.0)[seed % 3], crowd=(0.3, 1.0, 4.0)[seed % 3]
    )
    floor = 0.02 * (seed % 4 == 0)
    found = heterogeneous_equilibrium(game, floor=floor)
    # Counted anew, through the game's own best responses and payoffs.
    best = game.best_responses(found.profile, floor)
    for account in range(game.accounts):
        moved = found.profile.copy()
        moved[account] = best[account]
        assert game.payoffs(moved)[account] - game.payoffs(found.profile)[account] <= 1e-12
    assert found.profile.min() >= floor
    assert np.abs(found.profile.sum(axis=1) - 1).max() <= 1e-12
    assert found.interior == (found.profile.min() > floor + 1e-12)
    if found.interior and found.sweeps == 0:
        assert np.allclose(found.profile, found.relaxed, atol=1e-10)


@pytest.mark.parametrize("seed", range(15))
def test_identical_accounts_get_the_homogeneous_equilibrium(random_game, seed):
    game = random_game(seed, kappa=0.8).with_incentives(attractiveness=(0.5, 6.0)[seed % 2])
    alike = heterogeneous_equilibrium(game)
    assert alike.uniqueness.unique
    assert np.allclose(alike.profile, homogeneous_equilibrium(game).mixture, atol=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_maximises_the_potential_found_by_a_general_optimiser(random_game, seed):
    game = random_game(seed, dimension=3, accounts=3, kappa=0.7).with_incentives(attractiveness=3.0)
    start = np.full(9, 1 / 3)
    constraint = {"type": "eq", "fun": lambda x: x.reshape(3, 3).sum(axis=1) - 1}
    answer = minimize(
        lambda x: (
            -game.potential(np.clip(x, 0, None).reshape(3, 3) / np.clip(x, 0, None).reshape(3, 3).sum(1)[:, None])
        ),
        start,
        bounds=[(0, 1)] * 9,
        constraints=[constraint],
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert np.allclose(heterogeneous_equilibrium(game).profile, answer.x.reshape(3, 3), atol=1e-4)


@pytest.mark.parametrize("accounts", [5, 20, 80, 320])
def test_types_play_a_mean_field_to_order_one_over_m(accounts):
    # Two types in equal numbers. In the mean field everybody faces the same average, self included.
    rng = np.random.default_rng(3)
    pull, own = 0.2 * rng.normal(size=(2, 3)), np.stack([np.eye(3), 1.5 * np.eye(3)])
    kinds = np.arange(2 * accounts) % 2
    game = HeterogeneousGame(
        attractiveness=pull[kinds],
        inconsistency=own,
        kinds=kinds,
        similarity=np.eye(3),
        incentives=Incentives(1, 1, 1),
    )
    weights = np.full((2, 3), 1 / 3)
    for _ in range(300):  # w_k = argmax of pull'w - w'C w - w'(mean of the two types): a contraction here
        target = (pull - weights.mean(axis=0)) / np.array([[2.0], [3.0]])
        weights = target - target.mean(axis=1, keepdims=True) + 1 / 3
    assert weights.min() > 0
    gains = unilateral_gains(game, weights[kinds])
    # Each account leaves itself out of its crowd: the gradient is off by (w - mean)/(M-1), the gain by its square.
    off = (weights - weights.mean(axis=0)) / (2 * accounts - 1)
    assert gains[:2] == pytest.approx(np.sum(off**2, axis=1) / np.array([4.0, 6.0]), rel=1e-6)
    assert 0 < gains.max() <= 0.01 / accounts


def test_the_mean_field_of_identical_accounts_is_exact(random_game):
    for seed in range(10):
        game = random_game(seed)
        found = homogeneous_equilibrium(game)
        assert exploitability(game, np.tile(found.mixture, (game.accounts, 1))) <= 1e-14


def test_gains_of_identical_games_agree_whatever_their_class(random_game):
    game = random_game(3, dimension=4, accounts=6)
    profile = np.random.default_rng(0).dirichlet(np.ones(4), size=6)
    assert np.allclose(
        unilateral_gains(HeterogeneousGame.of(game), profile), unilateral_gains(game, profile), atol=1e-14
    )


def test_a_game_of_another_class_is_served_through_the_protocol(random_game):
    class Wrapped:
        def __init__(self, game):
            self.accounts, self.dimension = game.accounts, game.dimension
            self.gradients, self.curvature = game.gradients, game.curvature
            self.payoffs, self.best_response, self.best_responses = None, None, None

    game = random_game(3, dimension=4, accounts=6)
    profile = np.random.default_rng(0).dirichlet(np.ones(4), size=6)
    assert np.allclose(unilateral_gains(Wrapped(game), profile), unilateral_gains(game, profile), atol=1e-14)


def test_exploitability_of_many_accounts_asks_for_gradients_once(random_game, monkeypatch):
    game = random_game(1, dimension=3, accounts=400)
    calls = []
    original = AlignmentGame.gradients
    monkeypatch.setattr(AlignmentGame, "gradients", lambda self, w: calls.append(1) or original(self, w))
    monkeypatch.setattr(AlignmentGame, "best_response", None)
    exploitability(game, np.random.default_rng(0).dirichlet(np.ones(3), size=400))
    assert len(calls) == 1


def test_not_settled_is_an_error_that_carries_what_was_reached():
    turn = np.array([[0.0, 1.0, -1.0], [-1.0, 0.0, 1.0], [1.0, -1.0, 0.0]])
    game = HeterogeneousGame(
        attractiveness=np.array([[0.3, 0.0, 0.0], [0.0, 0.2, 0.0]]),
        inconsistency=0.05 * np.eye(3),
        similarity=turn,
        incentives=Incentives(1, 1, 1),
        directed=True,
    )
    with pytest.raises(NotSettledError, match="can still gain") as caught:
        heterogeneous_equilibrium(game, start=[[1, 0, 0], [0, 1, 0]], sweeps=0, tolerance=1e-300)
    assert caught.value.profile.shape == (2, 3)
    assert caught.value.exploitability >= 0
    assert heterogeneous_equilibrium(game).exploitability <= 1e-12


def test_bad_settings_name_the_field():
    game = random_heterogeneous(0, accounts=2)
    for field, settings in {
        "floor": {"floor": 0.9},
        "start": {"start": np.ones((1, 1))},
        "tolerance": {"tolerance": 0.0},
        "sweeps": {"sweeps": -1},
    }.items():
        with pytest.raises(InputError) as caught:
            heterogeneous_equilibrium(game, **settings)
        assert caught.value.field == field


def test_inputs_are_not_changed_and_results_are_read_only():
    game = random_heterogeneous(5, accounts=3)
    start = np.full((3, game.dimension), 1 / game.dimension)
    kept = start.copy()
    found = heterogeneous_equilibrium(game, start=start)
    assert np.array_equal(start, kept)
    with pytest.raises(ValueError, match="read-only"):
        found.profile[0] = 0
