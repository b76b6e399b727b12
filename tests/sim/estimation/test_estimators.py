from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.alignment_game import Incentives
from sim.estimation import (
    OpinionTable,
    agreement,
    bhattacharyya,
    by_scale,
    cumulative,
    estimate_game,
    gram,
    gram_plus_spread,
    identity,
    nominal,
    one_hot,
    prevalence,
    reach,
    row_sum,
)
from sim.estimation.inconsistency import spread


def random_table(seed, groups=3):
    rng = np.random.default_rng(seed)
    sizes = (2, 3, 5)
    return OpinionTable(
        groups=tuple(f"g{k}" for k in range(groups)),
        shares=rng.dirichlet(np.ones(groups)),
        questions=("q0", "q1", "q2"),
        probabilities=tuple(rng.dirichlet(np.ones(size), size=groups) for size in sizes),
        ordinal=(False, True, True),
    )


def test_feature_maps_put_the_ends_at_distance_one():
    assert np.allclose(np.linalg.norm(one_hot(4)[0] - one_hot(4)[3]), 1)
    for first, last in product(range(5), repeat=2):
        squared = np.sum((cumulative(5)[first] - cumulative(5)[last]) ** 2)
        assert squared == pytest.approx(abs(first - last) / 4)


def test_feature_maps_follow_the_scale_of_the_question():
    shapes = [features.shape for features in by_scale(random_table(0))]
    assert shapes == [(2, 2), (3, 2), (5, 4)]
    assert [features.shape for features in nominal(random_table(0))] == [(2, 2), (3, 3), (5, 5)]


@given(st.integers(0, 10_000), st.sampled_from([nominal, by_scale]))
def test_gram_and_spread_are_second_moments_of_the_answers(seed, features):
    table = random_table(seed)
    base = gram(table, features)
    assert np.allclose(base @ table.shares, 0, atol=1e-14)
    by_hand = np.zeros(3)
    for answers, mean, values in zip(table.probabilities, table.mean_answers(), features(table), strict=True):
        for group in range(3):
            # E|f(Y) - f(pbar)|^2, answer by answer, is the diagonal of gram plus spread.
            squares = np.sum((values - mean @ values) ** 2, axis=1)
            by_hand[group] += answers[group] @ squares / 3
    assert np.allclose(np.diag(gram_plus_spread(table, features)), by_hand, atol=1e-14)
    assert np.allclose(np.diag(base) + spread(table, features), by_hand, atol=1e-14)


@given(st.integers(0, 10_000), st.sampled_from([gram, gram_plus_spread, row_sum]), st.sampled_from([nominal, by_scale]))
def test_every_inconsistency_is_symmetric_and_semidefinite(seed, estimator, features):
    matrix = estimator(random_table(seed, groups=4), features)
    assert np.allclose(matrix, matrix.T)
    assert np.linalg.eigvalsh(matrix)[0] >= -1e-12


def test_row_sum_by_hand():
    table = OpinionTable(
        groups=("a", "b", "c"),
        shares=np.array([0.2, 0.3, 0.5]),
        questions=("q",),
        probabilities=(np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]),),
    )
    assert np.allclose(row_sum(table), [[1.25, 1, 0.25], [1, 1.25, 0.25], [0.25, 0.25, 0.5]])


@given(st.integers(0, 10_000))
def test_similarities(seed):
    table = random_table(seed)
    assert np.allclose(np.diag(bhattacharyya(table)), 1)
    assert np.linalg.eigvalsh(bhattacharyya(table))[0] >= -1e-12
    first = np.mean([answers[0] @ answers[1] for answers in table.probabilities])
    assert agreement(table)[0, 1] == pytest.approx(first)
    assert np.array_equal(identity(table), np.eye(3))


def test_attractiveness():
    table = random_table(1)
    assert np.array_equal(prevalence(table), table.shares)
    reader = sum(
        share * np.mean([answers[0] @ answers[group] for answers in table.probabilities])
        for group, share in enumerate(table.shares)
    )
    assert reach(table)[0] == pytest.approx(reader)


def test_game_names_its_groups_and_estimators():
    def doubled(table):
        return 2 * table.shares

    game = estimate_game(
        random_table(2),
        incentives=Incentives(1, 1, 1),
        accounts=4,
        attractiveness=doubled,
        inconsistency=gram,
        similarity=agreement,
        features=by_scale,
        crowding="sum",
    )
    assert game.groups == ("g0", "g1", "g2")
    assert game.accounts == 4
    assert game.crowding == "sum"
    assert game.provenance == (
        "attractiveness: doubled",
        "inconsistency: gram of by_scale features",
        "similarity: agreement",
    )
    assert game.attractiveness.sum() == pytest.approx(2)
