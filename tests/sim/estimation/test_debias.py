"""Few respondents make groups look further apart than they are; `debias` takes that out."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError
from sim.estimation import OpinionTable, gram, gram_plus_spread, row_sum
from sim.estimation.inconsistency import spread

ESTIMATORS = [gram, gram_plus_spread, row_sum, spread]


def population(seed, groups=4, questions=6):
    """Groups that differ, but less than ten answers from each would suggest."""
    rng = np.random.default_rng(seed)
    centres = rng.dirichlet(np.full(4, 3.0), size=questions)
    return OpinionTable(
        groups=tuple(f"g{k}" for k in range(groups)),
        shares=np.array([0.4, 0.3, 0.2, 0.1]),
        questions=tuple(f"q{k}" for k in range(questions)),
        probabilities=tuple(rng.dirichlet(12 * centre, size=groups) for centre in centres),
    )


def sampled(table, size, rng):
    answers = tuple(rng.multinomial(size, shares) / size for shares in table.probabilities)
    return replace(table, probabilities=answers, sizes=np.full((len(table.groups), len(table.questions)), size))


def test_ten_answers_read_the_distance_of_groups_more_than_twofold():
    """As .0187 read as .0457; taking the error out brings the mean back."""
    truth, rng = population(0), np.random.default_rng(1)
    tables = [sampled(truth, 10, rng) for _ in range(1000)]
    exact = np.trace(gram(truth)) / 4
    plain = np.mean([np.trace(gram(table)) / 4 for table in tables])
    # The nearest semidefinite matrix leaves a little more than nothing where chance takes too much.
    mended = np.mean([np.trace(gram(table, debias=True)) / 4 for table in tables])
    assert plain > 2 * exact
    assert abs(mended - exact) < 0.1 * (plain - exact)


@pytest.mark.slow
@pytest.mark.parametrize("estimator", [gram_plus_spread, spread, row_sum])
def test_every_entry_is_unbiased(estimator):
    truth, rng = population(0), np.random.default_rng(2)
    tables = [sampled(truth, 25, rng) for _ in range(1500)]
    exact = estimator(truth)
    found = np.array([estimator(table, debias=True) for table in tables])
    plain = np.array([estimator(table) for table in tables])
    error = found.std(axis=0) / np.sqrt(len(tables)) + 1e-6
    assert (np.abs(found.mean(axis=0) - exact) <= 4 * error).all()
    assert (np.abs(plain.mean(axis=0) - exact) > 4 * error).any()


@given(st.integers(0, 10_000), st.sampled_from([gram, gram_plus_spread, row_sum]))
def test_what_is_left_is_semidefinite_and_the_gram_keeps_its_null_vector(random_table, seed, estimator):
    table = random_table(seed)
    matrix = estimator(table, debias=True)
    assert np.array_equal(matrix, matrix.T) or np.allclose(matrix, matrix.T, atol=1e-16)
    assert np.linalg.eigvalsh(matrix)[0] >= -1e-12
    assert np.allclose(gram(table, debias=True) @ table.shares, 0, atol=1e-12)


@given(st.integers(0, 10_000), st.sampled_from(ESTIMATORS))
def test_many_respondents_need_no_mending(random_table, seed, estimator):
    table = random_table(seed)
    many = replace(table, sizes=np.full(table.sizes.shape, 1e12))
    assert np.allclose(estimator(many, debias=True), estimator(table), atol=1e-10)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_sizes_are_needed_and_one_is_too_few(random_table, estimator):
    table = random_table(0)
    with pytest.raises(InputError, match="respondents behind each answer"):
        partial(estimator, debias=True)(replace(table, sizes=None))
    sizes = table.sizes.copy()
    sizes[1, 2] = 1
    with pytest.raises(InputError, match="question 'q2', group 'g1'"):
        estimator(replace(table, sizes=sizes), debias=True)
