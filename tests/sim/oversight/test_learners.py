from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logit

from sim.errors import InputError
from sim.oversight import (
    alternating,
    conserved,
    linearise,
    optimistic,
    optimistic_growth,
    quantal_equilibrium,
    simultaneous,
    simultaneous_growth,
)


def distances(path, p, q, game):
    """Distance from (p, q) in logits, in the metric in which the centre is round."""
    stretch = np.sqrt(game.audit_slope * p * (1 - p) / (game.deterrence_slope * q * (1 - q)))
    return np.hypot((logit(path.aligned) - logit(p)) * stretch, logit(path.audited) - logit(q))


def near(eq, by=1e-6):
    return eq.aligned + by, eq.audited


@pytest.mark.parametrize("seed", range(5))
def test_simultaneous_learners_leave_at_the_stated_rate(random_inspection, seed):
    game = random_inspection(seed, mixed=True)
    eq, step = game.equilibrium(), 0.3 / linearise(random_inspection(seed, mixed=True)).omega
    path = simultaneous(game, near(eq, 1e-9), step=step, rounds=100)
    away = distances(path, eq.aligned, eq.audited, game)
    assert (away[-1] / away[0]) ** (1 / 100) == pytest.approx(simultaneous_growth(game, step), rel=1e-4)


@pytest.mark.parametrize("size", [0.2, 1.0])
def test_learners_who_take_turns_stay_bounded_where_simultaneous_ones_do_not(game, size):
    eq, step = game.equilibrium(), size / linearise(game).omega
    turns = alternating(game, (0.7, 0.4), step=step, rounds=5000)
    level = [conserved(game, p, q) for p, q in zip(turns.aligned, turns.audited, strict=True)]
    rest = conserved(game, eq.aligned, eq.audited)
    assert max(level) - rest < 4 * (level[0] - rest)
    assert max(level[2500:]) == pytest.approx(max(level[:2500]), rel=0.01)
    apart = simultaneous(game, (0.7, 0.4), step=step, rounds=200)
    assert conserved(game, apart.aligned[-1], apart.audited[-1]) - rest > 3 * (level[0] - rest)


def test_time_averages_of_bounded_learners_reach_the_equilibrium_as_one_over_time(game):
    eq = game.equilibrium()
    path = alternating(game, (0.7, 0.4), step=0.5, rounds=4000)
    for rounds in (400, 4000):
        # Margins are linear, so what the logits moved is exactly the mean margin times the time.
        moved = logit(path.aligned[rounds]) - logit(path.aligned[0])
        mean = path.audited[:rounds].mean()
        assert mean - eq.audited == pytest.approx(moved / (0.5 * rounds * game.deterrence_slope), abs=1e-12)
        assert abs(mean - eq.audited) < 4 / rounds
        assert abs(path.aligned[1 : rounds + 1].mean() - eq.aligned) < 4 / rounds
    assert np.ptp(path.audited[-100:]) > 0.2


def test_a_phase_of_n_steps_is_one_step_n_times_as_long(game):
    x, y = logit(0.7), logit(0.4)
    for _ in range(75):
        x += 0.01 * game.deterrence_margin(0.4)
    solver = 1 / (1 + np.exp(-x))
    for _ in range(75):
        y += 0.01 * game.audit_margin(solver)
    path = alternating(game, (0.7, 0.4), step=0.75, rounds=1)
    assert (logit(path.aligned[1]), logit(path.audited[1])) == pytest.approx((x, y))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("learn", [simultaneous, alternating])
def test_entropy_leads_to_the_quantal_equilibrium(random_inspection, seed, learn):
    game = random_inspection(seed, mixed=True)
    eq = quantal_equilibrium(game, 0.2)
    path = learn(game, (0.9, 0.1), step=min(0.3 * eq.largest_step, 1.0), rounds=4000, temperature=0.2)
    assert (path.aligned[-1], path.audited[-1]) == pytest.approx((eq.aligned, eq.audited), abs=1e-9)


def test_entropy_with_too_large_a_step_does_not(game):
    eq = quantal_equilibrium(game, 0.05)
    path = simultaneous(game, near(eq), step=1.2 * eq.largest_step, rounds=4000, temperature=0.05)
    assert np.ptp(path.aligned[-500:]) > 0.01


def test_optimistic_learners_converge_below_their_limit_and_not_above(game):
    eq, omega = game.equilibrium(), linearise(game).omega
    path = optimistic(game, near(eq, 1e-3), step=0.4 / omega, rounds=600)
    away = distances(path, eq.aligned, eq.audited, game)
    assert (away[60] / away[20]) ** (1 / 40) == pytest.approx(optimistic_growth(game, 0.4 / omega), rel=0.01)
    wild = optimistic(game, near(eq, 1e-3), step=0.65 / omega, rounds=600)
    assert distances(wild, eq.aligned, eq.audited, game)[-1] > 10 * away[0]


@pytest.mark.parametrize("feedback", [0.1, 1.0, 10.0])
def test_feedback_of_any_strength_settles_learners_who_take_small_turns(game, feedback):
    eq = game.equilibrium()
    path = alternating(game, (0.7, 0.4), step=0.2, rounds=20_000, feedback=feedback)
    assert (path.aligned[-1], path.audited[-1]) == pytest.approx((eq.aligned, eq.audited), abs=1e-4)


@pytest.mark.parametrize("seed", range(8))
def test_feedback_is_a_smaller_stake(random_inspection, seed):
    game = random_inspection(seed, mixed=True)
    eq = game.equilibrium()
    smaller = replace(game, aligned=game.aligned - 0.7 * (0.9 - eq.aligned))
    fed = simultaneous(game, (0.9, 0.4), step=0.1, rounds=1, feedback=0.7)
    assert fed.aligned[1] == pytest.approx(simultaneous(smaller, (0.9, 0.4), step=0.1, rounds=1).aligned[1])
    assert fed.audited[1] == simultaneous(game, (0.9, 0.4), step=0.1, rounds=1).audited[1]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"start": (0.0, 0.5)}, "start[0]"),
        ({"start": (0.5, 2.0)}, "start[1]"),
        ({"step": 0.0}, "step"),
        ({"rounds": 0}, "rounds"),
        ({"temperature": -1.0}, "temperature"),
        ({"feedback": -1.0}, "feedback"),
    ],
)
def test_bad_input_is_named(game, changes, field):
    with pytest.raises(InputError) as caught:
        simultaneous(game, **({"start": (0.5, 0.5), "step": 0.1, "rounds": 1} | changes))
    assert caught.value.field == field


def test_learners_need_no_mixed_equilibrium_but_feedback_does(game):
    lost = replace(game, private_gain=3.0)
    assert simultaneous(lost, (0.9, 0.5), step=0.1, rounds=500).aligned[-1] < 1e-3
    with pytest.raises(InputError, match="expected a mixed equilibrium"):
        simultaneous(lost, (0.9, 0.5), step=0.1, rounds=1, feedback=1.0)
