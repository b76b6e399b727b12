"""Stress tests: tolerances against brute force, a group that enters against the whole estimated anew."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.design import smallest_change
from sim.design.stress import entry, joint_tolerance, tolerance, with_group, without_group
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.estimation import GameDraws, GameEstimator, GameTerms
from sim.estimation.opinion_table import OpinionTable

Maker = Callable[..., AlignmentGame]
NAMES = ("attractiveness", "inconsistency", "diversity")


def least(terms: GameTerms, values: np.ndarray) -> float:
    game = AlignmentGame(**terms._asdict(), incentives=Incentives(*values), accounts=3)
    return float(homogeneous_equilibrium(game).mixture.min())


def levers(random_game: Maker) -> list[tuple[GameTerms, Incentives]]:
    """Games with incentives that hold with some room."""
    found = []
    for seed in range(60):
        game = random_game(seed, dimension=3)
        terms = GameTerms(game.attractiveness, game.inconsistency, game.similarity)
        change = smallest_change(GameDraws.of([terms]), game.incentives, threshold=0.1)
        if change is not None:
            found.append((terms, change.incentives))
        if len(found) == 6:
            break
    return found


@pytest.mark.parametrize("name", NAMES)
def test_one_coefficient_off_holds_within_and_fails_beyond(random_game: Maker, name: str) -> None:
    ends = 0
    for terms, lever in levers(random_game):
        low, high = tolerance(terms, lever, name)
        values = np.array([getattr(lever, each) for each in NAMES])
        place = NAMES.index(name)

        def at(factor: float, values=values, place=place, terms=terms) -> float:
            return least(terms, np.where(np.arange(3) == place, factor * values, values))

        for factor in np.geomspace(max(low, 1e-3), min(high, 1e3), 7)[1:-1]:
            assert at(factor) >= 0.05 - 1e-9
        for end, beyond in ((low, 0.999), (high, 1.001)):
            if 0 < end < np.inf:
                ends += 1
                assert at(end) == pytest.approx(0.05, abs=1e-6)
                assert at(end * beyond) < 0.05
    assert ends >= 2


def test_all_coefficients_off_against_brute_force(random_game: Maker) -> None:
    rng = np.random.default_rng(0)
    for terms, lever in levers(random_game)[:3]:
        factor = joint_tolerance(terms, lever)
        values = np.array([getattr(lever, each) for each in NAMES])
        inside = np.log(factor) * 0.999 * rng.uniform(-1, 1, size=(60, 3))
        assert min(least(terms, values * np.exp(move)) for move in inside) >= 0.05 - 1e-9
        corners = [np.log(factor) * 1.02 * np.array(signs) for signs in product((-1, 1), repeat=3)]
        edges = [
            c * np.where(np.arange(3) == k, t, 1) for c in corners for k in range(3) for t in np.linspace(-1, 1, 9)
        ]
        assert min(least(terms, values * np.exp(move)) for move in edges) < 0.05


def test_the_smallest_change_bears_almost_no_error(random_game: Maker) -> None:
    """It stands on the border: that is what smallest means."""
    for terms, lever in levers(random_game)[:4]:
        change = smallest_change(GameDraws.of([terms]), Incentives(8 * lever.attractiveness, 1.0, 0.1), digits=9)
        if change is not None and change.changed:
            assert joint_tolerance(terms, change.incentives) < 1.001


def test_a_lever_that_does_not_hold_has_no_tolerance() -> None:
    terms = GameTerms(np.array([0.5, 0.3, 0.2]), np.diag([0.3, 0.3, 0.6]), np.eye(3))
    with pytest.raises(InputError, match="already"):
        tolerance(terms, Incentives(5.0, 1.0, 1.0), "attractiveness")
    with pytest.raises(InputError, match="zero"):
        tolerance(terms, Incentives(1.0, 1.0, 0.0), "diversity")
    assert joint_tolerance(terms, Incentives(5.0, 1.0, 1.0)) == 1.0


@pytest.fixture
def table() -> OpinionTable:
    rng = np.random.default_rng(5)
    return OpinionTable(
        groups=("left", "middle", "right", "none"),
        shares=np.array([0.4, 0.25, 0.3, 0.05]),
        questions=("q1", "q2", "q3"),
        probabilities=tuple(rng.dirichlet(np.ones(3), 4) for _ in range(3)),
        sizes=np.full((4, 3), 100.0),
    )


def test_a_group_taken_out_and_put_back_is_the_same_table(table: OpinionTable) -> None:
    small = without_group(table, "none")
    assert small.groups == ("left", "middle", "right")
    np.testing.assert_allclose(small.shares, np.array([0.4, 0.25, 0.3]) / 0.95)
    back = with_group(small, "none", [each[3] for each in table.probabilities], 0.05, size=100.0)
    np.testing.assert_allclose(back.shares, table.shares)
    for one, other in zip(back.probabilities, table.probabilities, strict=True):
        np.testing.assert_allclose(one, other)
    estimator = GameEstimator()
    for one, other in zip(estimator(back), estimator(table), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)


def test_a_lever_chosen_without_the_small_group_leaves_it_out(table: OpinionTable) -> None:
    estimator, lever = GameEstimator(), Incentives(1.0, 1.0, 0.0)
    found = entry(estimator(without_group(table, "none")), estimator(table), 3, lever)
    assert found.before.min() >= 0.05
    assert found.after[3] < 0.05
    assert not found.holds
    held = entry(estimator(without_group(table, "none")), estimator(table), 3, Incentives(0.1, 1.0, 1.0))
    assert held.holds
    one = AlignmentGame(**estimator(table)._asdict(), incentives=lever, accounts=2)
    np.testing.assert_allclose(found.after, homogeneous_equilibrium(one).mixture, atol=1e-12)


def test_bad_newcomers_are_named(table: OpinionTable) -> None:
    answers = [np.full(3, 1 / 3)] * 3
    terms = GameEstimator()(table)
    for call, field in (
        (lambda: with_group(table, "new", answers, 1.0, size=9.0), "share"),
        (lambda: with_group(table, "new", answers, 0.1), "size"),
        (lambda: with_group(table, "new", answers[:2], 0.1, size=9.0), "answers"),
        (lambda: with_group(table, "new", [[0.5, 0.5], *answers[1:]], 0.1, size=9.0), r"answers\[0\]"),
        (lambda: with_group(table, "left", answers, 0.1, size=9.0), "groups"),
        (lambda: without_group(table, "nobody"), "group"),
        (lambda: entry(terms, terms, 0, Incentives(1, 1, 1)), "before"),
    ):
        with pytest.raises(InputError, match=field):
            call()
