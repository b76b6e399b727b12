"""All fixed points, against a closed form; verdicts of stability, against the map itself."""

import numpy as np
import pytest

from sim.coevolution import CoupledMap, SmoothMap, fixed_points
from sim.coevolution.piecewise import jacobian


def returns(system, one, rng, rounds=5000):
    """Whether the map comes back after a small push, or leaves; None if it does neither."""
    push = rng.normal(size=one.point.size)
    point = one.point + 1e-5 * push / np.linalg.norm(push)
    for _ in range(rounds):
        point = system.evaluate(point, one.parameter).image
        off = np.abs(point - one.point).max()
        if off < 1e-7 or off > 1e-3:
            return off < 1e-7
    return None


def exceptions(numbers, draw):
    """Verdicts that the map contradicts, verdicts in all, and values at which a fixed point must be missing."""
    wrong, count, missing = [], 0, 0
    for number in numbers:
        model = draw(number)
        value = model.game.incentives.attractiveness
        system, rng = CoupledMap(model, "attractiveness"), np.random.default_rng(number)
        found = fixed_points(system, value, system.starts(rng, 6, value), between=3)
        missing += found.index_sum != 1
        for one in found.points:
            if one.stability != "undecided":
                count += 1
                if returns(system, one, rng) != (one.stability == "stable"):
                    wrong.append((number, one))
    return wrong, count, missing


def test_the_logistic_self_consistency_equation_has_the_three_solutions_of_bisection(logistic):
    gain, temperature, outside = 0.4, 0.05, 0.71
    system = CoupledMap(logistic(gain, temperature, outside), "outside")
    found = fixed_points(system, outside, system.starts(np.random.default_rng(0), 12, outside))
    grid = np.linspace(0, 1, 200_001)
    off = 1 / (1 + np.exp(-(0.5 + gain * grid - outside) / temperature)) - grid
    expected = grid[np.flatnonzero(off[1:] * off[:-1] <= 0)]
    assert [one.stability for one in found.points] == ["stable", "unstable", "stable"]
    assert np.allclose(sorted(one.point[0] for one in found.points), expected, atol=1e-5)
    assert found.index_sum == 1
    assert found.lost == 0


def test_a_multiplier_is_the_closed_form(logistic):
    gain, temperature, outside, rate = 0.4, 0.05, 0.7, 0.5
    system = CoupledMap(logistic(gain, temperature, outside, rate), "outside")
    for one in fixed_points(system, outside, system.starts(np.random.default_rng(0), 12, outside)).points:
        present = one.point[0]
        expected = 1 - rate + rate * gain / temperature * present * (1 - present)
        assert one.multipliers[0].real == pytest.approx(expected, abs=1e-7)


def test_verdicts_of_stability_hold_in_random_platforms(random_platform):
    wrong, count, _ = exceptions(range(4), random_platform)
    assert count >= 4
    assert not wrong


@pytest.mark.slow
def test_verdicts_of_stability_hold_in_many_random_platforms(random_platform):
    wrong, count, missing = exceptions(range(60), random_platform)
    assert count > 100
    assert not wrong, f"{len(wrong)} of {count}: {wrong}"
    assert missing <= 10


def test_a_point_on_a_border_or_with_a_neutral_multiplier_has_no_verdict():
    class Tent:
        """x -> p + x / 2 on the left, p - x / 2 on the right."""

        def evaluate(self, point, parameter, regime=None):
            from sim.coevolution import Evaluation

            right = bool(point.reshape(-1)[0] >= 0) if regime is None else regime[0]
            return Evaluation(parameter + (-0.5 if right else 0.5) * point, (right,), point if right else -point)

    (one,) = fixed_points(Tent(), 0.0, np.array([[0.3]])).points
    assert one.stability == "undecided"
    assert one.margin < 1e-8
    (inside,) = fixed_points(Tent(), 1.0, np.array([[0.3]])).points
    assert inside.stability == "stable"
    (still,) = fixed_points(SmoothMap(lambda x, p: x + 0 * p), 0.0, np.array([[0.2]])).points
    assert still.stability == "undecided"


def test_many_states_at_once_give_what_one_at_a_time_gives(random_platform):
    for number in range(4):
        model = random_platform(number)
        value = model.game.incentives.attractiveness
        system = CoupledMap(model, "attractiveness")
        points = system.starts(np.random.default_rng(number), 3, value)
        here = system.evaluate(points[2], value)
        together = system.evaluate(points, value, here.regime)
        for point, image, margins in zip(points, together.image, together.margins, strict=True):
            alone = system.evaluate(point, value, here.regime)
            assert np.allclose(alone.image, image, atol=1e-13)
            assert np.allclose(alone.margins, margins, atol=1e-13)
        assert np.allclose(together.image[2], here.image, atol=1e-13)
        assert np.allclose(system.pack(system.unpack(points)), points, atol=1e-14)


def test_a_jacobian_is_that_of_the_piece():
    slope = jacobian(SmoothMap(lambda x, p: np.array([x[0] * x[1], p * x[1] ** 2])), np.array([2.0, 3.0]), 0.5, ())
    assert np.allclose(slope, [[3.0, 2.0], [0.0, 3.0]], atol=1e-8)
