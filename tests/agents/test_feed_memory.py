"""Gradients unbiased whatever is remembered, late earnings counted, best responses those of the game."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.feed_memory import FeedMemory, FeedReception, by_group, times
from sim.quadratic import maximise_on_simplex

D = 3


def counts(draws):
    return np.array([np.bincount(draw, minlength=D) for draw in np.atleast_2d(draws)], dtype=float)


def reception(drawn, earned, late=None, kernels=None):
    return FeedReception(
        drawn=drawn, earned=earned, late=late, kernels=np.zeros((1, D, D)) if kernels is None else kernels
    )


@given(seed=st.integers(0, 10_000), posts=st.integers(1, 2), past=st.integers(0, 3))
@settings(max_examples=10, deadline=None)
def test_gradient_is_unbiased_for_any_reward_and_any_memory(seed, posts, past):
    """Rewards of the draws at random, so that posts compete in every way, now and passed on a round later."""
    rng = np.random.default_rng(seed)
    price, kernel = 0.8, np.cov(rng.normal(size=(D, 6)))
    mixtures = rng.dirichlet(np.ones(D), size=2) * 0.9 + 0.1 / D
    draws = list(itertools.product(range(D), repeat=posts))
    now, late = rng.normal(size=(2, len(draws))), rng.normal(size=(2, len(draws)))
    before = rng.normal(size=(len(draws), 2, D))
    history = [(counts(rng.integers(D, size=(2, posts))), rng.normal(size=(2, D))) for _ in range(past)]

    def chance(w):
        return np.array([np.prod(w[list(draw)]) for draw in draws]) / w.sum() ** posts * w.sum()

    def estimate(first, second):
        memory = FeedMemory(2, D, posts, 0.1, price)
        for drawn, earned in history:
            memory.learn(mixtures, reception(drawn, earned, late=np.zeros((2, D)), kernels=kernel[None]))
        memory.learn(mixtures, reception(counts([draws[first]] * 2), before[first], late=np.zeros((2, D))))
        return memory.learn(
            mixtures,
            reception(
                counts([draws[second]] * 2),
                earned=np.outer(now[:, second] - late[:, first], [1.0, 0.0, 0.0]),
                late=np.outer(late[:, first], [0.0, 1.0, 0.0]),
                kernels=kernel[None],
            ),
        )

    pairs = list(itertools.product(range(len(draws)), repeat=2))
    estimates = [estimate(i, j) for i, j in pairs]
    for m in range(2):
        w = mixtures[m]
        p = chance(w)
        # What the round pays in all depends on its own draws; what the earlier posts earn, on theirs.
        mean = sum(p[i] * p[j] * made[m] for (i, j), made in zip(pairs, estimates, strict=True))
        step, exact = 1e-6, np.empty(D)
        for d in range(D):
            move = np.eye(D)[d] * step
            exact[d] = (chance(w + move) - chance(w - move)) @ (now[m] + late[m]) / (2 * step)
        np.testing.assert_allclose(mean, exact - 2 * price * kernel @ w, atol=1e-6)


def test_a_good_memory_makes_the_estimate_nearly_certain():
    value = np.array([0.9, 0.4, 0.1])
    mixtures = np.full((1, D), 1 / D)
    fresh, old = (FeedMemory(1, D, 1, 0.0, 0.0) for _ in range(2))
    one = [reception(np.eye(D)[[d]], np.diag(value)[[d]]) for d in range(D)]
    for _ in range(200):
        for seen in one:
            old.learn(mixtures, seen)
    scatter = [np.std([m.learn(mixtures, seen) for seen in one], axis=0).max() for m in (fresh, old)]
    assert scatter[1] < 0.05 * scatter[0]
    np.testing.assert_allclose(old.value[0], value, atol=0.01)


def test_what_was_never_tried_is_expected_to_do_like_the_rest():
    memory = FeedMemory(2, D, 1, 0.0, 0.0)
    np.testing.assert_allclose(memory.value, 1 / D)
    for _ in range(50):
        memory.learn(np.full((2, D), 1 / D), reception(counts([[0], [1]]), np.array([[2.0, 0, 0], [0, 0.1, 0]])))
    np.testing.assert_allclose(memory.value, [[2.0, 2.0, 2.0], [0.1, 0.1, 0.1]], atol=0.04)


def test_forgetting_follows_a_change():
    memory = FeedMemory(1, D, 1, 0.2, 0.0)
    for earned in (1.0,) * 30 + (0.0,) * 30:
        memory.learn(np.full((1, D), 1 / D), reception(counts([[0]]), np.array([[earned, 0.0, 0.0]])))
    assert memory.value[0, 0] < 0.1


@pytest.mark.parametrize("alike", [True, False])
def test_best_responses_are_those_of_the_remembered_game(alike):
    rng = np.random.default_rng(0)
    accounts, price, floor = 5, 0.7, 0.05
    roots = rng.normal(size=(1 if alike else accounts, D, 2 * D))
    kernels = roots @ roots.transpose(0, 2, 1)
    values = rng.uniform(size=(accounts, D))
    memory = FeedMemory(accounts, D, 1, 0.0, price)
    start = np.full((accounts, D), 1 / D)
    for _ in range(200):
        for d in range(D):
            one = np.tile(np.eye(D)[d], (accounts, 1))
            memory.learn(start, reception(one, one * values, kernels=kernels))
    best = memory.best_responses(start, floor)
    for m in range(accounts):
        own = kernels[0 if alike else m]
        expected = maximise_on_simplex(2 * price * own, values[m], floor=floor)
        np.testing.assert_allclose(best[m], expected, atol=0.01)


def test_without_a_price_the_best_is_a_corner_and_equals_share_it():
    memory = FeedMemory(2, D, 1, 0.0, 0.0)
    assert memory.best_responses(np.full((2, D), 1 / D)).tolist() == [[1 / D] * D] * 2
    memory.learn(np.full((2, D), 1 / D), reception(counts([[1], [2]]), np.array([[0, 5.0, 0], [0, 0, -5.0]])))
    best = memory.best_responses(np.full((2, D), 1 / D), floor=0.1)
    np.testing.assert_allclose(best, [[0.1, 0.8, 0.1], [0.45, 0.45, 0.1]])


def test_sums_and_products_by_account():
    assert by_group(np.array([0, 1, 1]), np.array([2, 0, 0]), np.array([1.0, 2.0, 3.0]), (2, D)).tolist() == [
        [0, 0, 1],
        [5, 0, 0],
    ]
    rng = np.random.default_rng(0)
    kernels, mixtures = rng.normal(size=(4, D, D)), rng.normal(size=(4, D))
    np.testing.assert_allclose(times(kernels, mixtures), [k @ w for k, w in zip(kernels, mixtures, strict=True)])
    np.testing.assert_allclose(times(kernels[:1], mixtures), [kernels[0] @ w for w in mixtures])


def test_late_earnings_belong_to_the_post_of_the_round_before():
    memory = FeedMemory(1, D, 1, 0.0, 0.0)
    mixtures, nothing = np.full((1, D), 1 / D), np.zeros((1, D))
    memory.learn(mixtures, reception(counts([[0]]), nothing, late=nothing))
    memory.learn(mixtures, reception(counts([[1]]), nothing, late=np.array([[1.0, 0.0, 0.0]])))
    # Now: mean (1/3) / 3, halved where one post earned nothing; late: mean 1/2, one post of group 0 that earned 1.
    np.testing.assert_allclose(memory.value, [[1 / 18 + 3 / 4, 1 / 18 + 1 / 2, 1 / 9 + 1 / 2]])
