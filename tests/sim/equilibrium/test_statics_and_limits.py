"""How the homogeneous equilibrium moves: derivatives against differences, limits, intervals, the way back."""

from dataclasses import replace

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import (
    coefficient_limits,
    comparative_statics,
    diversity_for_weight,
    homogeneous_equilibrium,
    reentry,
)
from sim.errors import InputError

STEP = 1e-6


def mixture(game):
    return homogeneous_equilibrium(game).mixture


def slope(change):
    return (mixture(change(STEP)) - mixture(change(-STEP))) / (2 * STEP)


def added(matrix, index, size):
    bumped = np.array(matrix)
    bumped[index, index] += size
    return bumped


@pytest.mark.parametrize("crowding", ["mean", "sum"])
@pytest.mark.parametrize("pull", [0.3, 6.0], ids=["interior", "boundary"])
@pytest.mark.parametrize("seed", range(5))
def test_derivatives_agree_with_differences(random_game, seed, pull, crowding):
    game = replace(random_game(seed).with_incentives(attractiveness=pull), crowding=crowding)
    found, price = comparative_statics(game), game.incentives
    if found.turning or 0 < found.mixture[found.mixture > 0].min() < 1e-3:
        pytest.skip("a change of support is near")
    close = {"rtol": 1e-5, "atol": 1e-7}
    for name in ("attractiveness", "inconsistency", "diversity"):
        moved = slope(lambda h, n=name: game.with_incentives(**{n: getattr(price, n) + h}))
        assert np.allclose(getattr(found, name), moved, **close), name
    assert np.allclose(
        price.attractiveness * found.attractiveness
        + price.inconsistency * found.inconsistency
        + price.diversity * found.diversity,
        0,
        atol=1e-10,
    )
    for e in range(game.dimension):
        bump = np.eye(game.dimension)[e]
        pulled = slope(lambda h, b=bump: replace(game, attractiveness=game.attractiveness + h * b))
        assert np.allclose(found.attractiveness_of[:, e], pulled, **close)
        own = slope(lambda h, k=e: replace(game, inconsistency=added(game.inconsistency, k, h)))
        assert np.allclose(found.inconsistency_of[:, e], own, **close)
        crowd = slope(lambda h, k=e: replace(game, similarity=added(game.similarity, k, h)))
        assert np.allclose(found.similarity_of[:, e], crowd, **close)


def test_derivatives_of_a_directed_game(random_game):
    turn = np.array([[0.0, 1.0, -1.0], [-1.0, 0.0, 1.0], [1.0, -1.0, 0.0]])
    game = replace(random_game(2, dimension=3), directed=True)
    game = replace(game, similarity=game.similarity + turn)
    moved = slope(lambda h: game.with_incentives(diversity=game.incentives.diversity + h))
    assert np.allclose(comparative_statics(game).diversity, moved, rtol=1e-5, atol=1e-8)


def test_a_group_about_to_enter_is_named():
    game = AlignmentGame(
        attractiveness=np.array([2.0, 0.0]),
        inconsistency=np.eye(2),
        similarity=np.zeros((2, 2)),
        incentives=Incentives(1, 1, 0),
        accounts=2,
    )
    found = comparative_statics(game)
    assert found.turning == (1,)
    assert found.support == (0,)
    assert np.array_equal(found.attractiveness, [0, 0])


def test_one_account_and_no_diversity_have_derivatives(random_game):
    alone = comparative_statics(random_game(0, accounts=1))
    assert np.array_equal(alone.diversity, np.zeros_like(alone.diversity))
    game = random_game(0).with_incentives(diversity=0.0)
    forward = (mixture(game.with_incentives(diversity=STEP)) - mixture(game)) / STEP
    assert np.allclose(comparative_statics(game).diversity, forward, atol=1e-4)


def test_many_equilibria_have_no_derivative():
    game = AlignmentGame(
        attractiveness=np.zeros(3),
        inconsistency=np.zeros((3, 3)),
        similarity=np.zeros((3, 3)),
        incentives=Incentives(1, 1, 1),
        accounts=2,
    )
    with pytest.raises(InputError, match="one of many"):
        comparative_statics(game)
    with pytest.raises(InputError, match="not positive definite"):
        coefficient_limits(game)
    with pytest.raises(InputError, match="not positive definite"):
        reentry(game)


@pytest.mark.parametrize("seed", range(12))
def test_limits_are_what_large_coefficients_give(random_game, seed):
    game = random_game(seed)
    found = coefficient_limits(game)
    assert np.allclose(found.inconsistency, mixture(game.with_incentives(inconsistency=1e7)), atol=1e-5)
    assert np.allclose(found.diversity, mixture(game.with_incentives(diversity=1e7)), atol=1e-5)
    assert np.allclose(found.attractiveness, mixture(game.with_incentives(attractiveness=1e7)), atol=1e-9)
    assert np.allclose(found.no_attractiveness, mixture(game.with_incentives(attractiveness=1e-9)), atol=1e-7)
    closed = np.linalg.solve(game.inconsistency, np.ones(game.dimension))
    if (closed / closed.sum()).min() > 0:
        assert np.allclose(found.inconsistency, closed / closed.sum(), atol=1e-12)


@pytest.mark.parametrize("seed", range(40))
def test_interval_of_attractiveness_with_an_interior_equilibrium(random_game, seed):
    game = random_game(seed)
    found = coefficient_limits(game)

    def interior(pull):
        return homogeneous_equilibrium(game.with_incentives(attractiveness=pull)).interior

    if found.interior_from is None:
        assert not any(interior(pull) for pull in np.geomspace(1e-4, 1e3, 60))
        return
    low, high = found.interior_from, found.interior_to
    inside = [low + share * (min(high, low + 50) - low) for share in (1e-4, 0.5, 0.9999)]
    assert all(interior(pull) for pull in inside)
    assert not np.isfinite(high) or not interior(high * 1.0001)
    assert low == 0 or not interior(low * 0.9999)


def test_equally_attractive_groups_share_the_limit():
    game = AlignmentGame(
        attractiveness=np.array([1.0, 1.0, 0.0]),
        inconsistency=np.diag([1.0, 3.0, 1.0]),
        similarity=np.zeros((3, 3)),
        incentives=Incentives(1, 1, 0),
        accounts=2,
    )
    assert np.allclose(coefficient_limits(game).attractiveness, [0.75, 0.25, 0.0])


@pytest.mark.parametrize("weight", [0.02, 0.1, 0.2])
@pytest.mark.parametrize("seed", range(10))
def test_enough_diversity_keeps_every_group(random_game, seed, weight):
    game = replace(random_game(seed, dimension=4), similarity=np.eye(4)).with_incentives(attractiveness=4.0)
    enough = diversity_for_weight(game, weight)
    for more in (1.0, 1.5, 10.0):
        assert mixture(game.with_incentives(diversity=max(enough, 1e-3) * more)).min() >= weight - 1e-12
    total = replace(game, crowding="sum")
    assert diversity_for_weight(total, weight) == pytest.approx(enough / (game.accounts - 1))


def test_diversity_for_weight_refuses_other_similarities(random_game):
    game = random_game(1, dimension=4)
    with pytest.raises(InputError, match="multiple of the identity"):
        diversity_for_weight(game, 0.1)
    with pytest.raises(InputError, match=r"less than 0\.25"):
        diversity_for_weight(game, 0.25)
    with pytest.raises(InputError, match="single account"):
        diversity_for_weight(replace(game, accounts=1), 0.1)


@pytest.mark.parametrize("seed", range(6))
def test_reentry_is_the_edge_of_absence(random_game, seed):
    game = random_game(seed).with_incentives(attractiveness=6.0)
    absent = np.flatnonzero(mixture(game) == 0)
    found = reentry(game)
    assert [each.group for each in found] == absent.tolist()
    for each in found:
        if each.attractiveness is not None:
            assert 0 <= each.attractiveness <= 6.0
            below = mixture(game.with_incentives(attractiveness=each.attractiveness * (1 - 1e-6)))
            at = mixture(game.with_incentives(attractiveness=each.attractiveness * (1 + 1e-6)))
            assert below[each.group] > 0
            assert at[each.group] == 0
        else:
            pulls = np.linspace(0, 6, 40)
            assert all(mixture(game.with_incentives(attractiveness=p))[each.group] <= 1e-9 for p in pulls)
        if each.diversity is not None:
            above = mixture(game.with_incentives(diversity=each.diversity * (1 + 1e-6)))
            under = mixture(game.with_incentives(diversity=each.diversity * (1 - 1e-6)))
            assert above[each.group] > 0
            assert under[each.group] <= 1e-9
