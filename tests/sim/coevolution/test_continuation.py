"""Branches and their events against cases with a closed form."""

import numpy as np
import pytest

from sim.coevolution import CoupledMap, Evaluation, SmoothMap, bifurcation_diagram, continue_branch, fixed_points
from sim.errors import InputError


def kinds(branch):
    return [event.kind for event in branch.events]


def test_the_fold_of_the_normal_form():
    """x -> x + e (p - x^2): fixed points at +-sqrt(p), a fold at zero, the upper half stable."""
    system = SmoothMap(lambda x, p: x + 0.2 * (p - x**2))
    branch = continue_branch(system, np.array([1.0]), 1.0, bounds=(-1.0, 1.5))
    assert kinds(branch) == ["fold"]
    assert branch.ends == ("range", "range")
    assert branch.events[0].parameter == pytest.approx(0, abs=1e-9)
    assert np.abs(branch.points[:, 0] ** 2 - branch.parameters).max() <= 1e-9
    assert np.array_equal(branch.stable, branch.points[:, 0] > 0)


def test_two_folds_of_a_cubic():
    system = SmoothMap(lambda x, p: x + 0.3 * (p + x - x**3))
    branch = continue_branch(system, np.array([0.0]), 0.0, bounds=(-2.0, 2.0))
    assert kinds(branch) == ["fold", "fold"]
    edge = 2 / np.sqrt(27)
    assert sorted(event.parameter for event in branch.tipping_points) == pytest.approx([-edge, edge], abs=1e-9)
    assert branch.at(0.0)[:, 0] == pytest.approx([1, 0, -1], abs=1e-3) or branch.at(0.0)[:, 0] == pytest.approx(
        [-1, 0, 1], abs=1e-3
    )


def test_a_pitchfork_is_a_branch_point_and_both_branches_are_found():
    system = SmoothMap(lambda x, p: x + 0.2 * (p * x - x**3))
    (along,) = (continue_branch(system, np.array([0.0]), -1.0, bounds=(-1.0, 1.0)),)
    assert kinds(along) == ["branch point"]
    assert along.events[0].parameter == pytest.approx(0, abs=1e-6)
    branches, found = bifurcation_diagram(system, (-1.0, 1.0), [0.5], lambda p: np.array([[-1.0], [0.1], [1.0]]))
    assert len(found[0].points) == 3
    assert found[0].index_sum == 1
    assert 2 <= len(branches) <= 3


def test_the_logistic_map_doubles_its_period_at_three():
    system = SmoothMap(lambda x, p: p * x * (1 - x))
    branch = continue_branch(system, np.array([0.5]), 2.0, bounds=(1.5, 3.5))
    assert kinds(branch) == ["period doubling"]
    assert branch.events[0].parameter == pytest.approx(3, abs=1e-7)
    assert branch.events[0].unstable == (0, 1)


def test_the_delayed_logistic_map_loses_stability_to_a_circle_at_two():
    """x -> p x (1 - y), y -> x (Maynard Smith): multipliers (1 +- sqrt(5 - 4 p)) / 2, a pair on the circle at p = 2."""
    system = SmoothMap(lambda x, p: np.array([p * x[0] * (1 - x[1]), x[0]]))
    branch = continue_branch(system, np.array([1 / 3, 1 / 3]), 1.5, bounds=(1.2, 2.3))
    assert kinds(branch) == ["Neimark-Sacker"]
    assert branch.events[0].parameter == pytest.approx(2, abs=1e-6)
    assert branch.events[0].unstable == (0, 2)


class TwoSlopes:
    """x -> p + left x for x < 0, p + right x for x >= 0: fixed points p / (1 - slope) on their own side."""

    def __init__(self, left, right):
        self.left, self.right = left, right

    def evaluate(self, point, parameter, regime=None):
        right = bool(point.reshape(-1)[0] >= 0) if regime is None else regime[0]
        return Evaluation(
            parameter + (self.right if right else self.left) * point, (right,), point if right else -point
        )


def test_at_a_border_a_branch_goes_on_or_turns_back():
    on = continue_branch(TwoSlopes(0.5, -0.5), np.array([-2.0]), -1.0, bounds=(-1.0, 1.0))
    assert kinds(on) == ["border"]
    assert on.ends == ("range", "range")
    assert on.points[-1, 0] == pytest.approx(1 / 1.5)
    back = continue_branch(TwoSlopes(0.5, 2.0), np.array([-2.0]), -1.0, bounds=(-1.0, 1.0))
    assert kinds(back) == ["border fold"]
    assert back.tipping_points[0].parameter == pytest.approx(0, abs=1e-9)
    # A turn needs no multiplier at one: 0.5 on one side, 2 on the other.
    assert back.events[0].unstable in ((0, 1), (1, 0))
    assert {round(float(x), 6) for x in back.points[[0, -1], 0]} == {-2.0, 1.0}


@pytest.mark.parametrize(("gain", "temperature"), [(0.4, 0.05), (0.3, 0.02), (0.45, 0.1)])
def test_tipping_points_of_the_coupled_map_are_those_of_the_logistic_equation(
    gain, temperature, logistic, closed_form_folds
):
    system = CoupledMap(logistic(gain, temperature, 0.3), "outside")
    found = fixed_points(system, 0.3, system.starts(np.random.default_rng(0), 6, 0.3))
    (rest,) = found.points
    branch = continue_branch(system, rest.point, 0.3, bounds=(0.3, 1.2))
    folds = [event.parameter for event in branch.tipping_points]
    assert folds == pytest.approx(closed_form_folds(gain, temperature), abs=1e-8)
    assert [event.kind for event in branch.tipping_points] == ["fold", "fold"]


def test_without_enough_gain_there_is_no_tipping_point(logistic):
    system = CoupledMap(logistic(0.15, 0.05, 0.3), "outside")
    (rest,) = fixed_points(system, 0.3, system.starts(np.random.default_rng(0), 6, 0.3)).points
    branch = continue_branch(system, rest.point, 0.3, bounds=(0.3, 1.2))
    assert not branch.tipping_points
    assert branch.stable.all()


def test_a_branch_through_borders_is_made_of_fixed_points(make):
    from sim.coevolution import Rates, full_house, settle

    model = make(
        [0.5, 0.3, 0.2],
        np.eye(3),
        (0.5, 1.0, 0.0),
        inconsistency=0.5 * np.eye(3),
        rates=Rates(audience=0.2),
        outside=0.1,
        temperature=0.05,
    )
    system = CoupledMap(model, "attractiveness")
    rest = settle(system, system.pack(full_house(model)), 0.1)
    branch = continue_branch(system, rest.point, 0.1, bounds=(0.1, 3.0))
    assert "border" in kinds(branch) or "border fold" in kinds(branch)
    assert branch.ends == ("range", "range")
    for point, value in zip(branch.points[::7], branch.parameters[::7], strict=True):
        assert np.abs(system.evaluate(point, float(value)).image - point).max() <= 1e-8
    for event in branch.events:
        if event.border is not None:
            assert abs(system.evaluate(event.point, event.parameter).margins[event.border]) <= 1e-8


def test_what_is_no_fixed_point_or_no_range_is_refused():
    system = SmoothMap(lambda x, p: x + 0.2 * (p - x**2))
    with pytest.raises(InputError, match="the map moves by"):
        continue_branch(system, np.array([0.5]), 1.0, bounds=(0.0, 2.0))
    with pytest.raises(InputError, match="low < high"):
        continue_branch(system, np.array([1.0]), 1.0, bounds=(2.0, 0.0))
