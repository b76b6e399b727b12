"""What any learning rule must satisfy, memory included, as checks that the test file of a rule calls."""

from types import SimpleNamespace

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.dynamics import ExactFeedback, State, simulate
from sim.simplex import sample_uniform


def start_of(game, seed=0):
    return sample_uniform(np.random.default_rng(seed), game.dimension, game.accounts)


def check_simplex_and_inputs(rule, game, rounds=20):
    state, rng = State(start_of(game)), np.random.default_rng(0)
    for played in range(rounds):
        kept = state.profile.copy(), None if state.memory is None else state.memory.copy()
        for array in (state.profile, state.memory):
            if array is not None:
                array.setflags(write=False)
        moved = rule.step(state, ExactFeedback(game, played), rng)
        assert np.array_equal(state.profile, kept[0])
        assert kept[1] is None or np.array_equal(state.memory, kept[1])
        assert not np.shares_memory(moved.profile, state.profile)
        assert moved.profile.min() >= 0
        assert np.abs(moved.profile.sum(axis=1) - 1).max() <= 1e-12
        assert moved.memory is None or moved.memory.shape[1:] == moved.profile.shape
        state = moved


def check_relabelling(rule, game, rounds=12):
    order = np.random.default_rng(1).permutation(game.dimension)
    other = changed(
        game,
        attractiveness=game.attractiveness[order],
        inconsistency=game.inconsistency[np.ix_(order, order)],
        similarity=game.similarity[np.ix_(order, order)],
    )
    start = start_of(game)
    assert np.allclose(path_of(other, rule, start[:, order], rounds), path_of(game, rule, start, rounds)[:, :, order])


def check_gauge(rule, game, rounds=12):
    other = changed(
        game,
        attractiveness=game.attractiveness + 0.7,
        inconsistency=game.inconsistency + 0.4,
        similarity=game.similarity - 1.3,
    )
    start = start_of(game)
    assert np.allclose(path_of(other, rule, start, rounds), path_of(game, rule, start, rounds), atol=1e-9)


def check_same_seed_same_bits(rule, game):
    start = start_of(game)
    assert np.array_equal(path_of(game, rule, start, 10), path_of(game, rule, start, 10))


def check_rest(rule, game, mixture, rounds=8, atol=1e-10):
    rest = np.tile(mixture, (game.accounts, 1))
    assert np.allclose(path_of(game, rule, rest, rounds), rest, atol=atol)


def path_of(game, rule, start, rounds):
    return simulate(game, rule, start, rounds, np.random.default_rng(5))


def changed(game, **values):
    fields = ("attractiveness", "inconsistency", "similarity", "incentives", "accounts", "crowding", "directed")
    return AlignmentGame(**{name: getattr(game, name) for name in fields} | values)


def circular_game(curvature, accounts=3, symmetric=0.0):
    """Three groups that each crowd the next; `symmetric` is added to S's diagonal."""
    skew = np.array([[0.0, 1.0, -1.0], [-1.0, 0.0, 1.0], [1.0, -1.0, 0.0]])
    return AlignmentGame(
        attractiveness=np.array([0.05, 0.0, 0.02]),
        inconsistency=np.eye(3),
        similarity=skew + symmetric * np.eye(3),
        incentives=Incentives(1.0, curvature, 1.0),
        accounts=accounts,
        directed=True,
    )


@pytest.fixture
def checks():
    """The checks by name, with `every` for all that need no equilibrium."""

    def every(rule, game):
        check_simplex_and_inputs(rule, game)
        check_relabelling(rule, game)
        check_gauge(rule, game)
        check_same_seed_same_bits(rule, game)

    return SimpleNamespace(
        every=every,
        rest=check_rest,
        gauge=check_gauge,
        relabelling=check_relabelling,
        start_of=start_of,
        path_of=path_of,
        changed=changed,
        circular_game=circular_game,
    )
