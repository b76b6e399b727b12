"""Exponents that are known: analytic along the orbit, the log of a contraction rate, below zero on a stable cycle."""

from dataclasses import dataclass

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.diagnosis import largest_lyapunov, trajectory_exponent
from sim.dynamics import (
    ExponentiatedGradient,
    Floored,
    ProjectedGradient,
    SequentialBestResponse,
    SimultaneousBestResponse,
    State,
    StepSize,
    predicted_rate,
    simulate,
)
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame
from sim.simplex import sample_uniform

START = np.array([[0.3, 0.7]])


def two_groups(accounts=1, diversity=0.0):
    return AlignmentGame(
        attractiveness=np.array([1.0, 0.0]),
        inconsistency=np.eye(2),
        similarity=np.eye(2),
        incentives=Incentives(0.5, 1.0, diversity),
        accounts=accounts,
    )


def exponent(game, rule, start, rounds=800, transient=300):
    rng = np.random.default_rng(0)
    return largest_lyapunov(game, rule, start, rounds=rounds, transient=transient, rng=rng)


@pytest.mark.parametrize("step", [1.5, 2.6, 4.0, 5.0])
def test_exponentiated_gradient_of_two_groups_has_the_analytic_exponent(step):
    game, rule = two_groups(), ExponentiatedGradient(StepSize(step))
    found = exponent(game, rule, START)
    weight = simulate(game, rule, START, 1100, np.random.default_rng(0))[300:-1, 0, 0]
    # In z = log(x / (1 - x)) the step is z <- z + step (g_1 - g_2), with slope -(e_1 - e_2)'2C(e_1 - e_2) = -4 in x.
    analytic = np.mean(np.log(np.abs(1 - 4 * step * weight * (1 - weight))))
    assert found.exponent == pytest.approx(analytic, abs=0.01)
    assert found.low <= found.exponent <= found.high


def test_large_steps_are_chaotic_and_small_ones_are_not():
    game = two_groups()
    weight = homogeneous_equilibrium(game).mixture
    steps = {step: exponent(game, ExponentiatedGradient(StepSize(step)), START) for step in (1.5, 2.6, 5.0)}
    stable = {step: step * 4 * weight[0] * weight[1] < 2 for step in steps}
    assert stable == {1.5: True, 2.6: False, 5.0: False}
    assert [found.chaotic for found in steps.values()] == [False, False, True]
    assert steps[2.6].high < 0, "a stable 2-cycle"


@pytest.mark.parametrize(
    "rule",
    [
        ProjectedGradient(StepSize(0.1)),
        ExponentiatedGradient(StepSize(0.3)),
        SimultaneousBestResponse(0.3),
        SequentialBestResponse(),
        Floored(ProjectedGradient(StepSize(0.1)), 0.02),
    ],
    ids=["gradient", "exponentiated", "damped", "sequential", "floored"],
)
def test_a_contraction_has_the_log_of_its_rate(interior_game, rule):
    game = interior_game(0.6, accounts=3)
    floor = getattr(rule, "floor", 0.0)
    rest = homogeneous_equilibrium(game, floor).mixture
    rate = predicted_rate(game, rule, rest).spectral_radius
    found = exponent(game, rule, np.tile(rest, (3, 1)), rounds=200, transient=100)
    assert found.exponent == pytest.approx(np.log(rate), abs=0.02)
    assert not found.chaotic


def test_many_accounts_on_a_network_are_measured_too():
    game = HeterogeneousGame.of(two_groups(accounts=3, diversity=0.3))
    start = np.array([[0.3, 0.7], [0.5, 0.5], [0.6, 0.4]])
    assert exponent(game, ExponentiatedGradient(StepSize(0.5)), start).high < 0
    assert exponent(game, ExponentiatedGradient(StepSize(6.0)), start).chaotic


@dataclass(frozen=True)
class Remembering:
    """Heavy-ball gradient: a linear map of (profile, last profile) with a known spectral radius."""

    step_size: float
    momentum: float

    def step(self, state, feedback, rng):
        last = state.profile if state.memory is None else state.memory[0]
        push = self.step_size * feedback.gradients(state.profile)
        push -= push.mean(axis=1, keepdims=True)
        return State(state.profile + push + self.momentum * (state.profile - last), state.profile[None])


def test_memory_counts():
    game, rest = two_groups(), homogeneous_equilibrium(two_groups()).mixture
    found = exponent(game, Remembering(0.05, 0.8), np.tile(rest, (1, 1)), rounds=2000, transient=200)
    # x <- (1.8 - 0.05 * 2) x - 0.8 x_last on the tangent space: complex roots of modulus sqrt(0.8).
    assert found.exponent == pytest.approx(np.log(0.8) / 2, abs=0.01)


def test_the_same_draws_move_both_neighbours():
    @dataclass(frozen=True)
    class Shaken:
        def step(self, state, feedback, rng):
            centre = np.full_like(state.profile, 0.5)
            return State(0.5 * state.profile + 0.4 * centre + 0.1 * sample_uniform(rng, 2, 1))

    assert exponent(two_groups(), Shaken(), START).exponent == pytest.approx(np.log(0.5), abs=1e-4)


def test_a_best_response_to_nobody_forgets_everything_at_once():
    assert exponent(two_groups(), SimultaneousBestResponse(), START, rounds=20, transient=0).exponent == -np.inf


def test_inputs_stay_and_the_same_seed_gives_the_same_bits():
    rule, start = ExponentiatedGradient(StepSize(5.0)), START.copy()
    first, second = (exponent(two_groups(), rule, start, rounds=100) for _ in range(2))
    assert np.array_equal(first.growth, second.growth)
    assert np.array_equal(start, START)
    with pytest.raises(InputError, match="rounds"):
        exponent(two_groups(), rule, start, rounds=3)


def logistic(rounds):
    weights = np.empty(rounds)
    weights[0] = 0.3
    for t in range(1, rounds):
        weights[t] = 4 * weights[t - 1] * (1 - weights[t - 1])
    return weights[:, None]


def test_trajectory_alone_finds_the_exponent_of_the_logistic_map():
    found = trajectory_exponent(logistic(1000))
    assert found.chaotic
    assert found.exponent == pytest.approx(np.log(2), abs=0.1)


def test_trajectory_alone_agrees_with_the_rule():
    game, rule = two_groups(), ExponentiatedGradient(StepSize(5.0))
    path = simulate(game, rule, START, 1000, np.random.default_rng(0))[200:]
    assert trajectory_exponent(path).exponent == pytest.approx(exponent(game, rule, START).exponent, abs=0.06)


@pytest.mark.parametrize("persistence", [0.0, 0.9, 0.97, -0.8])
@pytest.mark.parametrize("rounds", [60, 150])
@pytest.mark.parametrize("coordinates", [1, 3])
def test_noise_is_not_chaos(persistence, rounds, coordinates):
    found = 0
    for seed in range(30):
        series = np.random.default_rng(seed).normal(size=(rounds + 60, coordinates))
        for t in range(1, rounds + 60):
            series[t] += persistence * series[t - 1]
        estimate = trajectory_exponent(series[60:])
        found += estimate is not None and estimate.chaotic
    assert found <= 1


def test_several_incommensurate_periods_are_not_chaos():
    clock = np.arange(400)
    assert not trajectory_exponent(
        np.stack([np.cos(1.1 * clock), np.sin(1.1 * clock), np.cos(0.37 * clock)], 1)
    ).chaotic


def test_rest_an_exact_cycle_and_a_short_window_have_no_estimate():
    assert trajectory_exponent(np.full((100, 2), 0.5)) is None
    assert trajectory_exponent(np.tile([[0.0], [1.0]], (50, 1))) is None
    assert trajectory_exponent(logistic(30)) is None


def test_delays_see_what_one_coordinate_hides():
    # The second coordinate of a Henon map is the first, delayed.
    x, y = 0.1, 0.1
    path = []
    for _ in range(900):
        x, y = 1 - 1.4 * x * x + y, 0.3 * x
        path.append(x)
    series = np.array(path)[100:, None]
    found = trajectory_exponent(series, delays=2)
    assert found.chaotic
    assert found.exponent == pytest.approx(0.419, abs=0.08)
    assert found.predictability > trajectory_exponent(series).predictability
