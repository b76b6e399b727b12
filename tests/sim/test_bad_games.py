"""Odd and bad games: sim.equilibrium gives a clear error or a documented meaning, never NaN."""

from dataclasses import fields, is_dataclass

import networkx as nx
import numpy as np
import pytest

from sim import equilibrium
from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import (
    NotSettledError,
    alpha_roots,
    asymmetric_equilibria,
    coefficient_limits,
    comparative_statics,
    continuum_member,
    crowding_modes,
    distance_bound,
    diversity_for_weight,
    every_homogeneous_equilibrium,
    explain,
    exploitability,
    heterogeneous_equilibrium,
    homogeneous_equilibrium,
    reentry,
    stability_number,
    stability_verdicts,
    unilateral_gains,
    uniqueness,
)
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame

TURN = np.array([[0.0, 1.0, -1.0], [-1.0, 0.0, 1.0], [1.0, -1.0, 0.0]])
FLAT = np.outer([1.0, -1.0, 0.0], [1.0, -1.0, 0.0])


def game_of(prices=(1, 1, 1), *, own=None, crowd=None, accounts=3, directed=False, pull=(0.3, 0.1, 0.0)):
    return AlignmentGame(
        attractiveness=np.array(pull),
        inconsistency=np.eye(3) if own is None else own,
        similarity=np.eye(3) if crowd is None else crowd,
        incentives=Incentives(*prices),
        accounts=accounts,
        directed=directed,
        groups=("left", "middle", "right"),
    )


def on(graph, game=None):
    alike = game_of(accounts=graph.number_of_nodes()) if game is None else game
    return HeterogeneousGame.of(alike, graph)


LONELY = nx.empty_graph(4)
LONELY.add_edge(0, 1)
GAMES = {
    "plain": game_of(),
    "no incentives at all": game_of((0, 0, 0)),
    "bA = 0": game_of((0, 1, 1)),
    "bI = 0": game_of((1, 0, 1)),
    "bD = 0": game_of((1, 1, 0)),
    "attractiveness alone": game_of((1, 0, 0)),
    "diversity alone": game_of((0, 0, 1)),
    "one account": game_of(accounts=1),
    "one account, no own cost": game_of((1, 0, 1), accounts=1),
    "S indefinite": game_of(crowd=np.diag([3.0, -4.0, 1.0])),
    "S negative definite": game_of(crowd=-9 * np.eye(3)),
    "S constant": game_of(crowd=np.ones((3, 3))),
    "S zero": game_of(crowd=np.zeros((3, 3))),
    "C zero": game_of(own=np.zeros((3, 3))),
    "C singular": game_of(own=FLAT),
    "C and S blind to one direction": game_of(own=FLAT, crowd=FLAT),
    "C constant": game_of(own=7 * np.ones((3, 3))),
    "S skew": game_of(crowd=TURN, directed=True),
    "S skew, no own cost": game_of((1, 0, 1), crowd=TURN, directed=True),
    "S a constant pull": game_of(crowd=np.add.outer(np.arange(3.0), np.zeros(3)), directed=True),
    "tied": game_of(pull=(0.0, 0.0, 0.0)),
    "tied at the boundary": game_of((1, 1, 0), own=np.eye(3), pull=(2.0, 0.0, 0.0)),
    "huge": game_of((1e9, 1e6, 1e8)),
    "tiny": game_of((1e-12, 1e-11, 1e-12)),
    "large gauge": game_of(own=np.eye(3) + 1e6, crowd=np.eye(3) - 1e6),
    "kappa = 1": game_of((0.1, 1, 4)),
}
NETWORKS = {
    "everyone": HeterogeneousGame.of(game_of()),
    "one account": HeterogeneousGame.of(game_of(accounts=1)),
    "no incentives": HeterogeneousGame.of(game_of((0, 0, 0))),
    "bI = 0": HeterogeneousGame.of(game_of((1, 0, 1))),
    "no edges": on(nx.empty_graph(3)),
    "isolated accounts": on(LONELY),
    "disconnected": on(nx.disjoint_union(nx.cycle_graph(3), nx.path_graph(2))),
    "directed": on(nx.DiGraph([(0, 1), (1, 2), (2, 0)])),
    "directed, skew": on(nx.DiGraph([(0, 1), (1, 2), (2, 0)]), game_of(crowd=TURN, directed=True)),
    "C singular on a ring": on(nx.cycle_graph(4), game_of(own=FLAT, accounts=4)),
    "one account without diversity": HeterogeneousGame(
        attractiveness=np.eye(3),
        inconsistency=np.eye(3),
        similarity=np.eye(3),
        incentives=[Incentives(1, 1, 0), Incentives(1, 1, 1), Incentives(0, 1, 1)],
    ),
    "attracted, no own cost": HeterogeneousGame.of(game_of((1, 0, 1), crowd=-np.eye(3))),
}


def uniform(game):
    return np.full((game.accounts, game.dimension), 1 / game.dimension)


def few(game):
    return asymmetric_equilibria(game, np.random.default_rng(0), starts=3, sweeps=60)


OF_ANY = {
    "asymmetric_equilibria": few,
    "crowding_modes": crowding_modes,
    "explain": explain,
    "exploitability": lambda game: exploitability(game, uniform(game)),
    "heterogeneous_equilibrium": lambda game: heterogeneous_equilibrium(game, sweeps=60),
    "stability_number": stability_number,
    "stability_verdicts": stability_verdicts,
    "unilateral_gains": lambda game: unilateral_gains(game, uniform(game)),
    "uniqueness": uniqueness,
}
OF_IDENTICAL = {
    "alpha_roots": alpha_roots,
    "coefficient_limits": coefficient_limits,
    "comparative_statics": comparative_statics,
    "continuum_member": continuum_member,
    "distance_bound": lambda game: distance_bound(game, uniform(game)),
    "diversity_for_weight": lambda game: diversity_for_weight(game, 0.1),
    "every_homogeneous_equilibrium": every_homogeneous_equilibrium,
    "homogeneous_equilibrium": homogeneous_equilibrium,
    "reentry": reentry,
}
MAY_BE_INFINITE = {"stability_number", "distance_bound", "stability", "interior_to"}


def numbers(value, name):
    """Every number in a result, with the name of the field that holds it."""
    if is_dataclass(value):
        for each in fields(value):
            yield from numbers(getattr(value, each.name), each.name)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from numbers(each, name)
    elif isinstance(value, np.ndarray):
        yield from ((number, name) for number in value.ravel())
    elif isinstance(value, float | complex | np.number):
        yield value, name
    elif isinstance(value, str):
        assert "nan" not in value.replace("finance", "")
        assert value


def check(function, name, game):
    caught, result = None, None
    try:
        result = function(game)
    except (InputError, NotSettledError) as error:
        caught = error
    if isinstance(caught, InputError):
        assert caught.field
        assert len(caught.remedy) > 10
        assert "nan" not in str(caught)
    elif caught is not None:
        assert np.isfinite(caught.profile).all()
    for number, field in numbers(result, name):
        assert not np.isnan(number), field
        assert np.isfinite(number) or field in MAY_BE_INFINITE, field


def test_every_public_function_is_tried():
    functions = {name for name in equilibrium.__all__ if name[0].islower()}
    assert functions == set(OF_ANY) | set(OF_IDENTICAL)


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES.keys())
@pytest.mark.parametrize("name", [*OF_ANY, *OF_IDENTICAL])
def test_identical_accounts(name, game):
    check((OF_ANY | OF_IDENTICAL)[name], name, game)


@pytest.mark.parametrize("game", NETWORKS.values(), ids=NETWORKS.keys())
@pytest.mark.parametrize("name", OF_ANY)
def test_networks(name, game):
    check(OF_ANY[name], name, game)


@pytest.mark.parametrize("name", [*OF_ANY, *OF_IDENTICAL])
@pytest.mark.parametrize("thing", [None, 3.0, "game"])
def test_what_is_no_game_is_refused(name, thing):
    function = (OF_ANY | OF_IDENTICAL)[name]
    if name in {"exploitability", "unilateral_gains", "distance_bound"}:
        return  # any class with the methods of a game is one
    with pytest.raises(InputError) as caught:
        function(thing)
    assert caught.value.field == "game"


@pytest.mark.parametrize("name", OF_IDENTICAL)
def test_accounts_that_may_differ_are_refused_where_only_identical_ones_make_sense(name):
    with pytest.raises(InputError) as caught:
        OF_IDENTICAL[name](NETWORKS["everyone"])
    assert caught.value.field == "game"


@pytest.mark.parametrize(
    ("name", "field"),
    [("exploitability", "profile[0, 1]"), ("unilateral_gains", "profile[0, 1]"), ("distance_bound", "profile[0, 1]")],
)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_profiles_that_are_not_finite_are_refused(name, field, bad):
    profile = np.full((3, 3), 1 / 3)
    profile[0, 1] = bad
    with pytest.raises(InputError) as caught:
        getattr(equilibrium, name)(game_of(), profile)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"own": -np.eye(3)}, "inconsistency"),
        ({"own": np.diag([1.0, np.inf, 1.0])}, "inconsistency[1, 1]"),
        ({"own": np.array([[1.0, 2.0, 0], [0, 1, 0], [0, 0, 1]])}, "inconsistency[0, 1] - inconsistency[1, 0]"),
        ({"own": np.eye(4)}, "inconsistency"),
        ({"crowd": TURN}, "similarity[0, 1] - similarity[1, 0]"),
        ({"crowd": np.full((3, 3), np.nan)}, "similarity[0, 0]"),
        ({"pull": (1.0, np.inf, 0.0)}, "attractiveness[1]"),
        ({"pull": (1.0,)}, "attractiveness"),
        ({"prices": (np.inf, 1, 1)}, "incentives.attractiveness"),
        ({"prices": (1, -1, 1)}, "incentives.inconsistency"),
        ({"accounts": 0}, "accounts"),
    ],
)
def test_games_that_cannot_be_made_name_the_field(changes, field):
    with pytest.raises(InputError) as caught:
        game_of(**changes)
    assert caught.value.field == field


def test_documented_meanings():
    nothing = homogeneous_equilibrium(GAMES["no incentives at all"])
    assert not nothing.regular
    assert np.allclose(nothing.mixture, 1 / 3)
    assert nothing.exploitability == 0
    assert stability_number(GAMES["bI = 0"]) == np.inf
    assert stability_number(GAMES["one account"]) == 0
    assert (crowding_modes(GAMES["bD = 0"]) == 0).all()
    assert uniqueness(GAMES["one account"]).unique
    assert uniqueness(NETWORKS["no edges"]).unique
    assert alpha_roots(GAMES["C and S blind to one direction"]).everywhere
    assert distance_bound(GAMES["bI = 0"], np.full((3, 3), 1 / 3)) == np.inf
    assert not every_homogeneous_equilibrium(GAMES["no incentives at all"]).generic
    assert heterogeneous_equilibrium(NETWORKS["isolated accounts"]).uniqueness.unique
