"""Searches in a box: gradient estimates are unbiased, known optima are reached, checkpoints change nothing."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from sim.design.controllers import (
    AskTell,
    DiscountedThompson,
    Exp3,
    OnePointGradient,
    Spsa,
    StateFeedback,
    Ucb1,
    UniformSwitching,
    play,
)
from sim.dynamics.step_size import StepSize
from sim.errors import InputError

LOW, HIGH = np.array([-1.0, 0.0]), np.array([3.0, 2.0])
BEST = np.array([0.2, 1.3])
CURVE = np.array([[0.6, 0.3], [0.3, 1.5]])
CONSTANT = StepSize(1e-12)


def hill(noise: float = 0.0, level: float = 0.0):
    def measure(profile, rng):
        away = np.asarray(profile) - BEST
        drawn = rng.normal()
        return float(level - away @ CURVE @ away + noise * drawn), {"noise": drawn}

    return measure


def slope_at(unit: np.ndarray) -> np.ndarray:
    """Gradient of the hill in units of the box."""
    return -2 * CURVE @ (LOW + unit * (HIGH - LOW) - BEST) * (HIGH - LOW)


def estimates(controller, step: float, draws: int, noise: float, rounds: int) -> np.ndarray:
    """Gradient estimates, from the moves of a copy of the controller started over and over."""
    rng, found = np.random.default_rng(0), []
    for _ in range(draws):
        one = copy.deepcopy(controller)
        before = one.memory["centre"]
        for _ in range(rounds):
            profile = one.propose(rng)
            one.observe(profile, hill(noise, level=1.0)(profile, rng)[0], {})
        found.append((one.memory["centre"] - before) / step)
    return np.array(found)


@pytest.mark.parametrize("start", [[1.0, 1.0], [0.0, 0.6]])
def test_spsa_estimates_are_unbiased(start) -> None:
    controller = Spsa(LOW, HIGH, StepSize(1e-6), detour=0.05, start=start)
    found = estimates(controller, 1e-6, 3000, 0.02, rounds=2)
    error = found.std(axis=0) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - slope_at(controller.memory["centre"])) < 4 * error).all()


@pytest.mark.parametrize("start", [[1.0, 1.0], [0.0, 0.6]])
def test_one_point_estimates_are_unbiased_whatever_the_baseline(start) -> None:
    controller = OnePointGradient(LOW, HIGH, StepSize(1e-6), detour=0.1, start=start)
    controller.memory["seen"] = np.array([3.0, 3 * 0.4])
    found = estimates(controller, 1e-6, 6000, 0.02, rounds=1)
    error = found.std(axis=0) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - slope_at(controller.memory["centre"])) < 4 * error).all()


def distance(found: np.ndarray) -> float:
    return float(np.linalg.norm((found - BEST) / (HIGH - LOW)))


def test_two_points_reach_the_optimum_and_more_rounds_come_nearer() -> None:
    errors = {}
    for rounds in (60, 600):
        ends = [
            play(Spsa(LOW, HIGH, StepSize(0.03, 20)), hill(0.1), rounds=rounds, seed=seed).recommended
            for seed in range(12)
        ]
        errors[rounds] = np.mean([distance(end) for end in ends])
    assert errors[600] < 0.035
    assert errors[600] < 0.7 * errors[60]


def test_one_point_comes_near_the_optimum_slower() -> None:
    errors = {}
    for rounds in (150, 2000):
        ends = [
            play(OnePointGradient(LOW, HIGH, StepSize(0.02, 100)), hill(0.1), rounds=rounds, seed=seed).recommended
            for seed in range(5)
        ]
        errors[rounds] = np.mean([distance(end) for end in ends])
    assert errors[2000] < 0.07
    assert errors[2000] < 0.7 * errors[150]
    start = distance((LOW + HIGH) / 2)
    assert errors[2000] < 0.3 * start


def test_an_optimum_at_the_border_is_approached_within_the_box() -> None:
    for make in (
        lambda: Spsa(LOW, HIGH, StepSize(0.02, 50)),
        lambda: OnePointGradient(LOW, HIGH, StepSize(0.003, 100)),
    ):
        found = play(make(), lambda profile, rng: (float(profile[0] - profile[1]), {}), rounds=1000, seed=1)
        assert (found.profiles >= LOW - 1e-12).all()
        assert (found.profiles <= HIGH + 1e-12).all()
        assert np.abs((found.recommended - LOW) / (HIGH - LOW) - [1.0, 0.0]).max() < 0.15


def test_asking_and_telling_beats_drawing_at_random() -> None:
    """On a function with two hills, with as many rounds, in most seeds."""

    def measure(profile, rng):
        x, y = (profile - LOW) / (HIGH - LOW)
        return float(np.exp(-30 * ((x - 0.8) ** 2 + (y - 0.3) ** 2)) + 0.6 * np.exp(-10 * ((x - 0.2) ** 2 + y**2))), {}

    best, lucky = [], []
    for seed in range(5):
        best.append(measure(play(AskTell(LOW, HIGH), measure, rounds=50, seed=seed).recommended, None)[0])
        drawn = np.random.default_rng(seed).uniform(LOW, HIGH, size=(50, 2))
        lucky.append(max(measure(each, None)[0] for each in drawn))
    assert np.median(best) > 0.95
    assert np.median(best) > np.median(lucky)


def test_under_noise_the_recommendation_averages_over_neighbours() -> None:
    profiles = np.array([[0.0, 1.0], [0.1, 1.0], [0.05, 1.0], [2.5, 0.1], [2.4, 0.2], [2.45, 0.1]])
    values = np.array([1.0, 1.1, 0.9, 1.5, 0.0, 0.1])
    for neighbours, expected in ((1, profiles[3]), (3, profiles[0])):
        controller = AskTell(LOW, HIGH, neighbours=neighbours)
        for profile, value in zip(profiles, values, strict=True):
            controller.observe(profile, value, {})
        assert controller.recommend().tolist() == expected.tolist()


MAKERS = {
    "thompson": lambda memory: DiscountedThompson(np.arange(6.0).reshape(3, 2) / 3, memory=memory),
    "exp3": lambda memory: Exp3(np.arange(6.0).reshape(3, 2) / 3, least=-20.0, span=20.0, memory=memory),
    "uniform": lambda memory: UniformSwitching(np.arange(6.0).reshape(3, 2) / 3, memory=memory),
    "feedback": lambda memory: StateFeedback([0.0, 1.0], [1.0, -0.5], "noise", 0.1, gain=2.0, memory=memory),
    "ucb": lambda memory: Ucb1(np.arange(6.0).reshape(3, 2) / 3, memory=memory),
    "one point": lambda memory: OnePointGradient(LOW, HIGH, StepSize(0.05, 10), memory=memory),
    "two points": lambda memory: Spsa(LOW, HIGH, StepSize(0.05, 10), memory=memory),
    "ask and tell": lambda memory: AskTell(LOW, HIGH, startup=3, memory=memory),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_resumed_play_goes_on_as_it_would_have(name) -> None:
    """Arrays of the memory, written down at an odd round, are the whole state."""
    whole = play(MAKERS[name]({}), hill(0.1), rounds=13, seed=5)
    first = MAKERS[name]({})
    play(first, hill(0.1), rounds=7, seed=5)
    kept = {key: np.array(value.tolist()).reshape(value.shape) for key, value in first.memory.items()}
    rest = play(MAKERS[name](kept), hill(0.1), rounds=6, seed=5, first=7)
    np.testing.assert_array_equal(whole.profiles[7:], rest.profiles)
    np.testing.assert_array_equal(whole.recommended, rest.recommended)


@pytest.mark.parametrize("name", ["one point", "two points", "ask and tell", "thompson", "exp3", "uniform", "feedback"])
def test_the_seed_decides(name) -> None:
    same = [play(MAKERS[name]({}), hill(0.1), rounds=8, seed=seed).profiles for seed in (1, 1, 2)]
    np.testing.assert_array_equal(same[0], same[1])
    assert (same[0] != same[2]).any()


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Spsa([0.0], [0.0], CONSTANT), "low"),
        (lambda: Spsa([0.0], [1.0, 2.0], CONSTANT), "high"),
        (lambda: OnePointGradient(LOW, HIGH, CONSTANT, detour=0.5), "detour"),
        (lambda: OnePointGradient(LOW, HIGH, CONSTANT, start=[9.0, 9.0]), "start"),
        (lambda: AskTell(LOW, HIGH, startup=0), "startup"),
        (lambda: play(Spsa(LOW, HIGH, CONSTANT), hill(), rounds=0, seed=0), "rounds"),
    ],
)
def test_bad_input_is_named(make, field) -> None:
    with pytest.raises(InputError, match=field):
        make()
