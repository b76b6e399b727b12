"""The predicted covariance around the equilibrium, against simulation and closed forms."""

import numpy as np
import pytest

from sim.diagnosis import decaying_covariance, noise_covariance, stationary_covariance
from sim.dynamics import (
    ExactFeedback,
    ExponentiatedGradient,
    ProjectedGradient,
    Replicator,
    SequentialBestResponse,
    State,
    StepSize,
)
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError


class NoisyFeedback(ExactFeedback):
    """Exact gradients plus noise that is already drawn."""

    def __init__(self, game, played, noise):
        super().__init__(game, played)
        self.noise = noise

    def gradients(self, profile):
        return super().gradients(profile) + self.noise


def deviations(game, rule, rounds, *, seed=0, own, shared=0.0):
    """Deviations of every account from the equilibrium after each round, (rounds, M, D)."""
    rng = np.random.default_rng(seed)
    rest = homogeneous_equilibrium(game).mixture
    state, path = State(np.tile(rest, (game.accounts, 1))), np.empty((rounds, game.accounts, game.dimension))
    for played in range(rounds):
        noise = own * rng.normal(size=path.shape[1:]) + shared * rng.normal(size=game.dimension)
        state = rule.step(state, NoisyFeedback(game, played, noise), rng)
        path[played] = state.profile - rest
    return path


def covariance(samples):
    return samples.T @ samples / len(samples)


def close(found, expected, tolerance):
    return np.abs(found - expected).max() <= tolerance * np.abs(expected).max()


@pytest.mark.slow
@pytest.mark.parametrize(
    "rule",
    [ProjectedGradient(StepSize(0.15)), ExponentiatedGradient(StepSize(0.6)), Replicator(StepSize(0.6))],
    ids=["gradient", "exponentiated", "replicator"],
)
def test_constant_steps_settle_at_the_discrete_lyapunov_covariance(interior_game, rule):
    game, own, shared = interior_game(0.5, accounts=3), 0.08, 0.05
    identity = np.eye(4)
    rest = homogeneous_equilibrium(game).mixture
    predicted = noise_covariance(game, rule, rest, own=own**2 * identity, shared=shared**2 * identity)
    path = deviations(game, rule, 6000, own=own, shared=shared)[100:]
    assert close(covariance(path.mean(axis=1)), predicted.population, 0.15)
    assert close(np.mean([covariance(path[:, m]) for m in range(3)], axis=0), predicted.account, 0.15)
    assert not close(covariance(path[:, 0]), predicted.population, 0.15)
    assert predicted.population_spread() == pytest.approx(np.sqrt((path.mean(axis=1) ** 2).sum(axis=1).mean()), rel=0.1)


@pytest.mark.slow
def test_steps_of_one_over_t_shrink_it_at_the_rate_of_the_continuous_equation(interior_game):
    game, own, decay = interior_game(0.5, accounts=2), 0.1, 8.0
    rest = homogeneous_equilibrium(game).mixture
    rule = ProjectedGradient(StepSize(0.3, decay_rounds=decay))
    predicted = noise_covariance(game, rule, rest, own=own**2 * np.eye(4), decay_rounds=decay)
    rounds, seeds = 200, 120
    ends = np.stack([deviations(game, rule, rounds, seed=seed, own=own)[-1] for seed in range(seeds)])
    scaled = (rounds + decay) * covariance(ends.mean(axis=1))
    assert predicted.decaying
    # 120 runs know a variance to 13 %; the trace, over three directions, to about 8 %.
    assert np.trace(scaled) == pytest.approx(np.trace(predicted.population), rel=0.25)
    spread = np.sqrt((ends.mean(axis=1) ** 2).sum(axis=1).mean())
    assert predicted.population_spread(rounds + decay) == pytest.approx(spread, rel=0.13)


def test_scalar_closed_forms():
    assert stationary_covariance([[0.8]], [[0.09]]) == pytest.approx(0.09 / (1 - 0.64))
    # c^2 s^2 / (2 c h - 1) for steps c/t down a slope h (Chung 1954).
    assert decaying_covariance([[-1.5]], [[0.09]]) == pytest.approx(0.09 / (2 * 1.5 - 1))


def test_each_equation_holds():
    rng = np.random.default_rng(0)
    jacobian, factor = 0.3 * rng.normal(size=(4, 4)), rng.normal(size=(4, 4))
    noise = factor @ factor.T
    found = stationary_covariance(jacobian, noise)
    assert np.allclose(found, jacobian @ found @ jacobian.T + noise)
    drift = jacobian - 3 * np.eye(4)
    found, half = decaying_covariance(drift, noise), np.eye(4) / 2
    assert np.allclose((drift + half) @ found + found @ (drift + half).T, -noise)


def test_more_accounts_average_their_own_noise_out(interior_game):
    spreads = []
    for accounts in (2, 8, 32):
        game = interior_game(0.2, accounts=accounts)
        rest = homogeneous_equilibrium(game).mixture
        spreads.append(
            noise_covariance(game, ProjectedGradient(StepSize(0.1)), rest, own=np.eye(4)).population_spread()
        )
    assert spreads == sorted(spreads, reverse=True)


def test_what_cannot_settle_is_refused(interior_game):
    game = interior_game(0.5)
    rest, own = homogeneous_equilibrium(game).mixture, np.eye(4)
    with pytest.raises(InputError, match="smaller step"):
        noise_covariance(game, ProjectedGradient(StepSize(3.0)), rest, own=own)
    with pytest.raises(InputError, match="forget the start"):
        noise_covariance(game, ProjectedGradient(StepSize(0.01, 2.0)), rest, own=own, decay_rounds=2.0)
    with pytest.raises(InputError, match="fixed point"):
        noise_covariance(game, ProjectedGradient(StepSize(0.1)), [0.4, 0.2, 0.2, 0.2], own=own)
    with pytest.raises(InputError, match="boundary"):
        noise_covariance(game, ProjectedGradient(StepSize(0.1)), [1.0, 0, 0, 0], own=own)
    with pytest.raises(InputError, match="own"):
        noise_covariance(game, ProjectedGradient(StepSize(0.1)), rest, own=np.eye(3))
    with pytest.raises(InputError, match="alike"):
        noise_covariance(game, SequentialBestResponse(), rest, own=own)
