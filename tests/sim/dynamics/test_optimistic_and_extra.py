import numpy as np
import pytest

from sim.dynamics import (
    ExactFeedback,
    ExponentiatedGradient,
    ExtraGradient,
    Floored,
    OptimisticGradient,
    OptimisticMultiplicativeWeights,
    ProjectedGradient,
    State,
    StepSize,
    predicted_rate,
)
from sim.equilibrium import homogeneous_equilibrium
from sim.simplex import project_to_simplex, restricted_to_tangent, total_variation

STEP = StepSize(0.1)
RULES = [OptimisticGradient(STEP), OptimisticMultiplicativeWeights(STEP), ExtraGradient(STEP)]
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)


@every_rule
@pytest.mark.parametrize("seed", range(4))
def test_keeps_the_laws_of_every_rule(random_game, checks, rule, seed):
    checks.every(rule, random_game(seed))


@every_rule
@pytest.mark.parametrize("attraction", [1.0, 15.0], ids=["mild", "boundary"])
def test_an_equilibrium_is_a_fixed_point(random_game, checks, rule, attraction):
    game = random_game(4).with_incentives(attractiveness=attraction)
    checks.rest(rule, game, homogeneous_equilibrium(game).mixture)
    checks.rest(Floored(rule, 0.02), game, homogeneous_equilibrium(game, 0.02).mixture)


class PlayedOnly(ExactFeedback):
    """What a platform can offer: gradients of the profile that was played, and of no other."""

    played = None

    def gradients(self, profile):
        assert np.array_equal(profile, self.played)
        return super().gradients(profile)


@every_rule
def test_asks_for_gradients_where_it_played_only(random_game, checks, rule):
    game = random_game(2)
    state = State(checks.start_of(game))
    for played in range(6):
        feedback = PlayedOnly(game, played)
        feedback.played = state.profile
        state = rule.step(state, feedback, np.random.default_rng(0))


def test_optimistic_rules_follow_their_equations(random_game, checks):
    game = random_game(5)
    path = checks.path_of(game, RULES[0], checks.start_of(game), 5)
    multiplied = checks.path_of(game, RULES[1], checks.start_of(game), 5)
    for t in range(1, 5):
        guess = 2 * game.gradients(path[t]) - game.gradients(path[t - 1])
        assert np.allclose(path[t + 1], project_to_simplex(path[t] + 0.1 * guess), atol=1e-13)
        guess = 2 * game.gradients(multiplied[t]) - game.gradients(multiplied[t - 1])
        by_hand = multiplied[t] * np.exp(0.1 * guess)
        assert np.allclose(multiplied[t + 1], by_hand / by_hand.sum(axis=1, keepdims=True), atol=1e-13)
    first = project_to_simplex(path[0] + 0.1 * game.gradients(path[0]))
    assert np.allclose(path[1], first, atol=1e-15)


def test_extra_gradient_plays_its_trial_point_and_steps_from_the_base(random_game, checks):
    game = random_game(5)
    path = checks.path_of(game, RULES[2], checks.start_of(game), 6)
    for base, trial, following in ((0, 1, 2), (2, 3, 4), (4, 5, 6)):
        assert np.allclose(path[trial], project_to_simplex(path[base] + 0.1 * game.gradients(path[base])), atol=1e-13)
        assert np.allclose(
            path[following], project_to_simplex(path[base] + 0.1 * game.gradients(path[trial])), atol=1e-13
        )


def test_extra_gradient_may_begin_in_an_odd_round(interior_game, checks):
    game = interior_game(0.3)
    state = State(checks.start_of(game))
    for played in range(3, 400):
        state = RULES[2].step(state, ExactFeedback(game, played), np.random.default_rng(0))
    assert np.allclose(state.profile, homogeneous_equilibrium(game).mixture, atol=1e-8)


def test_they_converge_where_crowding_goes_round_in_a_circle(checks):
    # Skew S and weak C: gradient and multiplicative weights leave the equilibrium, these rules reach it.
    game = checks.circular_game(0.002)
    target = np.array(
        np.linalg.solve(
            np.block([[game.consensus_matrix, np.ones((3, 1))], [np.ones((1, 3)), np.zeros((1, 1))]]),
            np.append(game.attractiveness, 1.0),
        )[:3]
    )
    near = np.tile(0.95 * target + 0.05 * np.array([1.0, 0.0, 0.0]), (3, 1))
    ends = {
        type(rule).__name__: total_variation(checks.path_of(game, rule, near, 3000)[-1], target).max()
        for rule in (
            ProjectedGradient(StepSize(0.2)),
            ExponentiatedGradient(StepSize(0.6)),
            OptimisticGradient(StepSize(0.2)),
            OptimisticMultiplicativeWeights(StepSize(0.6)),
            ExtraGradient(StepSize(0.2)),
        )
    }
    for name, distance in ends.items():
        diverges = name in ("ProjectedGradient", "ExponentiatedGradient")
        assert (distance > 0.3) if diverges else (distance < 1e-4), ends


def rates_of(nu, eta, rule):
    if rule is ExtraGradient:
        return np.abs(1 - eta * nu + (eta * nu) ** 2)
    return np.array([np.abs(np.roots([1, -(1 - 2 * eta * v), -eta * v])).max() for v in nu])


@pytest.mark.parametrize(("rule", "limit"), [(OptimisticGradient, 2 / 3), (ExtraGradient, 1.0)])
def test_rates_and_largest_steps_are_as_stated(interior_game, checks, rule, limit):
    game = interior_game(0.4, accounts=4)
    target = homogeneous_equilibrium(game).mixture
    rounds = 2 if rule is ExtraGradient else 1
    matrices = {"consensus": game.consensus_matrix, "disagreement": game.disagreement_matrix}
    nu = {name: np.linalg.eigvalsh(restricted_to_tangent(matrix)) for name, matrix in matrices.items()}
    largest = limit / max(values.max() for values in nu.values())
    for share in (0.5, 0.9, 1.05):
        found = predicted_rate(game, rule(StepSize(share * largest)), target, rounds=rounds)
        for name, values in nu.items():
            expected = rates_of(values, share * largest, rule).max() ** (1 / rounds)
            assert getattr(found, name) == pytest.approx(expected, abs=1e-6)
        path = checks.path_of(game, rule(StepSize(share * largest)), checks.start_of(game), 600)
        assert (total_variation(path[-1], target).max() < 1e-3) == (share < 1) == (found.spectral_radius < 1)


@pytest.mark.parametrize(("rule", "limit"), [(OptimisticGradient, 1 / np.sqrt(3)), (ExtraGradient, 1.0)])
def test_largest_steps_against_rotation_are_as_stated(rule, limit):
    for share in (0.2, 0.95, 1.05):
        assert (rates_of(np.array([1j]), share * limit, rule)[0] < 1) == (share < 1)


def test_multiplied_weights_survive_huge_steps_and_keep_zeros(random_game):
    game = random_game(3, dimension=3, accounts=2).with_incentives(attractiveness=1e5)
    profile = np.array([[0.0, 0.4, 0.6], [0.2, 0.3, 0.5]])
    rule = OptimisticMultiplicativeWeights(StepSize(1e4))
    moved = rule.step(State(profile), ExactFeedback(game), np.random.default_rng(0)).profile
    assert np.isfinite(moved).all()
    assert moved[0, 0] == 0.0
    assert np.abs(moved.sum(axis=1) - 1).max() <= 1e-12
