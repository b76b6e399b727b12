"""Selection of kinds: payments against drawn outputs, rest points against the motion's Jacobian and its averages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.errors import InputError
from sim.oversight import KINDS, SelectionGame

CAUTIOUS, INTERIOR = 1, np.array([0.4, 0.3, 0.3])


@pytest.fixture
def random_selection(random_inspection):
    """Maker of random selection games with a cyclic inspection game, from a seed."""

    def make(seed):
        rng = np.random.default_rng(seed)
        return SelectionGame(
            game=random_inspection(seed, mixed=True), foresight=rng.uniform(0.05, 1), caution_cost=rng.uniform(0, 0.1)
        )

    return make


def test_the_aligned_and_the_misaligned_are_paid_as_in_the_inspection_game(game) -> None:
    for q in (0.0, 0.3, 1.0):
        aligned, _, misaligned = SelectionGame(game=game, foresight=0.6).fitness(q)
        assert aligned - misaligned == pytest.approx(game.deterrence_margin(q))


def test_the_cautious_are_paid_what_drawn_outputs_pay_on_average(random_selection) -> None:
    one, q, rng, outputs = random_selection(3), 0.4, np.random.default_rng(0), 400_000
    game, noise = one.game, one.game.noise
    audited = rng.random(outputs) < q
    means_well = audited & (rng.random(outputs) < one.foresight)
    wrong = means_well ^ (rng.random(outputs) >= noise.solver_error)
    looked = audited | (rng.random(outputs) < game.check_rate)
    found = looked & (rng.random(outputs) < np.where(wrong, noise.true_positive_rate, noise.false_positive_rate))
    paid = np.where(found, game.misaligned, game.aligned) + game.private_gain * ~means_well - one.caution_cost
    assert one.fitness(q)[CAUTIOUS] == pytest.approx(paid.mean(), abs=4 * paid.std() / np.sqrt(outputs))


def test_without_the_cautious_it_is_the_inspection_game(game) -> None:
    """Where caution is too dear, the rest point is p* and q*, and an auditor meets the margin of the game."""
    one = SelectionGame(game=game, foresight=0.5, caution_cost=0.4)
    (rest,) = [rest for rest in one.rest_points() if rest.stable]
    assert rest.kinds == ("aligned", "misaligned")
    assert (rest.shares[0], rest.audited) == pytest.approx((game.equilibrium().aligned, game.equilibrium().audited))
    assert one.audit_margin([0.3, 0.0, 0.7]) == pytest.approx(game.audit_margin(0.3))


def test_the_cautious_win_in_their_window_and_nowhere_else(game) -> None:
    for foresight, cost, rate in ((0.8, 0.1, 0.0), (1.0, 0.05, 0.1), (0.3, 0.02, 0.05)):
        one = SelectionGame(game=replace(game, check_rate=rate), foresight=foresight, caution_cost=cost)
        window = one.cautious_window()
        assert 0 < window.low < window.high < 1
        for q in (window.low - 0.01, window.low + 0.01, window.high - 0.01, window.high + 0.01):
            winner = int(np.argmax(one.fitness(max(q, 0.0))))
            assert (winner == CAUTIOUS) == (window.low < q < window.high)
        assert (
            window.high > game.equilibrium().audited
        )  # audits that deter a misaligned one do not deter a cautious one


def test_checks_that_nobody_foresees_leave_caution_no_room(game) -> None:
    """From rho = (Omega - c)/(D (r_A - r_M)) = 0.2 on the window is empty whatever is foreseen."""
    for rate, room in ((0.19, True), (0.21, False)):
        window = SelectionGame(game=replace(game, check_rate=rate), foresight=1.0, caution_cost=0.1).cautious_window()
        assert (window.low < window.high) == room
    assert SelectionGame(game=replace(game, private_gain=9.0), foresight=1.0).cautious_window().low == np.inf


@pytest.mark.parametrize(("foresight", "kinds"), [(0.4, ("aligned", "cautious")), (0.7, ("cautious", "misaligned"))])
def test_foresight_beyond_the_equilibrium_share_drives_the_aligned_out(game, foresight, kinds) -> None:
    """p* = 0.533: who foresees more audits than that spoils them so far that misaligning pays again."""
    one = SelectionGame(game=game, foresight=foresight, caution_cost=0.05)
    (rest,) = [rest for rest in one.rest_points() if rest.stable]
    assert rest.kinds == kinds
    assert rest.audited == pytest.approx(one.cautious_window()[int(kinds[0] == "aligned")])
    expected = (8 / 15 - foresight) / (1 - foresight) if kinds[0] == "aligned" else 8 / 15 / foresight
    assert rest.shares[KINDS.index(kinds[0])] == pytest.approx(expected)


def field(one: SelectionGame, state: np.ndarray) -> np.ndarray:
    """Velocity of shares and q in continuous time, (4,)."""
    shares, q = state[:3], state[3]
    paid = one.fitness(float(q))
    return np.append(shares * (paid - shares @ paid), q * (1 - q) * one.audit_margin(shares))


@pytest.mark.parametrize("seed", range(40))
def test_rest_points_rest_and_their_stability_is_that_of_the_jacobian(random_selection, seed) -> None:
    one = random_selection(seed)
    for rest in one.rest_points():
        state = np.append(rest.shares, rest.audited)
        np.testing.assert_allclose(field(one, state), 0, atol=1e-12)
        # Two directions within the simplex (the field is defined beside it, too), and q into its range.
        basis = np.array([[1, -1, 0, 0], [0, 1, -1, 0], [0, 0, 0, 1 if rest.audited < 1 else -1]], dtype=float).T
        size = 1e-6
        columns = np.array([field(one, state + size * each) / size for each in basis.T]).T
        values = np.linalg.eigvals(np.linalg.lstsq(basis, columns, rcond=None)[0])
        assert rest.stable == bool(values.real.max() < 1e-4 if len(rest.kinds) == 2 else values.real.max() < 0)


@pytest.mark.parametrize(("foresight", "cost"), [(0.4, 0.05), (0.7, 0.05), (0.5, 0.4)])
def test_averages_of_the_motion_reach_the_stable_rest_point(game, foresight, cost) -> None:
    one = SelectionGame(game=game, foresight=foresight, caution_cost=cost)
    shares, rates = one.motion(INTERIOR, 0.4, step=0.2, rounds=12_000)
    (rest,) = [rest for rest in one.rest_points() if rest.stable]
    np.testing.assert_allclose(shares[3000:].mean(axis=0), rest.shares, atol=0.02)
    assert rates[3000:].mean() == pytest.approx(rest.audited, abs=0.01)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda game: SelectionGame(game=game, foresight=1.2), "foresight"),
        (lambda game: SelectionGame(game=game, foresight=1.0, caution_cost=-1.0), "caution_cost"),
        (lambda game: SelectionGame(game=game, foresight=1.0).fitness(2.0), "audited"),
        (lambda game: SelectionGame(game=game, foresight=1.0).motion([0.5, 0.5, 0.0], 0.5, step=1, rounds=1), "start"),
        (lambda game: SelectionGame(game=game, foresight=1.0).motion(INTERIOR, 1.0, step=1, rounds=1), "audited"),
    ],
)
def test_bad_input_is_named(game, make, field) -> None:
    with pytest.raises(InputError, match=field):
        make(game)
