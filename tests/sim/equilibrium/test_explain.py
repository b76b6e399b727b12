"""The words say what the numbers say."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import (
    alpha_roots,
    coefficient_limits,
    every_homogeneous_equilibrium,
    explain,
    homogeneous_equilibrium,
    reentry,
    uniqueness,
)
from sim.heterogeneous_game import HeterogeneousGame

NAMES = ("news", "sport", "music")


def game_of(bA=1.0, bI=1.0, bD=0.5, *, accounts=10, crowd=None, directed=False):
    return AlignmentGame(
        attractiveness=np.array([0.5, 0.3, 0.2]),
        inconsistency=np.diag([0.3, 0.4, 0.5]),
        similarity=np.eye(3) if crowd is None else crowd,
        incentives=Incentives(bA, bI, bD),
        accounts=accounts,
        groups=NAMES,
        directed=directed,
    )


def test_interior_unique_and_stable_for_all_rules():
    game = game_of()
    said = explain(game)
    found = homogeneous_equilibrium(game)
    assert "10 identical accounts choose mixtures over 3 groups." in said
    assert all(f"{name} {weight:.3f}" in said for name, weight in zip(NAMES, found.mixture, strict=True))
    assert "is interior" in said
    assert "the only equilibrium of any kind" in said
    assert f"The stability number kappa_max = {found.stability:.4g} is below 1" in said
    assert "sequential best response return to it after a small push;" in said
    assert f"(M-1) kappa_max = {9 * found.stability:.4g} is below 1, so simultaneous best response does too" in said
    assert f"the nearest is {alpha_roots(game).diversity[0]:.4g}, the game has 0.5" in said
    assert "\n" not in said


def test_boundary_says_who_by_how_much_and_what_brings_it_back():
    game = game_of(bA=5.0)
    said = explain(game)
    found = homogeneous_equilibrium(game)
    gradient = 5 * game.attractiveness - game.consensus_matrix @ found.mixture
    (back,) = reentry(game)
    assert "No interior equilibrium exists" in said
    assert f"music earns {found.multiplier - gradient[2]:.4g} less" in said
    assert f"weight {found.relaxed[2]:.4g} if weights could be negative" in said
    assert f"music: bA below {back.attractiveness:.4g} (now 5), or bD above {back.diversity:.4g} (now 0.5)" in said
    assert "On the groups in use the stability number kappa_max" in said
    assert back.attractiveness == pytest.approx(coefficient_limits(game).interior_to)


def test_excluded_but_present():
    game = game_of(bA=2.8)
    found = homogeneous_equilibrium(game)
    assert found.interior
    assert found.mixture[2] < 0.05
    assert "Excluded, though present: music, below 0.05." in explain(game)


def test_simultaneous_best_response_alone_overshoots():
    said = explain(game_of(bD=1.0))
    radius = 9 * homogeneous_equilibrium(game_of(bD=1.0)).stability
    assert radius > 1
    assert (
        f"is not below 1, so simultaneous best response overshoots unless damped below {2 / (1 + radius):.4g}" in said
    )


def test_accounts_specialise_above_one():
    said = explain(game_of(bD=20.0))
    assert "The stability number kappa_max = " in said
    assert "is not below 1: gradient play, replicator and best response leave it and accounts specialise" in said
    assert "It need not be the only one" in said


def test_several_homogeneous_equilibria_are_counted():
    game = game_of(crowd=-3 * np.eye(3))
    every = every_homogeneous_equilibrium(game)
    said = explain(game)
    assert f"It has {len(every.equilibria)} homogeneous equilibria (no ties" in said
    assert f"index {every.equilibria[0].index:+d}" in said


def test_special_cases_have_words_of_their_own():
    turn = np.array([[0.0, 1.0, -1.0], [-1.0, 0.0, 1.0], [1.0, -1.0, 0.0]])
    assert "A single account is not crowded" in explain(game_of(accounts=1))
    assert "The stability number kappa_max is infinite" in explain(game_of(bI=0.0))
    assert "nearest to uniform of a continuum" in explain(game_of(bA=0.0, bI=0.0, bD=0.0))
    assert "S is asymmetric, so there is no potential" in explain(game_of(crowd=turn, directed=True))
    assert "Only one group is in use" in explain(game_of(bA=500.0))
    assert "group 2" in explain(replace(game_of(bA=5.0), groups=None))


@pytest.mark.parametrize("graph", [None, nx.cycle_graph(10)])
def test_networks_and_accounts_that_differ(graph):
    game = HeterogeneousGame.of(game_of(bD=0.9), graph)
    said = explain(game)
    least = -1 / 9 if graph is None else -1.0
    result = uniqueness(game)
    assert f"least eigenvalue of the normalised network is {least:.4g}" in said
    assert f"margin {result.margin:.4g}" in said
    assert ("It is the only equilibrium" in said) == result.unique
    own = explain(
        HeterogeneousGame(
            attractiveness=np.array([[9.0, 0.0, -9.0], [5.0, 8.0, -9.0]]),
            inconsistency=np.eye(3),
            similarity=np.eye(3),
            incentives=Incentives(1, 1, 1),
            groups=NAMES,
        )
    )
    assert "2 accounts, of 2 different terms" in own
    assert "No account uses music." in own


def test_disconnected_networks_say_so():
    graph = nx.disjoint_union(nx.cycle_graph(3), nx.empty_graph(1))
    said = explain(HeterogeneousGame.of(game_of(accounts=4), graph))
    assert "in 2 parts that are games of their own" in said
    assert "1 account(s) that nobody crowds" in said
