import daqp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError
from sim.quadratic import certificate, maximise_on_simplex


def random_problem(seed, rank=None):
    rng = np.random.default_rng(seed)
    dimension = int(rng.integers(2, 11))
    factor = rng.normal(size=(dimension if rank is None else min(rank, dimension), dimension))
    return factor.T @ factor, 2 * rng.normal(size=dimension), float(rng.choice([0, 0.3]) / dimension)


def peer(quadratic, linear, floor):
    dimension = linear.size
    upper = np.append(np.full(dimension, 2.0), 1.0)
    lower = np.append(np.full(dimension, floor), 1.0)
    weights, _, flag, _ = daqp.solve(quadratic, -linear, np.ones((1, dimension)), upper, lower, primal_tol=1e-11)
    assert flag == 1
    return weights


@pytest.mark.parametrize("seed", range(60))
def test_agrees_with_an_independent_solver(seed):
    quadratic, linear, floor = random_problem(seed)
    weights = maximise_on_simplex(quadratic, linear, floor)
    assert np.allclose(weights, peer(quadratic, linear, floor), atol=1e-7)


@pytest.mark.parametrize("rank", [0, 1, 2, 4])
@pytest.mark.parametrize("seed", range(15))
def test_singular_problems_reach_the_value_of_an_independent_solver(seed, rank):
    quadratic, linear, floor = random_problem(100 + seed, rank)
    weights = maximise_on_simplex(quadratic, linear, floor)

    def value(w):
        return linear @ w - w @ quadratic @ w / 2

    assert value(weights) >= value(peer(quadratic, linear, floor)) - 1e-7
    assert certificate(quadratic, linear, weights, floor).gap <= 1e-13


@pytest.mark.parametrize("dimension", [2, 8, 50])
def test_certificate_is_at_rounding_level(dimension):
    rng = np.random.default_rng(dimension)
    factor = rng.normal(size=(dimension, dimension))
    quadratic, linear = factor.T @ factor / dimension, rng.normal(size=dimension)
    weights = maximise_on_simplex(quadratic, linear)
    proof = certificate(quadratic, linear, weights)
    assert max(proof.gap, proof.infeasibility, proof.stationarity) <= 1e-14
    assert weights[weights < 1e-9].tolist() == [0.0] * int((weights < 1e-9).sum())


def test_certificate_refuses_a_wrong_answer():
    wrong = certificate(np.eye(2), [1.0, 0.0], [0.5, 0.5])
    assert wrong.gap == pytest.approx(0.5)
    assert wrong.stationarity == pytest.approx(1.0)
    assert certificate(np.eye(2), [1.0, 0.0], [0.9, 0.2]).infeasibility == pytest.approx(0.1)


def small_integers(draw):
    dimension = draw(st.integers(2, 6))
    entries = st.integers(-1, 1)
    factor = np.array(draw(st.lists(st.lists(entries, min_size=dimension, max_size=dimension), max_size=3)))
    factor = factor.reshape(-1, dimension).astype(float)
    linear = np.array(draw(st.lists(entries, min_size=dimension, max_size=dimension)), dtype=float)
    return factor.T @ factor, linear


@given(st.composite(small_integers)(), st.randoms(use_true_random=False))
def test_ties_go_to_the_nearest_maximiser_and_follow_relabelling(problem, random):
    quadratic, linear = problem
    weights = maximise_on_simplex(quadratic, linear)
    assert certificate(quadratic, linear, weights).gap <= 1e-12
    order = random.sample(range(linear.size), linear.size)
    relabelled = maximise_on_simplex(quadratic[np.ix_(order, order)], linear[order])
    assert np.allclose(relabelled, weights[order], atol=1e-9)
    # A maximiser is its own nearest maximiser, wherever the search starts.
    assert np.allclose(maximise_on_simplex(quadratic, linear, near=weights), weights, atol=1e-12)


def test_tie_rule_examples():
    assert np.allclose(maximise_on_simplex(np.zeros((3, 3)), [1, 1, 0]), [0.5, 0.5, 0], atol=1e-15)
    start = [0.2, 0.3, 0.5]
    assert np.allclose(maximise_on_simplex(np.zeros((3, 3)), np.zeros(3), near=start), start, atol=1e-15)
    # Only the first two groups are tied: the third gives up its half in equal parts.
    assert np.allclose(maximise_on_simplex(np.zeros((3, 3)), [1, 1, 0], near=start), [0.45, 0.55, 0], atol=1e-14)


@given(st.integers(0, 10_000), st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_gauge_shifts_change_nothing(seed, shift_linear, shift_quadratic):
    quadratic, linear, floor = random_problem(seed)
    plain = maximise_on_simplex(quadratic + np.eye(linear.size), linear, floor)
    shifted = maximise_on_simplex(quadratic + np.eye(linear.size) + shift_quadratic, linear + shift_linear, floor)
    assert np.allclose(plain, shifted, atol=1e-9)


def test_floor_at_its_limit_leaves_the_uniform_mixture():
    assert np.array_equal(maximise_on_simplex(np.eye(4), [9, 0, 0, 0], 0.25), np.full(4, 0.25))


@pytest.mark.parametrize(
    ("call", "field", "words"),
    [
        (lambda: maximise_on_simplex(-np.eye(2), [1, 0]), "quadratic", "curvature -1"),
        (lambda: maximise_on_simplex([[1, 2], [0, 1]], [1, 0]), "quadratic", "asymmetry 2"),
        (lambda: maximise_on_simplex(np.eye(3), [1, 0]), "quadratic", "expected shape (2, 2)"),
        (lambda: maximise_on_simplex(np.eye(2), [1, 0], 0.7), "floor", "at most 0.5"),
        (lambda: maximise_on_simplex(np.eye(2), [1, 0], near=[1.0]), "near", "expected 2"),
        (lambda: certificate(np.eye(2), [1, 0], [1.0]), "mixture", "expected 2"),
    ],
)
def test_bad_input_names_the_field_and_the_remedy(call, field, words):
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
    assert words in str(caught.value)


@pytest.mark.parametrize("seed", range(150))
def test_badly_conditioned_problems_end_with_a_certificate(seed):
    rng = np.random.default_rng(seed)
    dimension = int(rng.integers(2, 15))
    rotation = np.linalg.qr(rng.normal(size=(dimension, dimension)))[0]
    curvature = 10 ** rng.uniform(-14, 3, size=dimension) * (rng.random(dimension) < 0.8)
    quadratic = (rotation * curvature) @ rotation.T
    quadratic = (quadratic + quadratic.T) / 2
    linear = rng.normal(size=dimension) * 10 ** rng.uniform(-6, 4)
    proof = certificate(quadratic, linear, maximise_on_simplex(quadratic, linear))
    assert proof.gap <= 1e-11 * (np.abs(quadratic).max() + np.abs(linear).max())
    assert proof.infeasibility <= 1e-13
