"""Sweeps there and back: jumps at finite speed, extrapolated, against the folds."""

import numpy as np
import pytest

from sim.coevolution import (
    CoupledMap,
    at_rest,
    crossing,
    full_house,
    hysteresis_loop,
    play_members,
    settle,
    with_members,
)
from sim.coevolution.hysteresis import staircase
from sim.errors import InputError

GAIN, TEMPERATURE, ENDS = 0.4, 0.05, (0.6, 0.8)
ROUNDS = (400, 800, 1600, 3200)


def loops(logistic, rounds):
    model = logistic(GAIN, TEMPERATURE, ENDS[0])
    system = CoupledMap(model, "outside")
    start = settle(system, system.pack(full_house(model)), ENDS[0]).point
    return [
        hysteresis_loop(system, start, ENDS, rounds=count, observe=lambda points: points[:, 0], level=0.5, steps=400)
        for count in rounds
    ]


@pytest.mark.slow
def test_jumps_extrapolated_to_slow_sweeps_are_the_folds(logistic, closed_form_folds):
    lost, back = closed_form_folds(GAIN, TEMPERATURE)
    found = loops(logistic, ROUNDS)
    speeds = [(ENDS[1] - ENDS[0]) / rounds for rounds in ROUNDS]
    assert at_rest(speeds, [loop.lost_at for loop in found]).value == pytest.approx(lost, abs=1e-3)
    assert at_rest(speeds, [loop.won_back_at for loop in found]).value == pytest.approx(back, abs=1e-3)
    # A prediction from a gain that is 5% off is told from the right one.
    wrong = closed_form_folds(0.95 * GAIN, TEMPERATURE)
    assert abs(at_rest(speeds, [loop.lost_at for loop in found]).value - wrong[0]) > 1e-3
    assert abs(at_rest(speeds, [loop.won_back_at for loop in found]).value - wrong[1]) > 1e-3
    # At any speed the jump comes late, and later the faster.
    delays = [loop.lost_at - lost for loop in found]
    assert min(delays) > 0
    assert delays == sorted(delays, reverse=True)
    assert found[-1].width > lost - back > 0


@pytest.mark.slow
def test_people_show_the_same_loop(logistic, closed_form_folds):
    lost, back = closed_form_folds(GAIN, TEMPERATURE)
    (loop,) = loops(logistic, (1000,))
    there = staircase(*ENDS, 1000, 200)
    values = np.concatenate([there, there[::-1]])
    crowd = with_members(logistic(GAIN, TEMPERATURE, ENDS[0]), 2000)
    jumps = []
    for seed in range(6):
        run = play_members(crowd, "outside", values, seed=seed)
        share = run.present[:, 0] / 2000
        jumps.append([crossing(values[:1000], share[:1000], 0.5), crossing(values[1000:], share[1000:], 0.5)])
    jumps = np.array(jumps)
    low, high = np.quantile(jumps[:, 0] - jumps[:, 1], [0.025, 0.975])
    assert 0.5 * (lost - back) < low < high < 2 * (lost - back)
    assert np.abs(jumps.mean(axis=0) - [loop.lost_at, loop.won_back_at]).max() < 0.01


def test_a_crossing_is_interpolated_and_absent_where_there_is_none():
    assert crossing(np.array([0.0, 1.0, 2.0]), np.array([1.0, 0.8, 0.0]), 0.4) == pytest.approx(1.5)
    assert np.isnan(crossing(np.array([0.0, 1.0]), np.array([1.0, 0.9]), 0.4))


def test_extrapolation_recovers_the_law_of_delays():
    speeds = np.array([1e-2, 3e-3, 1e-3, 3e-4])
    rest = at_rest(speeds, 1.5 + 2 * speeds ** (2 / 3) - 3 * speeds)
    assert rest.value == pytest.approx(1.5, abs=1e-12)
    assert rest.spread < 1e-10
    with pytest.raises(InputError, match="at least 4"):
        at_rest([1.0, 2.0], [1.0, 2.0])
    with pytest.raises(InputError, match="jump"):
        at_rest([1, 2, 3, 4], [1, 2, np.nan, 4])


def test_settling_plays_a_slow_passage_to_its_end(logistic, closed_form_folds):
    """Just past a fold the map lingers where the fixed point was; it must not be called settled there."""
    lost, _ = closed_form_folds(GAIN, TEMPERATURE)
    model = logistic(GAIN, TEMPERATURE, ENDS[0])
    system = CoupledMap(model, "outside")
    before = settle(system, np.array([1.0]), lost - 1e-4)
    after = settle(system, np.array([1.0]), lost + 1e-4)
    assert before.at_rest
    assert before.point[0] > 0.8
    assert after.at_rest
    assert after.point[0] < 0.2
    assert not settle(system, np.array([1.0]), lost + 1e-5, rounds=60).at_rest
