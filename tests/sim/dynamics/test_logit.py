import numpy as np
import pytest

from sim.dynamics import Floored, LogitResponse, logit_equilibrium, predicted_rate
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.simplex import restricted_to_tangent, total_variation


@pytest.mark.parametrize("rule", [LogitResponse(0.5), LogitResponse(0.1, 0.2)], ids=["undamped", "damped"])
@pytest.mark.parametrize("seed", range(4))
def test_keeps_the_laws_of_every_rule(random_game, checks, rule, seed):
    checks.every(rule, random_game(seed))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("temperature", [3.0, 0.1, 1e-3])
def test_the_logit_equilibrium_solves_its_equation_and_is_a_fixed_point(random_game, checks, seed, temperature):
    game = random_game(seed).with_incentives(attractiveness=2.0)
    found = logit_equilibrium(game, temperature)
    scores = game.gradients(np.tile(found.mixture, (game.accounts, 1)))[0] / temperature
    by_hand = np.exp(scores - scores.max())
    assert np.allclose(found.mixture, by_hand / by_hand.sum(), atol=1e-9 / temperature)
    assert found.residual <= 1e-9 / temperature
    assert found.unique
    # One round: at a low temperature the rule is unstable for this damping and rounding errors would grow.
    checks.rest(LogitResponse(temperature, 0.01), game, found.mixture, rounds=1, atol=1e-9)


def test_the_equilibrium_of_the_game_itself_is_not_a_fixed_point(interior_game, checks):
    game = interior_game(0.4)
    start = np.tile(homogeneous_equilibrium(game).mixture, (game.accounts, 1))
    moved = checks.path_of(game, LogitResponse(0.3, 0.1), start, 400)[-1]
    assert 0.005 < total_variation(moved[0], start[0]) < 0.1


@pytest.mark.parametrize("kind", ["interior", "boundary"])
def test_distance_to_the_equilibrium_is_of_the_order_of_the_temperature(interior_game, kind):
    game = interior_game(0.5).with_incentives(attractiveness=1.0 if kind == "interior" else 120.0)
    found = homogeneous_equilibrium(game)
    assert found.interior == (kind == "interior")
    ratios = [
        float(np.abs(logit_equilibrium(game, tau).mixture - found.mixture).max()) / tau for tau in (1e-3, 1e-4, 1e-5)
    ]
    assert ratios[0] > 0.01
    assert ratios[1:] == pytest.approx(ratios[:1] * 2, rel=0.25)


def test_uniqueness_is_the_stated_inequality(checks, random_game):
    game = random_game(1, dimension=4)
    indefinite = checks.changed(game, similarity=-2 * np.eye(4), inconsistency=np.eye(4) / 10)
    least = np.linalg.eigvalsh(restricted_to_tangent(indefinite.consensus_matrix))[0]
    assert least < 0
    assert logit_equilibrium(indefinite, -least / 2 * 1.01).unique
    assert not logit_equilibrium(indefinite, -least / 2 * 0.99).unique


def test_where_the_test_fails_there_can_be_several(checks):
    base = checks.changed(checks.circular_game(0.05), similarity=-np.eye(3), directed=False, attractiveness=np.zeros(3))
    cold, finals = 0.1, set()
    assert not logit_equilibrium(base, cold).unique
    for group in range(3):
        start = np.tile(0.8 * np.eye(3)[group] + 0.2 / 3, (3, 1))
        finals.add(int(checks.path_of(base, LogitResponse(cold, 0.05), start, 400)[-1][0].argmax()))
    assert finals == {0, 1, 2}


def test_a_directed_game_has_one_too(checks):
    game = checks.circular_game(0.1, symmetric=0.1)
    found = logit_equilibrium(game, 0.05)
    assert found.unique
    assert found.residual <= 1e-12
    end = checks.path_of(game, LogitResponse(0.05, 0.02), checks.start_of(game), 800)[-1]
    assert total_variation(end, found.mixture).max() <= 1e-9


def test_rates_and_the_largest_damping_are_as_stated(interior_game, checks):
    game, tau = interior_game(0.5, accounts=4), 0.2
    found = logit_equilibrium(game, tau).mixture
    spread = np.diag(found) - np.outer(found, found)
    nu = {
        "consensus": np.linalg.eigvals(spread @ game.consensus_matrix).real,
        "disagreement": np.linalg.eigvals(spread @ game.disagreement_matrix).real,
    }
    # One eigenvalue belongs to the direction in which weights do not sum to one.
    nu = {name: np.delete(values, np.abs(values).argmin()) for name, values in nu.items()}
    rate = predicted_rate(game, LogitResponse(tau, 0.3), found)
    for name, values in nu.items():
        assert getattr(rate, name) == pytest.approx(np.abs(1 - 0.3 * (1 + values / tau)).max(), abs=1e-6)
    largest = 2 * tau / (tau + max(values.max() for values in nu.values()))
    assert largest < 0.9
    for factor, limit in ((0.95, True), (1.1, False)):
        path = checks.path_of(game, LogitResponse(tau, factor * largest), checks.start_of(game), 800)
        assert (total_variation(path[-1], found).max() <= 1e-6) == limit


def test_a_group_at_zero_comes_back(interior_game, checks):
    game = interior_game(0.3)
    start = np.tile([1.0, 0.0, 0.0, 0.0], (game.accounts, 1))
    end = checks.path_of(game, LogitResponse(0.2, 0.2), start, 300)[-1]
    assert np.allclose(end, logit_equilibrium(game, 0.2).mixture, atol=1e-8)


def test_huge_gradients_do_not_overflow(random_game, checks):
    game = random_game(3).with_incentives(attractiveness=1e200)
    assert np.isfinite(checks.path_of(game, LogitResponse(1e-3), checks.start_of(game), 3)).all()


def test_a_floor_shifts_it_like_any_rule(interior_game, checks):
    game = interior_game(0.3)
    path = checks.path_of(game, Floored(LogitResponse(0.05, 0.05), 0.05), checks.start_of(game), 400)
    assert path[1:].min() >= 0.05
    assert np.ptp(path[-5:], axis=0).max() <= 1e-6


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: LogitResponse(0.0), "temperature"),
        (lambda: LogitResponse(float("nan")), "temperature"),
        (lambda: LogitResponse(1.0, 0.0), "damping"),
        (lambda: LogitResponse(1.0, 1.1), "damping"),
    ],
)
def test_bad_settings_are_named(make, field):
    with pytest.raises(InputError) as caught:
        make()
    assert caught.value.field == field


def test_bad_temperature_of_the_equilibrium_is_named(random_game):
    with pytest.raises(InputError, match="temperature"):
        logit_equilibrium(random_game(0), -1.0)
