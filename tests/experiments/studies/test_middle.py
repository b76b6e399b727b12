"""Ranks and their permutation test against other ways to compute them."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import kendalltau

from experiments.studies.middle import correlation, middle_rank, permutation_p, two_slices
from sim.estimation import GameTerms

ONE = GameTerms(np.array([0.5, 0.3, 0.2]), np.diag([0.3, 0.3, 0.6]), np.eye(3))


@pytest.mark.parametrize("seed", range(20))
def test_tau_is_that_of_scipy_with_and_without_ties(seed):
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 4, 7).astype(float), rng.normal(size=7)
    assert correlation(first, second) == pytest.approx(kendalltau(first, second).statistic)


def test_no_order_is_no_correlation():
    assert correlation(np.ones(4), np.arange(4.0)) == 0


def test_p_is_the_share_of_all_permutations_that_do_as_well():
    score, survival = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 2.0, 4.0, 3.0])
    seen = correlation(score, survival)
    exact = np.mean([correlation(np.array(order), survival) >= seen - 1e-12 for order in permutations(score)])
    assert permutation_p([(score, survival)], draws=20_000, seed=1) == pytest.approx(exact, abs=0.01)


def test_p_of_a_wrong_order_is_high_and_of_chance_is_even():
    falling = [(np.arange(5.0), -np.arange(5.0))] * 3
    assert permutation_p(falling, draws=999, seed=0) > 0.99
    rng = np.random.default_rng(0)
    chance = [
        permutation_p([(rng.normal(size=5), rng.normal(size=5)) for _ in range(3)], draws=199, seed=k)
        for k in range(200)
    ]
    assert np.mean(np.array(chance) < 0.1) == pytest.approx(0.1, abs=0.07)


def test_survival_counts_the_points_of_both_slices():
    values = np.array([0.01, 1.0, 100.0])
    slices = two_slices(ONE, values, 0.05)
    weights = np.concatenate([slices.inconsistency.mixtures, slices.attractiveness.mixtures])
    assert slices.inconsistency.fixed == {"attractiveness": 1.0, "diversity": 1.0}
    assert slices.survival.tolist() == (weights >= 0.05).mean(axis=0).tolist()
    assert slices.survival[2] < slices.survival[0] == 1


def test_the_middle_group_has_the_highest_rank():
    terms = GameTerms(np.array([0.1, 0.5, 0.4]), np.diag([3.0, 1.0, 2.0]), np.eye(3))
    assert middle_rank(terms).argmax() == 2
