"""Equilibria in which identical accounts differ: certified, counted, and appearing exactly where theory says."""

import networkx as nx
import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import (
    asymmetric_equilibria,
    exploitability,
    homogeneous_equilibrium,
    stability_number,
)
from sim.equilibrium.asymmetric import interchangeable, potential
from sim.equilibrium.supports import Terms
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame
from sim.simplex import sample_uniform


def plain(diversity, accounts=4):
    return AlignmentGame(
        attractiveness=np.array([0.1, 0.05, 0.0]),
        inconsistency=np.diag([1.0, 1.2, 0.9]),
        similarity=np.eye(3),
        incentives=Incentives(1.0, 1.0, diversity),
        accounts=accounts,
    )


def search(game, starts=6, seed=0, **settings):
    return asymmetric_equilibria(game, np.random.default_rng(seed), starts=starts, **settings)


GRAPHS = {
    "complete": nx.complete_graph(4),
    "cycle": nx.cycle_graph(6),
    "star": nx.star_graph(3),
    "bipartite": nx.complete_bipartite_graph(2, 3),
    "odd cycle": nx.cycle_graph(5),
}


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS.keys())
@pytest.mark.parametrize("share", [0.8, 1.2])
def test_asymmetric_ones_appear_exactly_at_the_stated_diversity(graph, share):
    # bD mu_max |nu_min| = 2 bI; on the complete graph |nu_min| = 1/(M-1).
    accounts = graph.number_of_nodes()
    basis = np.linalg.qr(np.c_[np.ones(3), np.eye(3)[:, :2]])[0][:, 1:]
    ratio = np.linalg.eigvals(np.linalg.solve(basis.T @ np.diag([1.0, 1.2, 0.9]) @ basis, np.eye(2))).real.max()
    degrees = np.array([graph.degree(n) for n in graph])
    least = np.linalg.eigvals(nx.to_numpy_array(graph) / degrees[:, None]).real.min()
    game = HeterogeneousGame.of(plain(share * 2 / (ratio * -least), accounts), graph)
    assert stability_number(game) == pytest.approx(share)
    found = search(game)
    assert found.unsettled == 0
    assert [each.homogeneous for each in found.equilibria] == ([True] if share < 1 else [False] * len(found.equilibria))
    assert all(each.stable for each in found.equilibria)
    assert all(each.exploitability <= 1e-12 for each in found.equilibria)
    assert sum(each.starts for each in found.equilibria) == 6


@pytest.mark.parametrize("seed", range(4))
def test_what_is_found_is_an_equilibrium_and_beats_the_homogeneous_potential(random_game, seed):
    game = random_game(seed, accounts=4, kappa=3.0)
    found = search(game, seed=seed)
    level = game.potential(np.tile(homogeneous_equilibrium(game).mixture, (4, 1)))
    heights = [each.potential for each in found.equilibria]
    assert heights == sorted(heights, reverse=True)
    for each in found.equilibria:
        assert exploitability(game, each.profile) <= 1e-12
        assert each.potential == game.potential(each.profile)
        if each.stable and not each.homogeneous:
            assert each.potential > level


def test_relabelled_accounts_count_once():
    game = plain(12.0)
    found = search(game, starts=12)
    profiles = np.stack([each.profile for each in found.equilibria])
    for order in ([1, 0, 2, 3], [3, 2, 1, 0]):
        again = search(game, starts=profiles[:, order])
        assert len(again.equilibria) == len(found.equilibria)
        assert all(each.starts == 1 for each in again.equilibria)
    both = search(game, starts=np.concatenate([profiles, profiles[:, [2, 3, 0, 1]]]))
    assert len(both.equilibria) == len(found.equilibria)


def test_the_homogeneous_saddle_is_found_from_itself_and_called_unstable():
    game = plain(12.0)
    saddle = np.tile(homogeneous_equilibrium(game).mixture, (1, 4, 1))
    found = search(game, starts=saddle)
    assert [(each.homogeneous, each.stable) for each in found.equilibria] == [(True, False)]


def test_exclusion_means_every_account():
    game = AlignmentGame(
        attractiveness=np.array([1.0, 0.9, -5.0]),
        inconsistency=0.1 * np.eye(3),
        similarity=np.eye(3),
        incentives=Incentives(1.0, 1.0, 3.0),
        accounts=4,
    )
    for each in search(game).equilibria:
        assert (each.profile.min(axis=0) == 0).all()
        assert each.excluded == (2,)


def test_interchangeable_accounts():
    star = HeterogeneousGame.of(plain(1.0, 5), nx.star_graph(4))
    assert interchangeable(star) == [[0], [1, 2, 3, 4]]
    assert interchangeable(HeterogeneousGame.of(plain(1.0, 3))) == [[0, 1, 2]]
    pair = HeterogeneousGame.of(plain(1.0, 4), nx.path_graph(4))
    assert interchangeable(pair) == [[0], [1], [2], [3]]


@pytest.mark.parametrize("graph", [None, nx.gnp_random_graph(5, 0.5, seed=3)])
@pytest.mark.parametrize("tilted", [False, True])
def test_weighted_potential_changes_with_unilateral_moves(graph, tilted):
    rng = np.random.default_rng(1)
    crowd, tilt = rng.normal(size=(3, 3)), rng.normal(size=3) * tilted
    game = HeterogeneousGame(
        attractiveness=rng.normal(size=(5, 3)),
        inconsistency=np.eye(3),
        similarity=crowd + crowd.T + tilt[:, None] - tilt[None, :],
        incentives=rng.uniform(0.5, 2, size=(5, 3)),
        network=graph,
        directed=True,
    )
    terms, profile = Terms.of(game), sample_uniform(rng, 3, 5)
    largest = game.crowding_weights.max()
    for account in range(5):
        moved = profile.copy()
        moved[account] = sample_uniform(rng, 3)
        rise = game.payoffs(moved)[account] - game.payoffs(profile)[account]
        price = game.crowding_weights[account]
        weight = largest / price if price > 0 else 1.0
        assert potential(terms, moved) - potential(terms, profile) == pytest.approx(weight * rise, abs=1e-11)


def test_same_generator_same_result():
    one, two = (search(plain(12.0), seed=5) for _ in range(2))
    assert all(np.array_equal(a.profile, b.profile) for a, b in zip(one.equilibria, two.equilibria, strict=True))


def test_games_without_a_potential_and_bad_settings_are_refused():
    skew = np.array([[0.0, 1.0, -1.0], [-1.0, 0.0, 1.0], [1.0, -1.0, 0.0]])
    game = AlignmentGame(
        attractiveness=np.zeros(3),
        inconsistency=np.eye(3),
        similarity=skew,
        incentives=Incentives(1, 1, 1),
        accounts=2,
        directed=True,
    )
    with pytest.raises(InputError, match="no potential"):
        search(game)
    with pytest.raises(InputError, match="no potential"):
        search(HeterogeneousGame.of(plain(1.0, 2), nx.DiGraph([(0, 1)])))
    for settings in ({"starts": 0}, {"starts": np.zeros((0, 4, 3))}, {"tolerance": 0.0}, {"threshold": -1.0}):
        with pytest.raises(InputError):
            search(plain(1.0), **settings)
