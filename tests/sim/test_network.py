"""Who crowds whom."""

import networkx as nx
import numpy as np
import pytest

from sim.errors import InputError
from sim.network import Network
from sim.simplex import sample_uniform


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("directed", [False, True])
def test_neighbours_and_sums_are_those_of_the_adjacency_matrix(seed, directed):
    graph = nx.gnp_random_graph(12, 0.3, seed=seed, directed=directed)
    matrix = nx.to_numpy_array(graph, weight=None)
    network = Network.of(graph)
    assert network.accounts == 12
    assert np.array_equal(network.adjacency.toarray(), matrix)
    assert np.array_equal(network.degrees, matrix.sum(axis=1))
    profile = sample_uniform(np.random.default_rng(seed), 3, 12)
    assert np.allclose(network.sums(profile), matrix @ profile, atol=1e-14)
    for account in range(12):
        assert np.array_equal(network.neighbours(account), np.flatnonzero(matrix[account]))
    assert network.symmetric == np.array_equal(matrix, matrix.T)


def test_accounts_follow_the_order_of_the_nodes():
    graph = nx.Graph()
    graph.add_nodes_from(["c", "a", "b"])
    graph.add_edge("a", "b", weight=7.0)
    network = Network.of(graph)
    assert network.neighbours(0).size == 0
    assert network.neighbours(1).tolist() == [2]
    assert network.adjacency.toarray().max() == 1.0


def test_successors_crowd_in_a_directed_graph():
    network = Network.of(nx.DiGraph([(0, 1), (2, 1)]))
    assert [network.neighbours(m).tolist() for m in range(3)] == [[1], [], [1]]
    assert not network.symmetric


def test_graph_without_edges():
    network = Network.of(nx.empty_graph(3))
    assert network.degrees.tolist() == [0, 0, 0]
    assert np.array_equal(network.sums(np.ones((3, 2))), np.zeros((3, 2)))
    assert network.symmetric


def test_arrays_are_read_only_and_the_graph_is_not_changed():
    graph = nx.cycle_graph(4)
    network = Network.of(graph)
    with pytest.raises(ValueError, match="read-only"):
        network.indices[0] = 3
    assert sorted(graph.edges) == [(0, 1), (0, 3), (1, 2), (2, 3)]
    assert graph.edges[0, 1] == {}


@pytest.mark.parametrize(
    ("graph", "said"),
    [
        (nx.Graph(), "without nodes"),
        (nx.MultiGraph([(0, 1), (0, 1)]), "multigraph"),
        (nx.Graph([(0, 1), (1, 1)]), "loop at node 1"),
        (nx.DiGraph([(0, 0)]), "loop at node 0"),
        (np.eye(3), "networkx graph"),
        ("ring", "networkx graph"),
    ],
)
def test_bad_graphs_are_refused_with_the_reason(graph, said):
    with pytest.raises(InputError, match=said) as caught:
        Network.of(graph)
    assert caught.value.field == "network"
