"""Closed forms of the best-response rates against the Jacobian, and against play."""

import numpy as np
import pytest

from sim.dynamics import (
    SequentialBestResponse,
    SimultaneousBestResponse,
    asynchronous_rate,
    fictitious_play_exponent,
    largest_damping,
    predicted_rate,
    sequential_rate,
    simultaneous_rate,
)
from sim.dynamics.closed_rates import _sweep
from sim.equilibrium import homogeneous_equilibrium, stability_number
from sim.errors import InputError
from sim.simplex import total_variation


@pytest.mark.parametrize("damping", [1.0, 0.3])
@pytest.mark.parametrize("seed", range(6))
def test_simultaneous_rate_is_that_of_the_jacobian(interior_game, seed, damping):
    game = interior_game(0.1 + 0.2 * seed, seed=seed, accounts=2 + seed)
    closed = simultaneous_rate(game, damping)
    found = predicted_rate(game, SimultaneousBestResponse(damping), homogeneous_equilibrium(game).mixture)
    assert closed.consensus == pytest.approx(found.consensus, abs=1e-7)
    assert closed.disagreement == pytest.approx(found.disagreement, abs=1e-7)
    if damping == 1:
        assert closed.spectral_radius == pytest.approx((game.accounts - 1) * stability_number(game), abs=1e-9)


def test_simultaneous_rate_holds_for_an_asymmetric_similarity(checks):
    game = checks.circular_game(0.7, symmetric=0.4)
    mixture = uniform_rest(checks, game)
    closed = simultaneous_rate(checks.changed(game, attractiveness=np.zeros(3)), 0.5)
    found = predicted_rate(checks.changed(game, attractiveness=np.zeros(3)), SimultaneousBestResponse(0.5), mixture)
    assert closed.consensus == pytest.approx(found.consensus, abs=1e-7)
    assert closed.disagreement == pytest.approx(found.disagreement, abs=1e-7)


def uniform_rest(checks, game):
    rest = np.full(3, 1 / 3)
    checks.rest(SimultaneousBestResponse(), checks.changed(game, attractiveness=np.zeros(3)), rest)
    return rest


@pytest.mark.parametrize("kind", ["symmetric", "circular"])
def test_largest_damping_separates_convergence_from_cycles(interior_game, checks, kind):
    if kind == "symmetric":
        game = interior_game(0.8, accounts=6)
        mixture = homogeneous_equilibrium(game).mixture
    else:
        game = checks.changed(checks.circular_game(0.6, symmetric=0.5, accounts=4), attractiveness=np.zeros(3))
        mixture = uniform_rest(checks, game)
    largest = largest_damping(game)
    assert 0 < largest < 1
    for factor, limit in ((0.9, True), (1.1, False)):
        rule = SimultaneousBestResponse(factor * largest)
        assert (predicted_rate(game, rule, mixture).spectral_radius < 1) == limit
        path = checks.path_of(game, rule, 0.5 * mixture + 0.5 * checks.start_of(game), 500)
        assert (total_variation(path[-1], mixture).max() < 1e-4) == limit


def test_no_damping_helps_where_the_mean_is_pulled_away_or_the_accounts_apart(interior_game, checks):
    assert largest_damping(interior_game(1.2)) == 0.0
    assert largest_damping(checks.circular_game(0.05, symmetric=-0.6)) == 0.0
    assert largest_damping(interior_game(0.05)) > 1


def test_sequential_rate_is_the_limit_of_many_accounts(interior_game):
    errors = []
    for accounts in (6, 24):
        game = interior_game(2.5 / (accounts - 1), accounts=accounts)
        found = predicted_rate(game, SequentialBestResponse(), homogeneous_equilibrium(game).mixture)
        errors.append(abs(found.spectral_radius - sequential_rate(game)))
    assert errors[1] < 0.03
    assert errors[1] < errors[0] / 2.5


def gauss_seidel(ratio, accounts):
    """Spectral radius of a sweep x_m <- -(k/(M-1)) sum_{n != m} x_n, by its matrix."""
    weights = np.full((accounts, accounts), ratio / (accounts - 1))
    before, after = np.tril(weights, -1), np.triu(weights, 1)
    return np.abs(np.linalg.eigvals(np.linalg.solve(np.eye(accounts) + before, -after))).max()


@pytest.mark.parametrize("ratio", [-0.9, -0.5, -0.1, 0.01, 1.0, 5.0, 20.0, -2.0, 1j, 3j, 0.5 + 2j, -0.5 + 1j])
def test_the_branch_of_lambert_is_the_right_one(ratio):
    near, far = gauss_seidel(ratio, 120), gauss_seidel(ratio, 60)
    # The error falls like 1/M, so twice the finer less the coarser is close to the limit.
    assert _sweep(complex(ratio)) == pytest.approx(2 * near - far, rel=5e-3)


def test_sweeps_converge_for_every_real_ratio_above_minus_one():
    ratios = np.concatenate([-1 + 10.0 ** np.arange(-6, 0), 10.0 ** np.arange(-6, 7)])
    assert max(_sweep(complex(k)) for k in ratios) < 1
    assert _sweep(0j) == 0.0
    assert _sweep(complex(-1)) == 1.0
    assert _sweep(complex(-1.1)) > 1


def test_asynchronous_rate_nears_the_exponentials(interior_game):
    game = interior_game(1.5 / 399, accounts=400)
    rate = asynchronous_rate(game)
    ratio = 399 * stability_number(game)
    assert rate.disagreement == pytest.approx(np.exp(-1 + ratio / 399), rel=5e-3)
    smallest = -np.log(rate.consensus) - 1
    assert 0 < smallest <= ratio
    assert rate.spectral_radius == max(rate.consensus, rate.disagreement)


def test_a_single_account_has_nobody_to_answer(interior_game, checks):
    alone = checks.changed(interior_game(0.5), accounts=1)
    assert simultaneous_rate(alone).spectral_radius == 0.0
    assert sequential_rate(alone) == 0.0
    assert asynchronous_rate(alone).disagreement == 0.0
    assert fictitious_play_exponent(alone) == 1.0
    assert largest_damping(alone) == 2.0


def test_flat_costs_have_no_rate(interior_game):
    game = interior_game(0.5).with_incentives(inconsistency=0.0)
    for closed in (simultaneous_rate, largest_damping, sequential_rate, asynchronous_rate, fictitious_play_exponent):
        with pytest.raises(InputError) as caught:
            closed(game)
        assert caught.value.field == "inconsistency"
