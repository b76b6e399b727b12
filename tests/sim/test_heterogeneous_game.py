"""The game whose accounts differ: its utilities, gradients and best responses from the definition."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame
from sim.network import Network
from sim.simplex import sample_uniform

GRAPHS = [None, nx.cycle_graph(5), nx.gnp_random_graph(5, 0.4, seed=4), nx.DiGraph([(0, 1), (1, 2), (2, 0), (3, 4)])]


def make(seed=0, *, network=None, crowding="mean", accounts=5):
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(2, 3, 3))
    return HeterogeneousGame(
        attractiveness=rng.normal(size=(accounts, 3)),
        inconsistency=factor @ np.swapaxes(factor, 1, 2),
        kinds=rng.integers(0, 2, size=accounts),
        similarity=rng.normal(size=(3, 3)),
        incentives=rng.uniform(0.2, 2, size=(accounts, 3)),
        network=network,
        crowding=crowding,
        directed=True,
    )


def by_definition(game, profile):
    """u_m = bA_m a_m'w_m - bI_m w_m'C_m w_m - bD_m g_m sum_n w_m'S w_n, term by term."""
    utilities = []
    for m in range(game.accounts):
        others = [n for n in range(game.accounts) if n != m]
        if game.network is not None:
            others = game.network.neighbours(m).tolist()
        share = 0.0 if not others else 1 / len(others) if game.crowding == "mean" else 1.0
        pull, own, crowd = game.incentives[m]
        mine = profile[m]
        utilities.append(
            pull * game.attractiveness[m] @ mine
            - own * mine @ game.inconsistency[game.kinds[m]] @ mine
            - crowd * share * sum(mine @ game.similarity @ profile[n] for n in others)
        )
    return np.array(utilities)


@pytest.mark.parametrize("crowding", ["mean", "sum"])
@pytest.mark.parametrize("network", GRAPHS)
@pytest.mark.parametrize("seed", range(4))
def test_payoffs_gradients_and_best_responses(network, crowding, seed):
    if isinstance(network, nx.DiGraph):
        network = nx.DiGraph(network)
    game = make(seed, network=network, crowding=crowding)
    rng = np.random.default_rng(seed)
    profile = sample_uniform(rng, 3, 5)
    kept = profile.copy()
    payoffs = by_definition(game, profile)
    assert np.allclose(game.payoffs(profile), payoffs, atol=1e-13)
    best = game.best_responses(profile)
    for m in range(5):
        direction = sample_uniform(rng, 3) - profile[m]
        ahead, behind = profile.copy(), profile.copy()
        ahead[m], behind[m] = profile[m] + 1e-4 * direction, profile[m] - 1e-4 * direction
        slope = (by_definition(game, ahead)[m] - by_definition(game, behind)[m]) / 2e-4
        assert game.gradients(profile)[m] @ direction == pytest.approx(slope, abs=1e-9)
        assert np.allclose(game.best_response(m, profile), best[m], atol=1e-14)
        moved = profile.copy()
        moved[m] = best[m]
        top = by_definition(game, moved)[m]
        assert top >= payoffs[m] - 1e-13
        for other in sample_uniform(rng, 3, 20):
            moved[m] = other
            assert by_definition(game, moved)[m] <= top + 1e-12
    assert np.array_equal(profile, kept)


@pytest.mark.parametrize("crowding", ["mean", "sum"])
def test_identical_accounts_are_the_alignment_game(random_game, crowding):
    game = replace(random_game(3, dimension=4, accounts=6), crowding=crowding)
    profile = sample_uniform(np.random.default_rng(0), 4, 6)
    for same in (HeterogeneousGame.of(game), HeterogeneousGame.of(game, nx.complete_graph(6))):
        assert np.allclose(same.payoffs(profile), game.payoffs(profile), atol=1e-13)
        assert np.allclose(same.gradients(profile), game.gradients(profile), atol=1e-13)
        assert np.allclose(same.best_responses(profile, 0.05), game.best_responses(profile, 0.05), atol=1e-12)
        assert np.allclose(same.curvature(5), game.curvature(5), atol=1e-15)
        assert np.allclose(same.crowding_weights, game.crowding_weight)


def test_parts_of_a_disconnected_graph_are_games_of_their_own():
    whole = make(1, network=nx.disjoint_union(nx.complete_graph(2), nx.complete_graph(3)))
    part = HeterogeneousGame(
        attractiveness=whole.attractiveness[2:],
        inconsistency=whole.inconsistency,
        kinds=whole.kinds[2:],
        similarity=whole.similarity,
        incentives=whole.incentives[2:],
        directed=True,
    )
    profile = sample_uniform(np.random.default_rng(0), 3, 5)
    assert np.allclose(whole.payoffs(profile)[2:], part.payoffs(profile[2:]), atol=1e-14)


def test_an_isolated_account_and_a_lone_account_are_not_crowded():
    lonely = make(2, network=nx.empty_graph(5))
    assert np.array_equal(lonely.crowding_weights, np.zeros(5))
    assert np.array_equal(make(2, accounts=1).crowding_weights, [0.0])
    assert np.isfinite(make(2, accounts=1).payoffs([[1, 0, 0]])).all()


def test_one_matrix_in_a_list_is_one_kind_for_all():
    game = HeterogeneousGame(
        attractiveness=np.zeros((4, 2)),
        inconsistency=np.eye(2)[None],
        similarity=np.eye(2),
        incentives=Incentives(1, 1, 1),
    )
    assert game.accounts == 4
    assert game.kinds.tolist() == [0, 0, 0, 0]


def test_matrices_without_kinds_are_one_per_account_and_incentives_may_be_a_list():
    game = HeterogeneousGame(
        attractiveness=[1.0, 0.0],
        inconsistency=np.stack([np.eye(2), 2 * np.eye(2)]),
        similarity=np.eye(2),
        incentives=[Incentives(1, 1, 1), Incentives(1, 3, 0)],
    )
    assert game.kinds.tolist() == [0, 1]
    assert np.array_equal(game.curvature(1), 12 * np.eye(2))
    assert replace(game, crowding="sum").crowding == "sum"


def test_arrays_are_copied_and_read_only():
    pull = np.zeros((2, 2))
    game = HeterogeneousGame(
        attractiveness=pull, inconsistency=np.eye(2), similarity=np.eye(2), incentives=Incentives(1, 1, 1)
    )
    pull[0, 0] = 9.0
    assert game.attractiveness[0, 0] == 0.0
    for values in (game.attractiveness, game.inconsistency, game.similarity, game.incentives, game.kinds):
        assert not values.flags.writeable


GOOD = {
    "attractiveness": np.zeros((3, 2)),
    "inconsistency": np.eye(2),
    "similarity": np.eye(2),
    "incentives": Incentives(1, 1, 1),
}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"attractiveness": np.zeros((3, 1)), "inconsistency": np.eye(1), "similarity": np.eye(1)}, "attractiveness"),
        ({"attractiveness": [[1.0, np.inf]] * 3}, "attractiveness[0, 1]"),
        ({"attractiveness": [[1.0, 2.0], [1.0]]}, "attractiveness"),
        ({"attractiveness": np.zeros(2)}, "accounts"),
        ({"inconsistency": [[1.0, 2.0], [1.0]]}, "inconsistency"),
        ({"inconsistency": 1.0}, "inconsistency"),
        ({"inconsistency": np.zeros((0, 2, 2))}, "inconsistency"),
        ({"inconsistency": -np.eye(2)}, "inconsistency"),
        ({"inconsistency": np.stack([np.eye(2), -np.eye(2), np.eye(2)])}, "inconsistency[1]"),
        ({"inconsistency": np.stack([np.eye(2)] * 2)}, "inconsistency"),
        ({"inconsistency": [[1.0, np.nan], [np.nan, 1.0]]}, "inconsistency[0, 1]"),
        ({"inconsistency": np.eye(3)}, "inconsistency"),
        ({"similarity": np.eye(3)}, "similarity"),
        ({"similarity": [[1.0, np.inf], [np.inf, 1.0]]}, "similarity[0, 1]"),
        ({"similarity": [[1.0, 0.5], [0.0, 1.0]]}, "similarity[0, 1] - similarity[1, 0]"),
        ({"incentives": np.full((2, 3), 1.0)}, "incentives"),
        ({"incentives": np.full((3, 2), 1.0)}, "incentives"),
        ({"incentives": [[1, 1, -1]] * 3}, "incentives[0, 2]"),
        ({"incentives": [[1, 1, np.inf]] * 3}, "incentives[0, 2]"),
        ({"incentives": [Incentives(1, 1, 1)] * 2}, "incentives"),
        ({"kinds": [0, 0, 1]}, "kinds[2]"),
        ({"kinds": [0, 0]}, "kinds"),
        ({"kinds": [[0], [0, 0]]}, "kinds"),
        ({"kinds": [0.0, 0.0, 0.0]}, "kinds"),
        ({"accounts": 4}, "attractiveness"),
        ({"accounts": 0, "attractiveness": np.zeros(2)}, "accounts"),
        ({"network": nx.cycle_graph(4)}, "network"),
        ({"network": nx.Graph([(0, 0)])}, "network"),
        ({"network": [[0, 1], [1, 0]]}, "network"),
        ({"crowding": "most"}, "crowding"),
        ({"groups": ("one",)}, "groups"),
        ({"groups": ("one", "one")}, "groups"),
    ],
)
def test_bad_games_name_the_field(changes, field):
    with pytest.raises(InputError) as caught:
        HeterogeneousGame(**GOOD | changes)
    assert caught.value.field == field


def test_bad_calls_name_the_field():
    game = HeterogeneousGame(**GOOD, network=Network.of(nx.cycle_graph(3)))
    uniform = np.full((3, 2), 0.5)
    for field, call in {
        "profile": lambda: game.payoffs(np.full((2, 2), 0.5)),
        "account": lambda: game.best_response(3, uniform),
        "floor": lambda: game.best_responses(uniform, 0.6),
    }.items():
        with pytest.raises(InputError) as caught:
            call()
        assert caught.value.field == field


def test_of_needs_a_network_of_the_same_size(random_game):
    game: AlignmentGame = random_game(0, accounts=4)
    with pytest.raises(InputError) as caught:
        HeterogeneousGame.of(game, nx.cycle_graph(5))
    assert caught.value.field == "network"
