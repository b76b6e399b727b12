"""The front: against a closed form, against every point of a map, against the optimiser; dominance by brute force."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame
from sim.design.pareto import (
    effective_numbers,
    engagement_front,
    knee,
    least_weights,
    most_engaging,
    non_dominated,
    swept_front,
)
from sim.errors import InputError
from sim.estimation import GameTerms

Maker = Callable[..., AlignmentGame]
AXIS = np.logspace(-3, 3, 121)


def terms_of(game: AlignmentGame) -> GameTerms:
    return GameTerms(game.attractiveness, game.inconsistency, game.similarity)


def test_of_two_groups_the_front_is_a_straight_line() -> None:
    """w = (1 - t, t): engagement a_1 - t (a_1 - a_2), least weight t."""
    terms = GameTerms(np.array([0.7, 0.3]), np.diag([0.5, 0.8]), np.eye(2))
    front = engagement_front(terms, least=np.linspace(0.05, 0.45, 9))
    np.testing.assert_allclose(front.representation, np.linspace(0.05, 0.45, 9), atol=1e-9)
    np.testing.assert_allclose(front.engagement, 0.7 - 0.4 * front.representation, atol=1e-9)
    assert front.bend < 1e-6


@pytest.mark.slow
def test_no_point_of_a_map_beats_the_front(random_game: Maker) -> None:
    for seed in range(3):
        terms = terms_of(random_game(seed, dimension=3 + seed % 2))
        swept = swept_front(terms, least_weights, pulls=AXIS, crowds=np.append(0, AXIS))
        inside = (swept.representation > 0.002) & (swept.representation < 0.98 / len(terms.attractiveness))
        levels = swept.representation[inside][::40]
        front = engagement_front(terms, least=levels)
        for level, engagement in zip(levels, swept.engagement[inside][::40], strict=True):
            reached = front.engagement[front.representation >= level - 1e-9].max(initial=-np.inf)
            assert reached >= engagement - 1e-7
        assert (np.diff(front.representation) > 0).all()
        assert (np.diff(front.engagement) < 0).all()


def test_the_map_comes_near_the_front(random_game: Maker) -> None:
    """The other way round: what the front promises is there, on a fine grid, up to its step."""
    terms = terms_of(random_game(2, dimension=3))
    front = engagement_front(terms, points=12)
    fine = np.logspace(-4, 4, 801)
    swept = swept_front(terms, least_weights, pulls=fine, crowds=fine)
    for level, engagement in zip(front.representation[1:-1], front.engagement[1:-1], strict=True):
        near = swept.engagement[swept.representation >= level - 0.01].max()
        assert near >= engagement - 0.01 * np.ptp(terms.attractiveness)


def test_every_point_is_the_equilibrium_it_says(random_game: Maker) -> None:
    from sim.alignment_game import Incentives
    from sim.equilibrium import homogeneous_equilibrium

    game = random_game(4, dimension=4)
    front = engagement_front(terms_of(game), points=8)
    for row, mixture in zip(front.incentives, front.mixtures, strict=True):
        one = AlignmentGame(**terms_of(game)._asdict(), incentives=Incentives(*row), accounts=3)
        np.testing.assert_allclose(homogeneous_equilibrium(one).mixture, mixture, atol=1e-9)


def test_the_most_engaging_incentives_are_a_point_of_the_front(random_game: Maker) -> None:
    terms = terms_of(random_game(1, dimension=3))
    front, one = engagement_front(terms, least=[0.1]), most_engaging(terms, 0.1)
    assert one is not None
    np.testing.assert_allclose(front.incentives, [[one.attractiveness, one.inconsistency, one.diversity]])
    turned = np.array([[0.1, 0.3, 0.0], [0.3, 1.0, 0.0], [0.0, 0.0, 0.1]])
    assert most_engaging(GameTerms(np.array([0.6, 0.1, 0.3]), turned, turned), 0.2) is None


def test_dominance_by_brute_force() -> None:
    rng = np.random.default_rng(0)
    for size in (1, 2, 30):
        points = rng.integers(0, 8, size=(size, 2)).astype(float)
        kept = non_dominated(*points.T)
        unbeaten = {tuple(p) for p in points if not any((q >= p).all() and (q > p).any() for q in points)}
        assert {tuple(points[k]) for k in kept} == unbeaten
        assert len(kept) == len(unbeaten)
        assert (np.diff(points[kept, 1]) > 0).all()


def test_the_knee_is_where_a_quarter_circle_turns() -> None:
    angle = np.linspace(0, np.pi / 2, 101)
    turn = knee(np.cos(angle), np.sin(angle))
    assert turn.place == 50
    assert turn.bend == pytest.approx(np.sqrt(2) - 1)


def test_effective_numbers() -> None:
    np.testing.assert_allclose(effective_numbers(np.array([[0.5, 0.5, 0.0], [1 / 3] * 3])), [2, 3])


def test_weights_that_cannot_be_are_refused() -> None:
    terms = GameTerms(np.array([0.7, 0.3]), np.eye(2), np.eye(2))
    with pytest.raises(InputError, match="least"):
        engagement_front(terms, least=[0.6])
    with pytest.raises(InputError, match="least"):
        engagement_front(terms, least=[])
    turned = np.array([[0.1, 0.3, 0.0], [0.3, 1.0, 0.0], [0.0, 0.0, 0.1]])
    with pytest.raises(InputError, match="ask for less"):
        engagement_front(GameTerms(np.array([0.6, 0.1, 0.3]), turned, turned), least=[0.2])
