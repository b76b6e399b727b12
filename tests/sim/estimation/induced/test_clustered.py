"""Cluster-robust errors against dense textbook formulas, and what happens to columns that can't be told apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, stats

from sim.errors import InputError
from sim.estimation.induced.clustered import regress


def sample(seed, clusters=9, rows=70, columns=4):
    rng = np.random.default_rng(seed)
    cluster = np.concatenate([np.arange(clusters), rng.integers(clusters, size=rows - clusters)])
    x = rng.normal(size=(rows, columns)) + rng.normal(size=(clusters, columns))[cluster]
    u = x @ rng.normal(size=columns) + rng.normal(size=rows) + rng.normal(size=clusters)[cluster] + 3
    return x, u, cluster


def dense(x, u, cluster, weights):
    """CR2 covariance, its working-model expectation and freedom of a test, by n x n matrices."""
    full = np.column_stack([x, np.ones(len(u))])
    bread = np.linalg.inv(full.T @ full)
    rest = np.eye(len(u)) - full @ bread @ full.T
    error = rest @ u
    directions = np.column_stack([weights, np.zeros(len(weights))])
    influence = []  # of each cluster on each combination, as a linear map of the errors
    for g in np.unique(cluster):
        rows = np.flatnonzero(cluster == g)
        root = np.real(linalg.sqrtm(np.linalg.inv(rest[np.ix_(rows, rows)])))
        influence.append(directions @ bread @ full[rows].T @ root @ rest[rows])
    covariance = sum(np.outer(k @ u, k @ u) for k in influence)
    expected = sum(k @ k.T for k in influence)
    root = np.linalg.inv(np.real(linalg.sqrtm(expected)))
    scaled = [root @ k for k in influence]
    count, total = len(weights), 0.0
    for s in range(count):
        for t in range(count):
            for one in scaled:
                for other in scaled:
                    total += (one[s] @ other[s]) * (one[t] @ other[t]) + (one[s] @ other[t]) * (one[t] @ other[s])
    return covariance, expected, count * (count + 1) / total, error


@pytest.mark.parametrize("seed", range(3))
def test_errors_and_tests_are_those_of_the_dense_formulas(seed):
    x, u, cluster = sample(seed)
    fit = regress(list("abcd"), x, u, cluster)
    eye = np.eye(4)
    covariance, expected, _, error = dense(x, u, cluster, eye)
    np.testing.assert_allclose(fit.residuals, error, atol=1e-10)
    np.testing.assert_allclose(fit.covariance, covariance, rtol=1e-8, atol=1e-12)
    plain = np.linalg.inv((x - x.mean(axis=0)).T @ (x - x.mean(axis=0)))
    np.testing.assert_allclose(expected, plain, rtol=1e-8)  # CR2 is unbiased under independent errors
    estimates = fit.estimates()
    for k in range(4):
        np.testing.assert_allclose(estimates.freedom[k], dense(x, u, cluster, eye[k : k + 1])[2], rtol=1e-8)
    weights = np.array([[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 2.0], [0.0, 1.0, 1.0, 0.0]])
    covariance, expected, freedom, _ = dense(x, u, cluster, weights)
    gap = weights @ fit.coefficients
    wald = gap @ np.linalg.solve(covariance, gap)
    test = fit.test(weights)
    assert test.freedom == pytest.approx(freedom - 2)
    assert test.statistic == pytest.approx((freedom - 2) / (3 * freedom) * wald)
    assert test.p_value == pytest.approx(stats.f.sf(test.statistic, 3, freedom - 2))


def test_one_restriction_is_the_interval_read_backwards():
    x, u, cluster = sample(5)
    fit = regress(list("abcd"), x, u, cluster)
    for k in range(4):
        low, high = fit.estimates().interval(0.9)
        for end in (low[k], high[k]):
            assert fit.test(np.eye(4)[k : k + 1], np.array([end])).p_value == pytest.approx(0.1)


@settings(max_examples=20)
@given(st.lists(st.floats(1e-4, 1e4), min_size=4, max_size=4), st.floats(-100, 100))
def test_units_and_levels_of_columns_change_nothing(scales, shift):
    x, u, cluster = sample(1)
    plain, scaled = (regress(list("abcd"), columns, u, cluster) for columns in (x, (x + shift) * np.array(scales)))
    np.testing.assert_allclose(scaled.coefficients * scales, plain.coefficients, rtol=1e-6)
    np.testing.assert_allclose(scaled.inflation, plain.inflation, rtol=1e-6)
    p_values = [fit.test(np.eye(4)).p_value for fit in (plain, scaled)]
    assert p_values[0] == pytest.approx(p_values[1], rel=1e-4)


def test_intercepts_of_labels_are_dummies():
    x, u, cluster = sample(2)
    labels = np.arange(len(u)) % 3
    dummies = np.column_stack([x, labels == 1, labels == 2])
    fit = regress(list("abcd"), x, u, cluster, labels)
    other = regress(list("abcdef"), dummies.astype(float), u, cluster)
    np.testing.assert_allclose(fit.coefficients, other.coefficients[:4], rtol=1e-9)
    np.testing.assert_allclose(fit.residuals, other.residuals, atol=1e-10)
    np.testing.assert_allclose(fit.predict(x, labels), u - fit.residuals, atol=1e-10)
    np.testing.assert_allclose(fit.estimates().errors, other.estimates().errors[:4], rtol=0.1)


def test_columns_that_move_together_are_not_told_and_the_others_are():
    x, u, cluster = sample(3)
    fit = regress(list("abcdef"), np.column_stack([x, x[:, 0] + 2 * x[:, 1], np.ones(len(u))]), u, cluster)
    assert fit.identified.tolist() == [False, False, True, True, False, False]
    assert np.isnan(fit.coefficients[[0, 1, 4, 5]]).all()
    plain = regress(list("abcd"), x, u, cluster)
    np.testing.assert_allclose(fit.coefficients[2:4], plain.coefficients[2:4], rtol=1e-8)
    np.testing.assert_allclose(fit.residuals, plain.residuals, atol=1e-9)
    assert np.isnan(fit.test(np.eye(6)[:1]).p_value)
    assert np.isnan(fit.combine(np.eye(6)[:1]).errors[0])


def test_inflation_is_one_over_one_minus_r_squared():
    x, u, cluster = sample(4)
    fit = regress(list("abcd"), x, u, cluster)
    rest = np.column_stack([x[:, 1:], np.ones(len(u))])
    left = x[:, 0] - rest @ np.linalg.lstsq(rest, x[:, 0], rcond=None)[0]
    assert fit.inflation[0] == pytest.approx(np.var(x[:, 0]) * len(u) / (left @ left))


def test_payoffs_without_noise_leave_nothing_to_test():
    x, _, cluster = sample(6)
    fit = regress(list("abcd"), x, x @ np.arange(4.0), cluster)
    assert fit.test(np.eye(4), np.arange(4.0)).p_value == 1.0
    assert fit.test(np.eye(4)).p_value == 0.0


def test_too_few_clusters_or_rows_are_named():
    x, u, _ = sample(7)
    with pytest.raises(InputError, match=r"2 cluster\(s\).*3 or more rounds"):
        regress(list("abcd"), x, u, np.arange(len(u)) % 2)
    with pytest.raises(InputError, match="5 rows"):
        regress(list("abcd"), x[:5], u[:5], np.arange(5))


def test_more_restrictions_than_clusters_can_carry_are_not_tested():
    x, u, _ = sample(8)
    fit = regress(list("abcd"), x, u, np.arange(len(u)) % 4)
    assert np.isnan(fit.test(np.eye(4)).p_value)
    assert not np.isnan(fit.test(np.eye(4)[:1]).p_value)
