"""One verb, three ways: each is certified, they agree where they should, and feedback alone comes near."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.design.controllers import AskTell, DiscountedThompson, Fixed, Spsa
from sim.design.restoring import CertifiedChange, FeedbackSearch, ImplicitDescent, LeastPrice, restore
from sim.dynamics.step_size import StepSize
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError

LOW, HIGH = [-1.0, -1.0], [0.5, 1.0]
SHARES = np.array([0.5, 0.3, 0.2])


@pytest.fixture
def game() -> AlignmentGame:
    return AlignmentGame(
        attractiveness=np.array([0.5, 0.3, 0.2]),
        inconsistency=np.diag([0.3, 0.3, 0.6]),
        similarity=np.eye(3),
        incentives=Incentives(5.0, 1.0, 1.0),
        accounts=10,
    )


def test_two_ways_that_know_the_game_agree(game: AlignmentGame) -> None:
    exact, followed = (restore(game, each, shares=SHARES) for each in (CertifiedChange(digits=8), ImplicitDescent(3)))
    assert exact.holds
    assert followed.holds
    assert followed.size == pytest.approx(exact.size, rel=1e-4)
    assert followed.price == pytest.approx(exact.price, abs=1e-3)
    assert exact.before.least == 0
    assert exact.price > 0


def test_the_least_price_is_least_and_keeps_every_group(game: AlignmentGame) -> None:
    cheapest, smallest = (restore(game, each, shares=SHARES) for each in (LeastPrice(), CertifiedChange()))
    assert cheapest.holds
    assert cheapest.price < smallest.price
    assert cheapest.size > smallest.size
    assert cheapest.after.least == pytest.approx(0.05, abs=1e-6)


@pytest.mark.parametrize(
    "controller",
    [
        partial(Spsa, LOW, HIGH, StepSize(0.03, 30), detour=0.1, start=[0.0, 0.0]),
        partial(AskTell, LOW, HIGH, neighbours=3),
        partial(DiscountedThompson, [[0, 0], [-0.3, 0], [0, 0.5], [-0.3, 0.5]], discount=1.0, noise=0.2),
    ],
    ids=["two points", "ask and tell", "thompson"],
)
def test_feedback_alone_brings_every_group_back(game: AlignmentGame, controller) -> None:
    found = restore(game, FeedbackSearch(controller, rounds=80), shares=SHARES, seed=1)
    smallest = restore(game, CertifiedChange(), shares=SHARES)
    assert found.holds
    assert found.size >= smallest.size - 1e-3
    assert found.certificate.exploitability < 1e-10


def test_a_principal_who_does_nothing_is_told_that_it_does_not_hold(game: AlignmentGame) -> None:
    found = restore(game, FeedbackSearch(partial(Fixed, [0.0, 0.0]), rounds=2), shares=SHARES)
    assert not found.holds
    assert found.size == pytest.approx(0, abs=1e-12)
    assert found.price == pytest.approx(0, abs=1e-12)
    assert found.after.unserved == pytest.approx(0.2)


def test_what_is_reported_is_the_equilibrium(game: AlignmentGame) -> None:
    found = restore(game, CertifiedChange("attractiveness"), shares=SHARES)
    mixture = homogeneous_equilibrium(game.with_incentives(attractiveness=found.incentives.attractiveness)).mixture
    np.testing.assert_allclose(found.certificate.mixture, mixture, atol=1e-12)
    assert found.after.engagement == pytest.approx(game.attractiveness @ mixture)


def test_where_nothing_suffices_there_is_nothing_to_judge() -> None:
    turned = np.array([[0.1, 0.3, 0.0], [0.3, 1.0, 0.0], [0.0, 0.0, 0.1]])
    game = AlignmentGame(
        attractiveness=np.array([0.6, 0.1, 0.3]),
        inconsistency=turned,
        similarity=turned,
        incentives=Incentives(1.0, 1.0, 1.0),
        accounts=3,
    )
    assert restore(game, CertifiedChange(), shares=SHARES) is None
    assert restore(game, ImplicitDescent(1), shares=SHARES) is None


def test_bad_input_is_named(game: AlignmentGame) -> None:
    with pytest.raises(InputError, match="threshold"):
        restore(game, CertifiedChange(), shares=SHARES, threshold=0.5)
    with pytest.raises(InputError, match="coefficient"):
        restore(game, CertifiedChange("reach"), shares=SHARES)
    with pytest.raises(InputError, match="posts"):
        restore(game, FeedbackSearch(partial(Fixed, [0.0, 0.0]), posts=0), shares=SHARES)
