from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import expit, logit

from sim.errors import InputError
from sim.oversight import (
    OPTIMISTIC_LIMIT,
    alternating_growth,
    conserved,
    linearise,
    optimistic_growth,
    quantal_equilibrium,
    simultaneous_growth,
)


def field(game, feedback=0.0):
    rest = game.equilibrium().aligned

    def flow(_, logits):
        p, q = expit(logits)
        detection = q + (1 - q) * game.check_rate
        damped = detection * game.noise.discrimination * feedback * (p - rest)
        return np.array([game.deterrence_margin(q) - damped, game.audit_margin(p)])

    return flow


def differences(flow, at, step=1e-6):
    return np.column_stack([(flow(0, at + step * e) - flow(0, at - step * e)) / (2 * step) for e in np.eye(2)])


def rest_logits(game):
    eq = game.equilibrium()
    return logit(np.array([eq.aligned, eq.audited]))


@pytest.mark.parametrize("seed", range(15))
@pytest.mark.parametrize("feedback", [0.0, 0.7])
def test_jacobian_is_that_of_the_flow(random_inspection, seed, feedback):
    game = random_inspection(seed, mixed=True)
    motion = linearise(game, feedback=feedback)
    jacobian = differences(field(game, feedback), rest_logits(game))
    assert np.allclose(motion.jacobian, jacobian, atol=1e-7)
    assert motion.damping == pytest.approx(-np.linalg.eigvals(jacobian).real.max(), abs=1e-7)
    assert (np.trace(motion.jacobian) == 0) == (feedback == 0)
    assert motion.damping >= 0


def test_a_small_turn_takes_the_stated_time_and_h_is_constant_on_a_large_one(game):
    motion = linearise(game)
    start = rest_logits(game) + np.array([1e-4, 0])
    turned = solve_ivp(field(game), (0, motion.period), start, rtol=1e-11, atol=1e-13).y[:, -1]
    assert np.allclose(turned, start, atol=1e-7)
    far = solve_ivp(field(game), (0, 100), [3.0, 2.0], rtol=1e-11, atol=1e-12).y
    assert np.ptp(far[0]) > 5
    values = [conserved(game, *expit(point)) for point in far.T]
    assert np.ptp(values) < 1e-7


@pytest.mark.parametrize("seed", range(10))
def test_the_conserved_quantity_is_least_at_the_equilibrium(random_inspection, seed):
    game = random_inspection(seed, mixed=True)
    eq = game.equilibrium()
    least = conserved(game, eq.aligned, eq.audited)
    for p, q in np.random.default_rng(seed).uniform(0.01, 0.99, (20, 2)):
        assert conserved(game, p, q) > least


def test_feedback_makes_it_fall_from_anywhere_and_moves_no_equilibrium(game):
    flow = field(game, feedback=1.0)
    assert np.allclose(flow(0, rest_logits(game)), 0)
    path = solve_ivp(flow, (0, 400), [3.0, 2.0], rtol=1e-10, atol=1e-12).y
    values = [conserved(game, *expit(point)) for point in path.T]
    assert np.all(np.diff(values) < 1e-8)
    assert np.allclose(path[:, -1], rest_logits(game), atol=1e-3)


def test_overdamped_feedback_reports_the_slower_of_two_rates(game):
    motion = linearise(game, feedback=50.0)
    rates = np.linalg.eigvals(motion.jacobian)
    assert np.all(rates.imag == 0)
    assert motion.damping == pytest.approx(-rates.real.max())


def test_growth_factors_are_eigenvalues_of_the_discrete_maps(game):
    jacobian = linearise(game).jacobian
    quantal = quantal_equilibrium(game, 0.2)
    damped = np.array(
        [
            [-0.2, game.deterrence_slope * quantal.audited * (1 - quantal.audited)],
            [-game.audit_slope * quantal.aligned * (1 - quantal.aligned), -0.2],
        ]
    )
    one, none = np.eye(2), np.zeros((2, 2))
    for step in (0.1, 0.9, 1.5, 1.6, 5.0, 6.0):
        push = step * jacobian
        radius = lambda matrix: np.abs(np.linalg.eigvals(matrix)).max()  # noqa: E731
        assert simultaneous_growth(game, step) == pytest.approx(radius(one + push))
        turns = (one + push * [[0], [1]]) @ (one + push * [[1], [0]])
        assert alternating_growth(game, step) == pytest.approx(radius(turns), abs=1e-7)
        assert optimistic_growth(game, step) == pytest.approx(radius(np.block([[one + 2 * push, -push], [one, none]])))
        assert quantal.growth(step) == pytest.approx(radius(one + step * damped))


def test_thresholds_of_the_steps(game):
    omega, quantal = linearise(game).omega, quantal_equilibrium(game, 0.2)
    for growth, limit in (
        (lambda h: optimistic_growth(game, h), OPTIMISTIC_LIMIT / omega),
        (quantal.growth, quantal.largest_step),
    ):
        assert growth(limit * 0.99) < 1 < growth(limit * 1.01)
    assert alternating_growth(game, 1.99 / omega) == 1.0
    assert alternating_growth(game, 2.01 / omega) > 1.0


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda game: linearise(game, feedback=-1), "feedback"),
        (lambda game: simultaneous_growth(game, 0), "step"),
        (lambda game: conserved(game, 1.0, 0.5), "aligned"),
        (lambda game: conserved(game, 0.5, 0.0), "audited"),
        (lambda game: linearise(replace(game, private_gain=5)), "game"),
    ],
)
def test_bad_input_is_named(game, call, named):
    with pytest.raises(InputError) as caught:
        call(game)
    assert caught.value.field == named
