"""How far noise throws the accounts around an equilibrium: the covariance theory predicts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import solve_continuous_lyapunov, solve_discrete_lyapunov

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, finite_array, positive, read_only
from sim.dynamics.exact_feedback import ExactFeedback
from sim.dynamics.floor import Floored
from sim.dynamics.protocol import Dynamics, State
from sim.errors import InputError
from sim.simplex import tangent_basis, validated_mixture

_ROOM = 1e-4
"""Least distance from the boundary (or the floor) at which the map is linear in both directions."""
_PROBE = 1e-6


@dataclass(frozen=True, eq=False)
class NoiseCovariance:
    """Covariance of the accounts around the homogeneous equilibrium.

    Attributes:
        population: Covariance of the mean of all accounts, shape (D, D).
        account: Covariance of each single account, shape (D, D).
        decaying: Whether steps decay like 1/t. Then both matrices are the limit of (t + decay_rounds) times the
            covariance after t rounds; otherwise they are the covariance that a constant step settles at.
    """

    population: Array
    account: Array
    decaying: bool

    def population_spread(self, rounds: float = 1.0) -> float:
        """Root mean squared Euclidean distance of the population from the equilibrium.

        Args:
            rounds: t + decay_rounds where steps decay.
        """
        return float(np.sqrt(np.trace(self.population) / (rounds if self.decaying else 1.0)))


def stationary_covariance(jacobian: ArrayLike, noise: ArrayLike) -> Array:
    """Covariance X of x <- J x + e with Cov e = Q: the discrete Lyapunov equation X = J X J' + Q.

    Args:
        jacobian: J, shape (K, K), spectral radius below 1.
        noise: Q, shape (K, K), symmetric.

    Raises:
        InputError: Shapes disagree, or deviations do not shrink.
    """
    matrix, shocks = _matrices("jacobian", jacobian, noise)
    radius = float(np.abs(np.linalg.eigvals(matrix)).max())
    if radius >= 1:
        raise InputError("jacobian", f"spectral radius {radius:.6g}", "noise adds up without bound; use a smaller step")
    covariance: Array = solve_discrete_lyapunov(matrix, shocks)
    return (covariance + covariance.T) / 2


def decaying_covariance(drift: ArrayLike, noise: ArrayLike) -> Array:
    """Limit of t Cov(x_t) for x_t <- x + (A x + e)/t with Cov e = Q: (A + I/2) X + X (A + I/2)' + Q = 0.

    Args:
        drift: A, shape (K, K), every eigenvalue with real part below -1/2.
        noise: Q, shape (K, K), symmetric.

    Raises:
        InputError: Shapes disagree, or steps decay too fast: the start is forgotten more slowly than like 1/t.
    """
    matrix, shocks = _matrices("drift", drift, noise)
    slowest = float(np.linalg.eigvals(matrix).real.max())
    if slowest >= -0.5:
        raise InputError(
            "drift",
            f"largest real part {slowest:.6g}",
            "expected below -1/2: such steps forget the start more slowly than 1/t; raise initial * decay_rounds",
        )
    covariance: Array = solve_continuous_lyapunov(matrix + np.eye(matrix.shape[0]) / 2, -shocks)
    return (covariance + covariance.T) / 2


def noise_covariance(
    game: AlignmentGame,
    rule: Dynamics,
    mixture: ArrayLike,
    *,
    own: ArrayLike,
    shared: ArrayLike | None = None,
    decay_rounds: float | None = None,
) -> NoiseCovariance:
    """Predicted covariance of a gradient rule whose gradients are noisy, at a homogeneous interior equilibrium.

    The rule's first step is linearised by differences, in the accounts' mixtures and in their gradients. Accounts that
    are treated alike split into the mean, thrown by own/M + shared, and deviations from it, thrown by (1 - 1/M) own.
    Constant steps: x <- J x + G e. Steps eta_0 / (1 + t/T): the drift is T (J - I) and the noise T G e (algorithms of
    the alignment game, section 5, fact 10).

    Args:
        game: The game.
        rule: A rule without memory that moves all accounts at once by their gradients.
        mixture: The equilibrium (for `Floored` rules the floored one), shape (D,), inside the simplex.
        own: Covariance of the noise in each account's gradient, independent over accounts and rounds, shape (D, D).
        shared: Covariance of the noise that all accounts' gradients share, shape (D, D), or None.
        decay_rounds: T of a step size that decays; None for a constant one.

    Raises:
        InputError: The mixture is on the boundary or no rest point, the rule keeps memory, the covariances have the
            wrong shape, or deviations do not shrink.
    """
    weights = validated_mixture("mixture", mixture, game.dimension)
    floor = rule.floor if isinstance(rule, Floored) else 0.0
    if weights.min() - floor < _ROOM:
        remedy = "the map bends at the boundary, where this linear theory does not hold; simulate instead"
        raise InputError("mixture", f"least weight {weights.min():.3g}", remedy)
    probe = _Probe(game, rule, np.tile(weights, (game.accounts, 1)))
    still = np.abs(probe.moved(np.zeros_like(probe.base), np.zeros_like(probe.base))).max()
    if still > 1e-8:
        raise InputError("mixture", f"a point the rule moves by {still:.3g}", "expected a fixed point of the rule")
    thrown, together = (np.zeros((game.dimension,) * 2) if q is None else q for q in (own, shared))
    alone, common = _on_tangent("own", thrown, game.dimension), _on_tangent("shared", together, game.dimension)
    everyone = np.ones(game.accounts)
    mean = _settled(*probe.response(everyone), alone / game.accounts + common, decay_rounds)
    apart = np.zeros_like(mean)
    if game.accounts > 1:
        opposed = np.zeros(game.accounts)
        opposed[:2] = 1.0, -1.0
        apart = _settled(*probe.response(opposed), alone, decay_rounds)
    basis = tangent_basis(game.dimension)
    return NoiseCovariance(
        population=read_only(basis @ mean @ basis.T),
        account=read_only(basis @ (mean + (1 - 1 / game.accounts) * apart) @ basis.T),
        decaying=decay_rounds is not None,
    )


@dataclass(frozen=True, eq=False)
class _Probe:
    """A rule's first step from near the equilibrium."""

    game: AlignmentGame
    rule: Dynamics
    base: Array

    def moved(self, deviation: Array, push: Array) -> Array:
        feedback = _PushedFeedback(self.game, push)
        state = self.rule.step(State(self.base + deviation), feedback, np.random.default_rng(0))
        if state.memory is not None:
            raise InputError("rule", type(self.rule).__name__, "expected a rule that keeps no memory")
        moved: Array = state.profile - self.base
        return moved

    def response(self, pattern: Array) -> tuple[Array, Array]:
        """How account 0 responds when accounts are moved, and their gradients pushed, in a pattern: J and G."""
        basis, nothing = tangent_basis(self.game.dimension), np.zeros_like(self.base)
        states: list[Array] = []
        gains: list[Array] = []
        for direction in basis.T:
            step = _PROBE * np.outer(pattern, direction)
            for column, by, push in ((states, step, nothing), (gains, nothing, step)):
                answer = self.moved(by, push) - self.moved(-by, -push)
                if np.abs(answer - np.outer(pattern, answer[0])).max() > 1e-3 * _PROBE:
                    remedy = "expected a rule that moves all accounts at once and alike"
                    raise InputError("rule", type(self.rule).__name__, remedy)
                column.append(answer[0])
        jacobian, gain = (basis.T @ np.stack(columns, axis=1) / (2 * _PROBE) for columns in (states, gains))
        return jacobian, gain


class _PushedFeedback(ExactFeedback):
    """Exact feedback with a constant added to the gradients."""

    def __init__(self, game: AlignmentGame, push: Array) -> None:
        super().__init__(game)
        self.push = push

    def gradients(self, profile: Array) -> Array:
        return super().gradients(profile) + self.push


def _settled(jacobian: Array, gain: Array, noise: Array, decay_rounds: float | None) -> Array:
    thrown = gain @ noise @ gain.T
    if decay_rounds is None:
        return stationary_covariance(jacobian, thrown)
    rounds = positive("decay_rounds", decay_rounds)
    return decaying_covariance(rounds * (jacobian - np.eye(jacobian.shape[0])), rounds**2 * thrown)


def _on_tangent(field: str, value: ArrayLike, dimension: int) -> Array:
    matrix = finite_array(field, value, ndim=2)
    if matrix.shape != (dimension, dimension):
        raise InputError(field, f"array of shape {matrix.shape}", f"expected a covariance ({dimension}, {dimension})")
    basis = tangent_basis(dimension)
    restricted: Array = basis.T @ matrix @ basis
    return restricted


def _matrices(field: str, matrix: ArrayLike, noise: ArrayLike) -> tuple[Array, Array]:
    square, shocks = finite_array(field, matrix, ndim=2), finite_array("noise", noise, ndim=2)
    if square.shape[0] != square.shape[1] or square.shape[0] == 0:
        raise InputError(field, f"array of shape {square.shape}", "expected a square matrix")
    if shocks.shape != square.shape:
        raise InputError("noise", f"array of shape {shocks.shape}", f"expected {square.shape}, as the map has")
    return square, shocks
