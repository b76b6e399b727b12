"""The smallest change: certified, minimal against a brute-force grid, the same under what must not matter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.design import largest_threshold, smallest_change
from sim.design.nearest import size_of
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.estimation import GameDraws, GameTerms
from sim.maps import exclusion_map

COEFFICIENTS = ("attractiveness", "inconsistency", "diversity")
LEVERS = (None, *COEFFICIENTS)
Maker = Callable[..., AlignmentGame]


def draws_of(*games: AlignmentGame) -> GameDraws:
    return GameDraws.of([GameTerms(g.attractiveness, g.inconsistency, g.similarity) for g in games])


def least(game: AlignmentGame, incentives: Incentives) -> float:
    return float(homogeneous_equilibrium(game.with_incentives(**asdict(incentives))).mixture.min())


@pytest.fixture
def excluding(random_game: Maker) -> list[AlignmentGame]:
    """Games of three to six groups, one of which is below 0.05 at the present incentives."""
    games = [random_game(seed, dimension=3 + seed % 4) for seed in range(80)]
    found = [game for game in games if least(game, game.incentives) < 0.05]
    assert len(found) >= 8
    return found[:8]


@pytest.mark.parametrize("lever", LEVERS)
def test_every_group_has_the_threshold_and_only_the_lever_moved(excluding: list[AlignmentGame], lever: str) -> None:
    reached = 0
    for game in excluding:
        found = smallest_change(draws_of(game), game.incentives, coefficient=lever)
        if found is None:
            continue
        reached += 1
        assert least(game, found.incentives) >= 0.05
        assert found.share == 1
        assert set(found.changed) <= ({lever} if lever else set(COEFFICIENTS))
        assert found.size == pytest.approx(size_of(found.incentives, game.incentives))
    assert reached >= 2


@pytest.mark.parametrize("lever", COEFFICIENTS)
def test_a_little_less_is_not_enough(excluding: list[AlignmentGame], lever: str) -> None:
    for game in excluding:
        found = smallest_change(draws_of(game), game.incentives, coefficient=lever)
        if found is None:
            continue
        old, new = (getattr(each, lever) for each in (game.incentives, found.incentives))
        nearer = {lever: new * (old / new) ** 0.05}
        change = asdict(found.incentives) | nearer
        assert abs(np.log(new / old)) < 0.2 or least(game, Incentives(**change)) < 0.05


def test_together_is_as_small_as_a_brute_force_grid(excluding: list[AlignmentGame]) -> None:
    """On the plane of bA and bD (bI held) every ratio occurs; the grid's best may be larger by its step only."""
    axis = np.logspace(-2, 2, 201)
    for game in excluding:
        present = game.incentives
        found = smallest_change(draws_of(game), present)
        grid = {
            "attractiveness": axis * present.attractiveness,
            "inconsistency": present.inconsistency,
            "diversity": axis * present.diversity,
        }
        solved = exclusion_map(
            attractiveness=game.attractiveness,
            inconsistency=game.inconsistency,
            similarity=game.similarity,
            grid=grid,
        )
        safe = solved.mixtures.min(axis=2) >= 0.05
        pull, crowd = np.meshgrid(np.log(axis), np.log(axis), indexing="ij")
        sizes = np.sqrt(2 / 3 * (pull**2 + crowd**2 - pull * crowd))
        if not safe.any():
            assert found is None or found.size > np.log(100) * 0.7
            continue
        best = sizes[safe].min()
        assert found is not None
        assert found.size <= best * 1.005 + 1e-3
        assert found.size >= best - 2 * (np.log(axis[1]) - np.log(axis[0]))


@pytest.mark.parametrize("lever", COEFFICIENTS)
def test_together_is_no_larger_than_alone(excluding: list[AlignmentGame], lever: str) -> None:
    for game in excluding:
        alone = smallest_change(draws_of(game), game.incentives, coefficient=lever)
        if alone is not None:
            together = smallest_change(draws_of(game), game.incentives)
            assert together is not None
            assert together.size <= alone.size * 1.001 + 5e-3  # of rounding to three digits


@pytest.mark.parametrize("lever", LEVERS)
def test_a_higher_threshold_costs_more(excluding: list[AlignmentGame], lever: str) -> None:
    for game in excluding:
        sizes = []
        for threshold in (0.02, 0.06, 0.12):
            found = smallest_change(draws_of(game), game.incentives, coefficient=lever, threshold=threshold, digits=8)
            sizes.append(np.inf if found is None else found.size)
        assert (np.array(sizes[1:]) >= np.array(sizes[:-1]) - 1e-6).all()


@pytest.mark.parametrize("lever", LEVERS)
def test_nothing_changes_where_all_is_well(lever: str) -> None:
    terms = GameTerms(np.array([0.4, 0.3, 0.3]), np.eye(3), np.eye(3))
    present = Incentives(1.0, 1.0, 0.0)
    found = smallest_change(GameDraws.of([terms]), present, coefficient=lever)
    assert found is not None
    assert (found.incentives, found.changed, found.size) == (present, (), 0.0)


@pytest.mark.parametrize("lever", LEVERS)
def test_scale_of_the_incentives_does_not_matter(excluding: list[AlignmentGame], lever: str) -> None:
    for game in excluding[:4]:
        doubled = Incentives(*(2 * value for value in asdict(game.incentives).values()))
        first, second = (
            smallest_change(draws_of(game), each, coefficient=lever, digits=9) for each in (game.incentives, doubled)
        )
        assert (first is None) == (second is None)
        if first is not None and second is not None:
            assert first.size == pytest.approx(second.size, abs=1e-6)
            np.testing.assert_allclose(first.mixtures, second.mixtures, atol=1e-5)


def test_where_no_change_suffices_it_says_so_and_how_far_one_gets() -> None:
    """The second group costs more than it can ever bring: C and S both turn the uniform mixture away from it."""
    turned = np.array([[0.1, 0.3, 0.0], [0.3, 1.0, 0.0], [0.0, 0.0, 0.1]])
    terms = GameTerms(np.array([0.6, 0.1, 0.3]), turned, turned)
    draws, present = GameDraws.of([terms]), Incentives(1.0, 1.0, 1.0)
    for lever in LEVERS:
        reach = largest_threshold(draws, present, coefficient=lever)
        assert smallest_change(draws, present, coefficient=lever) is None
        assert reach < 0.05
    axis = np.logspace(-4, 4, 81)
    solved = exclusion_map(
        attractiveness=terms.attractiveness,
        inconsistency=terms.inconsistency,
        similarity=terms.similarity,
        grid={"attractiveness": axis, "inconsistency": 1.0, "diversity": axis},
    )
    assert solved.mixtures.min(axis=2).max() < 0.05


def test_largest_threshold_is_what_a_change_can_just_reach(excluding: list[AlignmentGame]) -> None:
    for game in excluding[:5]:
        for lever in COEFFICIENTS:
            most = largest_threshold(draws_of(game), game.incentives, coefficient=lever)
            more = min(most * 1.01 + 1e-5, 0.999 / game.dimension)
            if more > most:
                assert smallest_change(draws_of(game), game.incentives, coefficient=lever, threshold=more) is None
            if most > 1e-3:
                less = smallest_change(draws_of(game), game.incentives, coefficient=lever, threshold=most * 0.99)
                assert less is not None


def test_a_coefficient_at_zero_is_raised_alone_or_stays() -> None:
    terms = GameTerms(np.array([0.5, 0.3, 0.2]), np.diag([0.3, 0.3, 0.6]), np.eye(3))
    draws, present = GameDraws.of([terms]), Incentives(5.0, 1.0, 0.0)
    raised = smallest_change(draws, present, coefficient="diversity")
    together = smallest_change(draws, present)
    assert raised is not None
    assert together is not None
    assert raised.incentives.diversity > 0
    assert np.isinf(raised.size)
    assert together.incentives.diversity == 0
    # One ratio is left: the same point as by attractiveness alone, up to a common factor.
    alone = smallest_change(draws, present, coefficient="attractiveness", digits=9)
    assert alone is not None
    ratio = together.incentives.attractiveness / together.incentives.inconsistency
    assert ratio == pytest.approx(alone.incentives.attractiveness, rel=0.01)


@pytest.mark.parametrize("lever", LEVERS)
def test_asked_for_in_most_draws_it_holds_in_most_draws(lever: str) -> None:
    rng = np.random.default_rng(3)
    many = [
        GameTerms(np.array([0.5, 0.3, 0.2]) + 0.03 * rng.normal(size=3), np.diag(rng.uniform(0.2, 0.6, 3)), np.eye(3))
        for _ in range(40)
    ]
    draws, present = GameDraws.of(many), Incentives(6.0, 1.0, 0.5)
    sizes = []
    for share in (0.5, 0.9, 1.0):
        found = smallest_change(draws, present, coefficient=lever, share=share)
        assert found is not None
        held = [
            homogeneous_equilibrium(
                AlignmentGame(
                    attractiveness=one.attractiveness,
                    inconsistency=one.inconsistency,
                    similarity=one.similarity,
                    incentives=found.incentives,
                    accounts=4,
                )
            ).mixture.min()
            >= 0.05
            for one in many
        ]
        assert np.mean(held) == found.share >= share
        sizes.append(found.size)
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_bad_share_is_refused() -> None:
    terms = GameTerms(np.array([0.6, 0.4]), np.eye(2), np.eye(2))
    with pytest.raises(InputError, match="share"):
        smallest_change(GameDraws.of([terms]), Incentives(1, 1, 1), share=1.5)
