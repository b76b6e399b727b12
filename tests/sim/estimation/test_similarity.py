"""Similarities beyond those of answers alone, and features from embeddings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError
from sim.estimation import (
    Embedded,
    EmbeddingCosine,
    FeatureCosine,
    GivenSimilarity,
    OpinionTable,
    Respondents,
    gram,
    jensen_shannon,
    nominal,
)
from sim.estimation.inconsistency import spread

INDEFINITE = np.array([[1, 0.9, 0], [0.9, 1, 0.9], [0, 0.9, 1]])


@given(st.integers(0, 10_000))
def test_jensen_shannon_is_one_minus_the_information_about_the_group(random_table, seed):
    table = random_table(seed, groups=4)
    matrix = jensen_shannon(table)
    assert np.allclose(np.diag(matrix), 1)
    assert np.linalg.eigvalsh(matrix)[0] >= -1e-13
    lost = 0.0
    for answers in table.probabilities:
        pair = answers[[0, 1]]
        lost += np.sum(pair / 2 * np.log2(pair / pair.mean(axis=0))) / 3
    assert matrix[0, 1] == pytest.approx(1 - lost)


def test_groups_without_a_common_answer_are_not_alike():
    table = OpinionTable(groups=("a", "b"), shares=np.array([0.5, 0.5]), questions=("q",), probabilities=(np.eye(2),))
    assert np.allclose(jensen_shannon(table), np.eye(2), atol=1e-15)


def test_an_indefinite_similarity_is_refused_with_its_size_unless_asked_for(random_table):
    with pytest.raises(InputError) as caught:
        GivenSimilarity(matrix=INDEFINITE)
    assert "-0.272792" in str(caught.value)  # 1 - 0.9 sqrt 2
    assert "the least is -0.2" in str(caught.value)
    allowed = GivenSimilarity(matrix=INDEFINITE, allow_indefinite=True)
    assert np.array_equal(allowed(random_table(0)), INDEFINITE)
    with pytest.raises(InputError, match="expected \\(4, 4\\)"):
        allowed(random_table(0, groups=4))
    with pytest.raises(InputError, match="symmetric"):
        GivenSimilarity(matrix=[[1, 0.5], [0.2, 1]])


def test_cosine_of_embeddings_by_question(random_table):
    table, vectors = random_table(0), np.random.default_rng(0).normal(size=(3, 4, 6))
    matrix = EmbeddingCosine(vectors=vectors)(table)
    by_hand = np.mean([_cosine(rows) for rows in vectors[:2].swapaxes(0, 1)])
    assert matrix[0, 1] == pytest.approx(by_hand)
    assert np.allclose(np.diag(matrix), 1)
    one = EmbeddingCosine(vectors=vectors[:, 0])(table)
    assert one[0, 1] == pytest.approx(_cosine(vectors[:2, 0]))
    with pytest.raises(InputError, match="3 groups"):
        EmbeddingCosine(vectors=vectors[:2])(table)
    with pytest.raises(InputError, match="group 'g1'"):
        EmbeddingCosine(vectors=vectors * np.array([1, 0, 1])[:, None, None])(table)


def _cosine(rows):
    return rows[0] @ rows[1] / np.linalg.norm(rows[0]) / np.linalg.norm(rows[1])


@given(st.integers(0, 10_000))
def test_cosine_of_features_follows_the_table(random_table, seed):
    table = random_table(seed)
    matrix = FeatureCosine(features=nominal)(table)
    assert matrix[0, 2] == pytest.approx(np.mean([_cosine(answers[[0, 2]]) for answers in table.probabilities]))
    assert np.linalg.eigvalsh(matrix)[0] >= -1e-13


def test_embedded_options_are_scaled_and_checked(random_table):
    rng, table = np.random.default_rng(0), random_table(0)
    vectors = [rng.normal(size=(size, 4)) for size in (2, 3, 5)]
    features = Embedded(vectors=vectors)
    for values, given_values in zip(features(table), vectors, strict=True):
        distances = np.linalg.norm(values[:, None] - values[None], axis=2)
        assert distances.max() == pytest.approx(1)
        assert np.allclose(values * np.linalg.norm(given_values[0]), given_values * np.linalg.norm(values[0]))
    with pytest.raises(InputError, match="vectors of question 'q1'"):
        Embedded(vectors=[vectors[0], vectors[0], vectors[2]])(table)
    with pytest.raises(InputError, match="at one point"):
        Embedded(vectors=[np.ones((3, 4))])


def test_an_open_question_has_the_texts_for_its_options():
    """Then f(p_g) is the mean embedding of a group and v_g the spread of its texts."""
    rng = np.random.default_rng(0)
    texts, group = rng.normal(size=(20, 8)), np.repeat([0, 1], 10)
    people = Respondents(
        groups=("a", "b"),
        questions=("why?",),
        options=(tuple(f"text {k}" for k in range(20)),),
        ordinal=(False,),
        group=group,
        answers=np.arange(20)[:, None],
        weights=np.ones(20),
    )
    table, features = people.opinion_table(), Embedded(vectors=[texts])
    width = np.linalg.norm(texts[:, None] - texts[None], axis=2).max()
    means = np.stack([texts[group == g].mean(axis=0) for g in (0, 1)])
    assert FeatureCosine(features=features)(table)[0, 1] == pytest.approx(_cosine(means))
    assert np.allclose(spread(table, features), [texts[group == g].var(axis=0).sum() / width**2 for g in (0, 1)])
    half = (means[0] - means[1]) / 2 / width
    assert gram(table, features)[0, 1] == pytest.approx(-half @ half)
