"""The account's own gradient estimate is unbiased whatever it remembers, and its memory finds the best response."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.memory import Memory, Reception
from sim.alignment_game import AlignmentGame, Incentives

D = 4
INCENTIVES = Incentives(attractiveness=1.3, inconsistency=0.7, diversity=0.6)


def game_and_truth(seed):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(D, D))
    engagement = rng.uniform(size=D)
    similarity = np.eye(D)
    inconsistency = root @ root.T / D + 0.1 * np.eye(D)
    others = rng.dirichlet(np.ones(D))
    return rng, engagement, inconsistency, similarity, others


def reception(group, engagement, inconsistency, similarity, others):
    """What the account sees if its one post is of `group` and the others post in proportion 60 to `others`."""
    voices = np.repeat(np.arange(D), np.round(others * 60).astype(int))
    return Reception(
        groups=np.array([group]),
        engagement=engagement[[group]],
        redundancy=similarity[group][voices][None, :],
        others=voices,
        inconsistency=inconsistency,
    )


@given(seed=st.integers(0, 10_000), past=st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_gradient_is_unbiased_whatever_the_memory_holds(seed, past):
    rng, engagement, inconsistency, similarity, others = game_and_truth(seed)
    memory = Memory(D, INCENTIVES, crowding_weight=INCENTIVES.diversity)
    for _ in range(past):  # memories of another world: wrong on purpose
        memory.remember(reception(rng.integers(D), rng.uniform(size=D), inconsistency, similarity, others))
    mixture = rng.dirichlet(np.ones(D)) * 0.9 + 0.1 / D
    seen = [reception(d, engagement, inconsistency, similarity, others) for d in range(D)]
    expectation = sum(mixture[d] * memory.gradient(mixture, seen[d]) for d in range(D))
    crowd = np.array([s.redundancy.mean() for s in seen])
    exact = (
        INCENTIVES.attractiveness * engagement
        - 2 * INCENTIVES.inconsistency * inconsistency @ mixture
        - INCENTIVES.diversity * crowd
    )
    np.testing.assert_allclose(expectation, exact, atol=1e-12)


def test_a_good_memory_makes_the_estimate_nearly_certain():
    _, engagement, inconsistency, similarity, others = game_and_truth(3)
    mixture = np.full(D, 1 / D)
    seen = [reception(d, engagement, inconsistency, similarity, others) for d in range(D)]
    fresh, old = (Memory(D, INCENTIVES, crowding_weight=INCENTIVES.diversity) for _ in range(2))
    for _ in range(200):
        for one in seen:
            old.remember(one)
    scatter = [np.std([m.gradient(mixture, s) for s in seen], axis=0).max() for m in (fresh, old)]
    assert scatter[1] < 0.05 * scatter[0]


def test_best_response_from_memory_is_the_games():
    _, engagement, inconsistency, similarity, others = game_and_truth(5)
    memory = Memory(D, INCENTIVES, crowding_weight=INCENTIVES.diversity)
    for _ in range(100):
        for group in range(D):
            memory.remember(reception(group, engagement, inconsistency, similarity, others))
    voices = reception(0, engagement, inconsistency, similarity, others).others
    crowd = np.bincount(voices, minlength=D) / len(voices)
    game = AlignmentGame(
        attractiveness=engagement,
        inconsistency=inconsistency,
        similarity=similarity,
        incentives=INCENTIVES,
        accounts=2,
    )
    expected = game.best_response(0, np.stack([crowd, crowd]))
    np.testing.assert_allclose(memory.best_response(floor=0.0), expected, atol=0.02)
    assert memory.best_response(floor=0.1).min() >= 0.1 - 1e-12


def test_unheard_posts_of_others_are_no_voice_and_no_redundancy():
    memory = Memory(D, INCENTIVES, crowding_weight=1.0)
    seen = Reception(
        groups=np.array([1]),
        engagement=np.array([0.5]),
        redundancy=np.zeros((1, 3)),
        others=np.array([-1, -1, -1]),
        inconsistency=np.zeros((D, D)),
    )
    memory.remember(seen)
    assert np.array_equal(memory.similarity, np.eye(D))
    expected = (0.5 + 1 / D) / 2  # one post at 0.5 and the imagined one at 1/D
    assert memory.attractiveness == pytest.approx([expected, (0.5 + expected) / 2, expected, expected])
