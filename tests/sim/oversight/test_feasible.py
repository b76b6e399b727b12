from dataclasses import replace

import numpy as np
import pytest

from sim.errors import InputError
from sim.oversight import Noise, OutcomeValues, best_static_profile, feasible_set, profile_for

BOUNDS = {
    "misaligned": (-3.0, 0.2),
    "catch": (1.0, 2.0),
    "false_positive": (0.2, 1.0),
    "audit_cost": (0.1, 0.4),
    "miss": (0.0, 0.5),
}


def drawn(game, bounds, seed, count):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        yield game.with_rewards(**{name: rng.uniform(*pair) for name, pair in bounds.items()})


def test_no_rewards_within_the_bounds_lead_outside_and_the_ends_are_reached(game):
    noisy = replace(game, check_rate=0.05, noise=Noise(solver_error=0.05, true_positive_rate=0.9))
    reach = feasible_set(noisy, BOUNDS)
    assert reach.pure == ()
    points = [one.equilibrium() for one in drawn(noisy, BOUNDS, 1, 500)]
    for name in ("aligned", "audited"):
        low, high = getattr(reach, name)
        values = [getattr(point, name) for point in points]
        assert low <= min(values) < low + 0.15
        assert high - 0.15 < max(values) <= high


def test_every_point_of_the_rectangle_has_its_rewards(game):
    noisy = replace(game, check_rate=0.05, noise=Noise(solver_error=0.05, true_positive_rate=0.9))
    reach = feasible_set(noisy, BOUNDS)
    for p in np.linspace(*reach.aligned, 4):
        for q in np.linspace(*reach.audited, 4):
            rewards = profile_for(noisy, BOUNDS, aligned=p, audited=q)
            eq = noisy.with_rewards(**rewards).equilibrium()
            assert (eq.aligned, eq.audited) == pytest.approx((p, q))
            assert all(BOUNDS[name][0] - 1e-12 <= rewards[name] <= BOUNDS[name][1] + 1e-12 for name in BOUNDS)


@pytest.mark.parametrize("seed", range(12))
def test_nothing_drawn_within_the_bounds_beats_the_best_profile(game, seed):
    rng = np.random.default_rng(seed)
    aligned, caught, alarm, silent = rng.normal(size=4)
    values = OutcomeValues(aligned=aligned, caught=caught, false_positive=alarm, silent_failure=silent)
    wide = BOUNDS | {"misaligned": (-4.0, 0.9), "catch": (0.02, 3.0)}
    bounds = wide if seed % 2 else BOUNDS
    best = best_static_profile(game, bounds, values)
    eq = game.with_rewards(**best.rewards).equilibrium()
    assert (eq.aligned, eq.audited, values.of_play(eq.aligned, eq.audited)) == (best.aligned, best.audited, best.value)
    for one in drawn(game, bounds, seed, 300):
        rival = one.equilibrium()
        # Closer than `margin` to the edge of a cut rectangle, a little more is to be had.
        assert values.of_play(rival.aligned, rival.audited) <= best.value + 1e-3 * 10


@pytest.mark.parametrize(
    ("bounds", "values", "aligned", "audited"),
    [
        ({"catch": (0.1, 1.0), "misaligned": (4 / 9, 0.44445)}, OutcomeValues(), 1e-3, 0.9),
        ({"audit_cost": (-1.0, 0.2)}, OutcomeValues(), 0.999, 0.25),
        (
            {"misaligned": (0.0, 0.9)},
            OutcomeValues(aligned=0, caught=-1, false_positive=1, silent_failure=0),
            8 / 15,
            0.999,
        ),
    ],
)
def test_where_the_best_lies_at_a_cut_edge_it_is_approached(game, bounds, values, aligned, audited):
    best = best_static_profile(game, bounds, values)
    assert (best.aligned, best.audited) == pytest.approx((aligned, audited), abs=1e-4)
    assert all(low <= best.rewards[name] <= high for name, (low, high) in bounds.items())


def test_the_pure_kinds_within_reach_are_named(game):
    reach = feasible_set(game, {"catch": (0.1, 1.0), "misaligned": (-1.0, 0.8)})
    assert reach.pure == ("misaligned, audited", "misaligned, unaudited")


def test_harsher_penalties_pay_only_where_most_are_aligned(game):
    """They lower audits at the same p, and audits are worth 1.5 - 2.8 p to the principal."""
    low = best_static_profile(game, {"misaligned": (-9.0, 0.0)})
    assert (low.aligned, low.rewards) == (pytest.approx(8 / 15), {"misaligned": 0.0})
    high = best_static_profile(game.with_rewards(catch=2.0), {"misaligned": (-9.0, 0.0)})
    assert (high.aligned, high.audited, high.rewards) == (pytest.approx(0.72), 0.05, {"misaligned": -9.0})


@pytest.mark.parametrize(
    ("bounds", "named"),
    [
        ({"gain": (0, 1)}, "bounds"),
        ({"catch": (2, 1)}, "bounds['catch']"),
        ({"catch": (0, float("nan"))}, "bounds['catch'][1]"),
        ({"catch": 3.0}, "bounds['catch']"),
        ({"catch": (1, 2, 3)}, "bounds['catch']"),
        ({"misaligned": (0.0, 2.0)}, "bounds"),
    ],
)
def test_bad_bounds_are_named(game, bounds, named):
    with pytest.raises(InputError) as caught:
        feasible_set(game, bounds)
    assert caught.value.field == named


def test_what_is_out_of_reach_is_named_with_the_range(game):
    with pytest.raises(InputError, match=r"^audited = 0.9: expected from 0.1 to 0.5"):
        profile_for(game, {"misaligned": (-4.0, 0.0)}, aligned=8 / 15, audited=0.9)
    with pytest.raises(InputError, match=r"^margin = 0.5"):
        best_static_profile(game, BOUNDS, margin=0.5)
    with pytest.raises(InputError, match=r"^game.noise"):
        best_static_profile(replace(game, noise=Noise(solver_error=0.1)), BOUNDS)
