"""Uniqueness: the condition agrees with the definition, on the complete graph and on networks."""

import networkx as nx
import numpy as np
import pytest
from scipy.linalg import block_diag
from scipy.sparse import csr_array

from sim.alignment_game import Incentives
from sim.equilibrium import heterogeneous_equilibrium, uniqueness
from sim.equilibrium.uniqueness import _lanczos, _per_account
from sim.heterogeneous_game import HeterogeneousGame
from sim.simplex import sample_uniform, tangent_basis


def random_heterogeneous(seed, *, network=None, accounts=6, dimension=3, directed=False, crowd=1.0, flat=False):
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(2, dimension, dimension)) / np.sqrt(dimension)
    similarity = rng.normal(size=(dimension, dimension))
    similarity = similarity if directed else similarity @ similarity.T / dimension
    incentives = 10 ** rng.uniform(-0.3, 0.3, size=(accounts, 3)) * [1, 1, crowd]
    if flat:
        incentives[0, 2] = 0.0
    return HeterogeneousGame(
        attractiveness=rng.normal(size=(accounts, dimension)),
        inconsistency=factor @ np.swapaxes(factor, 1, 2) + 0.3 * np.eye(dimension),
        kinds=rng.integers(0, 2, size=accounts),
        similarity=similarity,
        incentives=incentives,
        network=network,
        directed=directed,
    )


def rosen_matrix(game):
    """Symmetrised Jacobian with weights max(b)/b_m on the product of tangent spaces, block by block."""
    weights = game.crowding_weights
    keep = np.flatnonzero(weights > 0)
    basis = tangent_basis(game.dimension)
    arcs = np.ones((game.accounts,) * 2) - np.eye(game.accounts)
    if game.network is not None:
        arcs = game.network.adjacency.toarray()
    jacobian = np.block(
        [
            [
                basis.T
                @ (game.curvature(int(m)) / weights[m] if m == n else arcs[m, n] * game.similarity)
                @ basis
                * weights.max()
                for n in keep
            ]
            for m in keep
        ]
    )
    return (jacobian + jacobian.T) / 2


@pytest.mark.parametrize("graph", [None, nx.cycle_graph(6), nx.gnp_random_graph(6, 0.6, seed=2, directed=True)])
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_margin_is_the_least_eigenvalue_of_rosens_matrix(graph, directed, seed):
    game = random_heterogeneous(seed, network=graph, directed=directed, crowd=(0.2, 3.0)[seed % 2], flat=seed == 3)
    least = np.linalg.eigvalsh(rosen_matrix(game))[0]
    found = uniqueness(game)
    assert found.unique == (least > 0)
    assert found.exact
    alone = [np.linalg.eigvalsh(tangent_basis(3).T @ game.curvature(m) @ tangent_basis(3))[0] for m in range(6)]
    lonely = [value for value, b in zip(alone, game.crowding_weights, strict=True) if b == 0]
    assert found.margin == pytest.approx(min([least, *lonely]), rel=1e-7, abs=1e-8)


def test_unique_means_that_every_start_ends_in_one_place():
    checked = 0
    for seed in range(24):
        game = random_heterogeneous(seed, crowd=(0.5, 4.0)[seed % 2])
        if not uniqueness(game).unique:
            continue
        rng = np.random.default_rng(seed)
        ends = [heterogeneous_equilibrium(game, start=sample_uniform(rng, 3, 6)).profile for _ in range(3)]
        assert np.ptp(ends, axis=0).max() <= 1e-6
        checked += 1
    assert checked >= 8


@pytest.mark.parametrize("kappa", [0.9, 1.1])
@pytest.mark.parametrize("seed", range(10))
def test_identical_accounts_a_and_b_decide_either_way(random_game, seed, kappa):
    game = random_game(seed, kappa=kappa)
    alike = HeterogeneousGame.of(game)
    assert uniqueness(game).unique == uniqueness(alike).unique == (kappa < 1)
    assert uniqueness(game).margin == pytest.approx(uniqueness(alike).margin, rel=1e-6)


def test_large_games_are_decided_exactly_on_the_complete_graph_and_bounded_on_networks():
    crowd = uniqueness(random_heterogeneous(1, accounts=3000))
    assert crowd.unique
    assert crowd.exact
    network = nx.random_regular_graph(4, 1200, seed=1)
    proved = uniqueness(random_heterogeneous(1, accounts=1200, network=network, crowd=0.05))
    assert proved.unique
    assert not proved.exact
    assert "per account" in proved.condition
    refuted = uniqueness(random_heterogeneous(1, accounts=1200, network=network, crowd=30.0))
    assert not refuted.unique
    assert refuted.exact
    assert "Lanczos" in refuted.condition


@pytest.mark.parametrize("seed", range(30))
def test_the_per_account_bound_and_lanczos_enclose_the_least_eigenvalue(seed):
    rng = np.random.default_rng(seed)
    factor, crowd = rng.normal(size=(9, 3, 3)), rng.normal(size=(3, 3))
    blocks = factor @ np.swapaxes(factor, 1, 2)
    crowd = crowd if seed % 2 else crowd + crowd.T
    arcs = csr_array((rng.random((9, 9)) < 0.4) * (1.0 - np.eye(9)))
    whole = np.kron(arcs.toarray(), crowd)
    whole = (whole + whole.T) / 2 + block_diag(*blocks)
    least = np.linalg.eigvalsh(whole)[0]
    assert _per_account(blocks, arcs, crowd) <= least + 1e-10
    assert _lanczos(blocks, arcs, crowd) == pytest.approx(least, abs=1e-6)


def test_an_account_that_nobody_crowds_needs_own_curvature():
    lonely = nx.empty_graph(3)
    lonely.add_edge(0, 1)
    game = HeterogeneousGame(
        attractiveness=np.zeros(2),
        inconsistency=np.eye(2),
        similarity=np.eye(2),
        incentives=[Incentives(1, 1, 1), Incentives(1, 1, 1), Incentives(1, 0, 1)],
        network=lonely,
    )
    found = uniqueness(game)
    assert not found.unique
    assert "account 2" in found.condition
