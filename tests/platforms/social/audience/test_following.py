"""Follow lists are those of the graph, whatever its kind, and move as readers decide."""

import networkx as nx
import numpy as np
import pytest
from networkx.algorithms import bipartite

from platforms.social.audience.following import NOBODY, Following
from sim.errors import InputError

MEMBERS, ACCOUNTS = ["ann", "bob", "cy"], ["news", "sport"]


def following(*edges, graph=nx.DiGraph, **more):
    return Following.of(graph(list(edges)), members=MEMBERS, accounts=ACCOUNTS, **more)


def test_edges_go_from_follower_to_followed():
    lists = following(("ann", "sport"), ("ann", "news"), ("bob", "ann"), ("ann", "cy"), ("bob", "cy"), capacity=2)
    assert lists.followed.tolist() == [[0, 1], [NOBODY, NOBODY], [NOBODY, NOBODY]]
    assert lists.contacts.tolist() == [[2, NOBODY], [0, 2], [NOBODY, NOBODY]]
    assert lists.followers.tolist() == [1, 1]


def test_contacts_of_an_undirected_graph_are_mutual():
    lists = following(("news", "bob"), ("ann", "cy"), graph=nx.Graph, capacity=1)
    assert lists.followed.tolist() == [[NOBODY], [0], [NOBODY]]
    assert lists.contacts.tolist() == [[2], [NOBODY], [0]]


def test_generators_and_edge_lists_of_networkx_are_read(tmp_path):
    graph = bipartite.random_graph(30, 8, 0.3, seed=1)
    graph.add_edges_from(nx.watts_strogatz_graph(30, 4, 0.1, seed=2).edges())
    lists = Following.of(graph, members=range(30), accounts=range(30, 38))
    path = tmp_path / "edges.txt"
    nx.write_edgelist(graph, path)
    names = [str(n) for n in range(38)]
    again = Following.of(nx.read_edgelist(path), members=names[:30], accounts=names[30:])
    assert np.array_equal(lists.followed, again.followed)
    assert np.array_equal(lists.contacts, again.contacts)
    for member in range(30):
        near = set(graph[member])
        assert set(lists.followed[member]) - {NOBODY} == {n - 30 for n in near if n >= 30}
        assert set(lists.contacts[member]) - {NOBODY} == {n for n in near if n < 30}


@pytest.mark.parametrize(
    ("edges", "says"),
    [
        ([("ann", "weather")], "node 'weather'"),
        ([("ann", "ann")], "member 'ann' follows itself"),
        ([("news", "ann")], "account 'news' follows"),
        ([("news", "sport")], "account 'news' follows"),
        ([("cy", "news"), ("cy", "sport")], "member 'cy' follows 2 accounts; raise capacity"),
    ],
)
def test_bad_edges_are_named(edges, says):
    with pytest.raises(InputError, match=says):
        following(*edges, capacity=1)


def test_names_used_twice_are_refused():
    with pytest.raises(InputError, match="'ann'"):
        Following.of(nx.DiGraph(), members=["ann"], accounts=["ann"])


def test_accounts_that_follow_each_other_in_an_undirected_graph_are_named():
    with pytest.raises(InputError, match="account 'news' follows"):
        following(("news", "sport"), graph=nx.Graph)


def test_random_lists_have_different_accounts():
    lists = Following.at_random(200, 30, 7, np.random.default_rng(0), capacity=9)
    rows = [set(row) - {NOBODY} for row in lists.followed]
    assert {len(row) for row in rows} == {7}
    assert lists.followers.sum() == 1400
    with pytest.raises(InputError, match="follows = 10"):
        Following.at_random(5, 30, 10, np.random.default_rng(0), capacity=9)


def test_readers_follow_and_leave_slot_by_slot():
    start = Following(followed=np.array([[0, 1], [2, NOBODY], [3, NOBODY]]), contacts=np.zeros((3, 0), int), accounts=5)
    account = np.array([[4, 4, 1], [2, 4, 4], [3, 3, 4]])
    follow = np.array([[True, False, False], [True, True, True], [False, False, True]])
    unfollow = np.array([[False, False, True], [False, False, False], [True, True, False]])
    after = start.after(np.arange(3), account, follow, unfollow)
    # A full list takes nobody; whom one follows already is not taken twice; a place left is free again.
    assert after.followed.tolist() == [[0, NOBODY], [2, 4], [4, NOBODY]]
    assert start.followed.tolist() == [[0, 1], [2, NOBODY], [3, NOBODY]]
    assert start.after(np.arange(3), account, follow & False, unfollow & False) is start
