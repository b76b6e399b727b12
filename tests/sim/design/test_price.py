"""Parts of utility against the game's own payoffs; effective numbers of groups."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.alignment_game import AlignmentGame
from sim.design import effective_groups, utility_parts
from sim.errors import InputError
from sim.estimation import GameTerms


@pytest.mark.parametrize("seed", range(5))
def test_parts_add_up_to_the_payoff(random_game: Callable[..., AlignmentGame], seed: int) -> None:
    game = random_game(seed)
    mixture = np.random.default_rng(seed).dirichlet(np.ones(game.dimension))
    terms = GameTerms(game.attractiveness, game.inconsistency, game.similarity)
    parts = utility_parts(terms, game.incentives, mixture)
    assert parts.total == pytest.approx(game.payoffs(np.tile(mixture, (game.accounts, 1)))[0])
    assert parts.inconsistency <= 0


@given(st.lists(st.floats(0.001, 1), min_size=2, max_size=9))
def test_effective_groups_are_between_one_and_all(weights: list[float]) -> None:
    mixture = np.array(weights) / sum(weights)
    shannon, simpson = effective_groups(mixture)
    assert 1 <= simpson <= shannon * (1 + 1e-9) <= len(weights) * (1 + 1e-6)


def test_effective_groups_of_equal_weights_is_their_number() -> None:
    assert effective_groups(np.full(7, 1 / 7)) == pytest.approx((7, 7))
    assert effective_groups([1.0, 0.0]) == (1, 1)


def test_no_mixture_is_refused() -> None:
    with pytest.raises(InputError, match="mixture"):
        effective_groups([0.5, 0.6])
