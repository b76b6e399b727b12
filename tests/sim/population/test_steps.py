"""Steps of a population against a plain loop on the definition."""

import numba
import numpy as np
import pytest

from sim.errors import InputError
from sim.population import (
    Population,
    asynchronous_steps,
    bound_gains,
    exploitability,
    exponentiated_gradient_step,
    projected_gradient_step,
    sequential_sweep,
    simultaneous_step,
    unilateral_gains,
)
from sim.quadratic import maximise_on_simplex
from sim.simplex import project_to_simplex

SHAPES = [
    pytest.param({"sparse": sparse, "alike": alike, "dimension": dimension}, id=f"{sparse=}-{alike=}-{dimension=}")
    for sparse in (False, True)
    for alike, dimension in ((False, 5), (True, 4), (False, 12))
]
every_shape = pytest.mark.parametrize("shape", SHAPES)


def start_of(population, seed=0):
    return np.random.default_rng(seed).dirichlet(np.full(population.dimension, 0.5), size=population.accounts)


STEPS = {
    "simultaneous": lambda p, w, **k: simultaneous_step(p, w, floor=0.01, damping=0.7, **k).mixtures,
    "sequential": lambda p, w, **k: sequential_sweep(p, w, damping=0.7, **k).mixtures,
    "asynchronous": lambda p, w, **k: asynchronous_steps(p, w, np.random.default_rng(3), **k).mixtures,
    "projected": lambda p, w, **k: projected_gradient_step(p, w, 0.3, floor=0.01, **k),
    "exponentiated": lambda p, w, **k: exponentiated_gradient_step(p, w, 0.3, **k),
}
every_step = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())


@every_shape
def test_simultaneous(make_population, best_response, shape):
    population = make_population(1, **shape)
    start = start_of(population)
    for floor, damping in ((0.0, 1.0), (0.02, 0.6)):
        moved = simultaneous_step(population, start, floor=floor, damping=damping).mixtures
        for m in range(population.accounts):
            target = start[m] + damping * (best_response(population, start, m, floor) - start[m])
            assert np.abs(moved[m] - target).max() <= 1e-12


@pytest.mark.parametrize("sparse", [False, True])
def test_many_accounts_use_kernels_of_their_own_with_the_same_results(make_population, sparse):
    many = make_population(1, 20_000, 4, sparse=sparse, alike=True)
    assert len(many.laws.tag) == 4
    assert make_population(1, 40, 4).laws.tag == ()
    start = start_of(many)
    moved = simultaneous_step(many, start).mixtures
    for m in range(0, 20_000, 1000):
        starts, indices = many.terms.starts, many.terms.neighbours
        others = start[indices[starts[m] : starts[m + 1]]] if sparse else np.delete(start, m, axis=0)
        pull = many.linear[0] - many.price[0] * many.similarity @ others.sum(axis=0)
        assert np.abs(moved[m] - maximise_on_simplex(many.curvatures[0], pull)).max() <= 1e-12


@every_shape
def test_in_turn(make_population, best_response, shape):
    population = make_population(2, **shape)
    start = start_of(population)
    order = np.random.default_rng(9).integers(population.accounts, size=60)
    for damping in (1.0, 0.6):
        swept = sequential_sweep(population, start, damping=damping).mixtures
        drawn = asynchronous_steps(population, start, np.random.default_rng(9), updates=60, damping=damping).mixtures
        for accounts, found in ((range(population.accounts), swept), (order.tolist(), drawn)):
            by_hand = start.copy()
            for m in accounts:
                by_hand[m] += damping * (best_response(population, by_hand, m) - by_hand[m])
            assert np.abs(found - by_hand).max() <= 1e-12


@every_shape
def test_gradient_steps(make_population, linear_term, shape):
    population = make_population(3, **shape)
    start = start_of(population)
    start[0] = np.eye(population.dimension)[0]
    kinds = np.broadcast_to(population.kinds, population.accounts)
    gradient = np.array(
        [linear_term(population, start, m) - population.curvatures[kinds[m]] @ start[m] for m in range(len(start))]
    )
    projected = projected_gradient_step(population, start, 0.4, floor=0.03)
    assert np.abs(projected - project_to_simplex(start + 0.4 * gradient, 0.03)).max() <= 1e-13
    grown = start * np.exp(0.4 * (gradient - gradient.max(axis=1, keepdims=True)))
    shared = exponentiated_gradient_step(population, start, 0.4)
    assert np.abs(shared - grown / grown.sum(axis=1, keepdims=True)).max() <= 1e-13
    assert np.array_equal(shared[0], start[0])


@every_shape
def test_gains(make_population, linear_term, best_response, shape):
    population = make_population(4, **shape)
    start = start_of(population)
    kinds = np.broadcast_to(population.kinds, population.accounts)

    def utility(m, w):
        return linear_term(population, start, m) @ w - w @ population.curvatures[kinds[m]] @ w / 2

    gains = unilateral_gains(population, start)
    for m in range(population.accounts):
        assert gains[m] == pytest.approx(utility(m, best_response(population, start, m)) - utility(m, start[m]))
    bounds = bound_gains(population, start)
    assert 0 < bounds.lower <= exploitability(population, start) <= bounds.upper
    assert exploitability(population, start) == gains.max()


@every_step
@pytest.mark.parametrize("sparse", [False, True])
def test_input_is_untouched_and_out_is_used(make_population, step, sparse):
    population = make_population(5, sparse=sparse)
    start = start_of(population)
    untouched, out = start.copy(), np.empty_like(start)
    moved = step(population, start)
    assert np.array_equal(start, untouched)
    assert not np.shares_memory(moved, start)
    assert step(population, start, out=out) is out
    assert np.array_equal(out, moved)
    for wrong in (start, np.empty((1, 1)), np.empty(start.shape, dtype=np.float32)):
        with pytest.raises(InputError) as caught:
            step(population, start, out=wrong)
        assert caught.value.field == "out"


@every_step
@pytest.mark.parametrize("sparse", [False, True])
def test_threads_change_no_bit(make_population, step, sparse):
    population = make_population(6, 10_000, 4, sparse=sparse)
    start, threads = start_of(population), numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        alone = step(population, start), unilateral_gains(population, start), bound_gains(population, start)
        numba.set_num_threads(min(2, numba.config.NUMBA_NUM_THREADS))
        together = step(population, start), unilateral_gains(population, start), bound_gains(population, start)
    finally:
        numba.set_num_threads(threads)
    assert np.array_equal(alone[0], together[0])
    assert np.array_equal(alone[1], together[1])
    assert alone[2] == together[2]


@every_step
def test_relabelling_groups_and_accounts_permutes_the_step(make_population, step):
    population = make_population(7, alike=False)
    groups, accounts = [2, 0, 4, 1, 3], np.random.default_rng(1).permutation(population.accounts)
    start = start_of(population)
    by_group = Population(
        linear=population.linear[:, groups],
        curvatures=population.curvatures[:, groups][:, :, groups],
        similarity=population.similarity[np.ix_(groups, groups)],
        kinds=population.kinds,
        price=population.price,
    )
    assert np.abs(step(by_group, start[:, groups]) - step(population, start)[:, groups]).max() <= 1e-12
    by_account = Population(
        linear=population.linear[accounts],
        curvatures=population.curvatures,
        similarity=population.similarity,
        kinds=population.kinds[accounts],
        price=population.price[accounts],
    )
    if step not in (STEPS["sequential"], STEPS["asynchronous"]):
        assert np.abs(step(by_account, start[accounts]) - step(population, start)[accounts]).max() <= 1e-12


def test_the_total_does_not_drift(make_population, best_response):
    population = make_population(8, 30, 3, alike=True, crowd=30.0)
    start = start_of(population)
    many = asynchronous_steps(population, start, np.random.default_rng(0), updates=200_000).mixtures
    after = sequential_sweep(population, many).mixtures
    first = best_response(population, many, 0)
    assert np.abs(after[0] - first).max() <= 1e-12


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"linear": np.zeros((4, 1))}, "linear"),
        ({"linear": np.full((4, 3), np.nan)}, "linear"),
        ({"linear": np.zeros((4, 65)), "curvatures": np.eye(65), "similarity": np.eye(65)}, "linear"),
        ({"linear": "words"}, "linear"),
        ({"curvatures": np.eye(2)}, "curvatures"),
        ({"curvatures": np.stack([np.eye(3)] * 2)}, "kinds"),
        ({"similarity": np.eye(4)}, "similarity"),
        ({"similarity": np.full((3, 3), np.inf)}, "similarity"),
        ({"kinds": [0, 0, 0, 1]}, "kinds"),
        ({"kinds": [0.5, 0, 0, 0]}, "kinds"),
        ({"price": -1.0}, "price[0]"),
        ({"price": np.ones(5)}, "accounts"),
        ({"accounts": 7}, "accounts"),
        ({"neighbours": ([0, 1, 2, 3, 4], [1, 0, 3])}, "neighbours[0]"),
        ({"neighbours": ([0, 2, 1, 3, 4], [1, 0, 3, 2])}, "neighbours[0]"),
        ({"neighbours": ([0, 1, 2, 3, 4], [1, 0, 3, 9])}, "neighbours[1]"),
        ({"neighbours": ([0, 1, 2, 3, 4], [1, 0, 2, 2])}, "neighbours"),
        ({"neighbours": ([0], [])}, "neighbours[0]"),
    ],
)
def test_bad_populations_name_the_field(change, field):
    good = {"linear": np.zeros((4, 3)), "curvatures": np.eye(3), "similarity": np.eye(3)}
    with pytest.raises(InputError) as caught:
        Population(**(good | change))
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda p, w: simultaneous_step(p, w[:3]), "mixtures"),
        (lambda p, w: simultaneous_step(p, np.where(w == w[7].max(), np.nan, w)), "mixtures[7]"),
        (lambda p, w: simultaneous_step(p, 2 * w), "mixtures[0]"),
        (lambda p, w: simultaneous_step(p, w, floor=0.5), "floor"),
        (lambda p, w: simultaneous_step(p, w, damping=0.0), "damping"),
        (lambda p, w: simultaneous_step(p, w, damping=1.1), "damping"),
        (lambda p, w: simultaneous_step(p, w, supports=np.zeros(3, dtype=np.int16)), "supports"),
        (lambda p, w: simultaneous_step(p, w, supports=np.full(40, 99, dtype=np.int16)), "supports"),
        (lambda p, w: asynchronous_steps(p, w, np.random.default_rng(0), updates=-1), "updates"),
        (lambda p, w: projected_gradient_step(p, w, 0.0), "step_size"),
        (lambda p, w: exponentiated_gradient_step(p, w, np.inf), "step_size"),
    ],
)
def test_bad_arguments_name_the_field(make_population, call, field):
    population = make_population(9)
    with pytest.raises(InputError) as caught:
        call(population, start_of(population))
    assert caught.value.field == field
