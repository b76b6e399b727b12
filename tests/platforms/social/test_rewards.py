"""Rewards by view, engagement and need; moderation by drafts or by their expectation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.subpopulations.synthetic import SyntheticPopulation
from platforms.social.payoffs.inconsistency import Gram, GramSpread
from platforms.social.rewards import CreatorRewards, Moderation, answer_bounds, need_of_groups
from sim.errors import InputError
from sim.estimation.opinion_table import OpinionTable


@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=5), st.integers(0, 1000))
def test_need_is_zero_at_the_mean_and_above(served, seed):
    shares = np.random.default_rng(seed).dirichlet(np.ones(len(served)))
    need = need_of_groups(np.array(served), shares)
    assert need.min() >= 0
    assert need.max() <= 1
    assert (need[np.array(served) >= np.array(served) @ shares] == 0).all()
    assert not need_of_groups(np.full(3, served[0]), np.full(3, 1 / 3)).max() > 1e-12


def test_nobody_is_in_need_where_nobody_is_served():
    assert need_of_groups(np.zeros(2), np.array([0.5, 0.5])).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("field", ["per_view", "per_engaged_view", "niche"])
def test_negative_worth_is_refused(field):
    with pytest.raises(InputError, match=f"{field} = -1"):
        CreatorRewards(**{field: -1.0})


def test_moderation_out_of_range_is_refused():
    with pytest.raises(InputError, match="price = -1"):
        Moderation(rule=Gram(), price=-1.0)
    with pytest.raises(InputError, match="drafts_per_round = -1"):
        Moderation(rule=Gram(), price=1.0, drafts_per_round=-1)


def test_kernels_are_one_per_account_or_one_for_all():
    table = SyntheticPopulation(4, 5, 3, 1.0, seed=1).table
    rng = np.random.default_rng(0)
    drafted = Moderation(rule=Gram(), price=1.0, drafts_per_round=2).kernels(table, 7, rng)
    assert drafted.shape == (7, 4, 4)
    np.testing.assert_allclose(drafted, drafted.transpose(0, 2, 1))
    assert np.ptp(drafted, axis=0).max() > 0
    assert Moderation(rule=GramSpread(), price=1.0).kernels(table, 7, rng).shape == (1, 4, 4)


def test_questions_with_fewer_options_never_answer_beyond_them():
    table = OpinionTable(
        groups=("a", "b"),
        shares=np.array([0.5, 0.5]),
        questions=("two", "three"),
        probabilities=(np.array([[0.3, 0.7], [1.0, 0.0]]), np.array([[0.2, 0.3, 0.5], [0.0, 0.0, 1.0]])),
    )
    bounds = answer_bounds(table)
    assert bounds.shape == (2, 2, 2)
    np.testing.assert_allclose(bounds[0], [[0.3, 1.0], [1.0, 1.0]])
    np.testing.assert_allclose(bounds[1], [[0.2, 0.5], [0.0, 0.0]])
