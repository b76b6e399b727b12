"""Imitation: what it can't invent, whom it looks at, and where innovation takes it."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.alignment_game import AlignmentGame, Incentives
from sim.dynamics import ExactFeedback, State, simulate
from sim.dynamics.imitation import Imitation
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.network import Network
from sim.simplex import sample_uniform


def crowded_game(accounts, dimension=3):
    return AlignmentGame(
        attractiveness=np.linspace(1.2, 0, dimension),
        inconsistency=np.eye(dimension),
        similarity=np.eye(dimension),
        incentives=Incentives(1, 0.5, 1.5),
        accounts=accounts,
    )


def start_of(game, seed=0):
    return sample_uniform(np.random.default_rng(seed), game.dimension, game.accounts)


class Relabelled:
    """A generator whose directions have their groups in another order."""

    def __init__(self, order):
        self.order, self.rng = order, np.random.default_rng(0)

    def standard_normal(self, shape):
        return self.rng.standard_normal(shape)[:, self.order]

    def random(self, size):
        return self.rng.random(size)


@pytest.mark.parametrize("accounts", [1, 2, 6])
def test_accounts_that_start_alike_never_move(random_game, accounts):
    game = random_game(1).with_incentives(attractiveness=2)
    game = replace(game, accounts=accounts)
    alike = np.tile(start_of(game)[0], (accounts, 1))
    path = simulate(game, Imitation(5.0), alike, 50, np.random.default_rng(0))
    assert np.array_equal(path, np.broadcast_to(alike, path.shape))


@given(seed=st.integers(0, 10_000), rate=st.floats(0.01, 100))
def test_invents_nothing(seed, rate):
    rng = np.random.default_rng(seed)
    game = crowded_game(int(rng.integers(2, 8)), int(rng.integers(2, 5)))
    start = sample_uniform(rng, game.dimension, game.accounts)
    path = simulate(game, Imitation(rate), start, 15, rng)
    # In every direction nobody gets beyond the farthest of the round before: the convex hull only shrinks.
    reach = (path @ rng.normal(size=(game.dimension, 50))).max(axis=1)
    assert np.diff(reach, axis=0).max() <= 1e-12
    assert path.min() >= 0
    assert np.abs(path.sum(axis=2) - 1).max() <= 1e-12
    missing = start.copy()
    missing[:, 0] = 0
    missing /= missing.sum(axis=1, keepdims=True)
    assert simulate(game, Imitation(rate), missing, 5, rng)[:, :, 0].max() == 0


def test_consensus_need_not_be_an_equilibrium():
    game = crowded_game(6)
    start = 0.1 * start_of(game) + 0.9 * np.array([0.1, 0.1, 0.8])
    path = simulate(game, Imitation(5.0), start, 2000, np.random.default_rng(0))
    assert np.ptp(path[-1], axis=0).max() <= 0.01
    assert np.abs(path[-1] - homogeneous_equilibrium(game).mixture).max() >= 0.4


@pytest.mark.slow
@pytest.mark.parametrize("accounts", [2, 4, 20])
def test_innovation_settles_where_spite_predicts(accounts):
    game = crowded_game(accounts)
    rule = Imitation(20.0, mutation=0.1, innovation=0.05)
    path = simulate(game, rule, start_of(game), 4000, np.random.default_rng(1))
    settled = path[1500:].mean(axis=(0, 1))
    spiteful = game.with_incentives(diversity=1.5 * (accounts - 2) / (accounts - 1))
    misses = [np.abs(settled - homogeneous_equilibrium(each).mixture).max() for each in (spiteful, game)]
    assert misses[0] <= 0.03
    assert misses[1] <= 0.03 if accounts == 20 else misses[1] >= 2 * misses[0]


def test_moves_only_towards_neighbours_who_earn_more():
    game = crowded_game(5)
    graph = nx.Graph([(0, 1), (1, 2), (2, 3)])
    graph.add_node(4)
    rule, profile = Imitation(3.0, graph), start_of(game, 2)
    payoffs, network = game.payoffs(profile), Network.of(graph)
    met = set()
    for seed in range(60):
        moved = rule.step(State(profile), ExactFeedback(game), np.random.default_rng(seed)).profile
        for m in range(5):
            if np.array_equal(moved[m], profile[m]):
                continue
            towards = [
                n
                for n in network.neighbours(m)
                if np.allclose(
                    moved[m], profile[m] + min(1, 3 * (payoffs[n] - payoffs[m])) * (profile[n] - profile[m]), atol=1e-12
                )
            ]
            assert len(towards) == 1
            assert payoffs[towards[0]] > payoffs[m]
            met.add((m, int(towards[0])))
    better = {(m, int(n)) for m in range(5) for n in network.neighbours(m) if payoffs[n] > payoffs[m]}
    assert met == better


def test_complete_graph_is_the_same_as_no_network():
    game = crowded_game(6)
    start = start_of(game)
    paths = [
        simulate(game, Imitation(4.0, network, mutation=0.2), start, 20, np.random.default_rng(0))
        for network in (None, nx.complete_graph(6), Network.of(nx.complete_graph(6)))
    ]
    assert np.array_equal(paths[0], paths[1])
    assert np.array_equal(paths[0], paths[2])


def test_without_links_nobody_imitates():
    game = crowded_game(3)
    start = start_of(game)
    assert np.array_equal(
        simulate(game, Imitation(9.0, nx.empty_graph(3)), start, 5, np.random.default_rng(0))[-1], start
    )


@pytest.mark.parametrize("mutation", [0.0, 0.3])
def test_same_constant_for_all_payoffs_changes_nothing(random_game, mutation):
    game = random_game(3, accounts=4)
    shifted = replace(
        game,
        attractiveness=game.attractiveness + 3,
        inconsistency=game.inconsistency + 2,
        similarity=game.similarity - 1,
    )
    rule, start = Imitation(2.0, mutation=mutation), start_of(game)
    paths = [simulate(each, rule, start, 30, np.random.default_rng(0)) for each in (game, shifted)]
    assert np.allclose(*paths, atol=1e-9)


@pytest.mark.parametrize("mutation", [0.0, 0.3])
def test_relabelling_groups_permutes_the_path_when_the_draws_are_relabelled_too(random_game, mutation):
    game, order = random_game(5, dimension=4, accounts=3), [2, 0, 3, 1]
    relabelled = replace(
        game,
        attractiveness=game.attractiveness[order],
        inconsistency=game.inconsistency[np.ix_(order, order)],
        similarity=game.similarity[np.ix_(order, order)],
    )
    rule, start = Imitation(2.0, mutation=mutation), start_of(game)
    path = simulate(game, rule, start, 30, np.random.default_rng(0))
    renamed = simulate(relabelled, rule, start[:, order], 30, Relabelled(order))
    assert np.allclose(renamed, path[:, :, order], atol=1e-10)


@pytest.mark.parametrize("seed", range(4))
def test_innovations_stay_on_the_simplex_change_no_input_and_repeat_with_the_seed(random_game, seed):
    game, rule = random_game(seed), Imitation(5.0, mutation=0.5, innovation=0.4)
    start = start_of(game, seed)
    untouched = start.copy()
    rule.step(State(start), ExactFeedback(game), np.random.default_rng(0))
    assert np.array_equal(start, untouched)
    first, again, other = (simulate(game, rule, start, 40, np.random.default_rng(key)) for key in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)
    assert first.min() >= 0
    assert np.abs(first.sum(axis=2) - 1).max() <= 1e-12


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: Imitation(0.0), "rate"),
        (lambda: Imitation(1.0, mutation=1.5), "mutation"),
        (lambda: Imitation(1.0, mutation=-0.1), "mutation"),
        (lambda: Imitation(1.0, innovation=0.0), "innovation"),
        (lambda: Imitation(1.0, "ring"), "network"),
        (
            lambda: simulate(
                crowded_game(3),
                Imitation(1.0, nx.path_graph(4)),
                start_of(crowded_game(3)),
                1,
                np.random.default_rng(0),
            ),
            "network",
        ),
    ],
)
def test_bad_settings_name_the_field(call, field):
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
