"""Optimistic rules: the next gradient is guessed to have moved as far as the last one did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import Array
from sim.dynamics.protocol import Feedback, State
from sim.dynamics.step_size import StepSize
from sim.simplex import project_to_simplex


@dataclass(frozen=True)
class OptimisticGradient:
    """Projected gradient with the gradient's last change added: w_m <- projection of w_m + eta_t (2 g_t - g_{t-1}).

    Where crowding goes round in a circle (asymmetric S) the gradient rule spirals outwards for every step size; the
    correction turns it inwards. With L the Lipschitz constant of all gradients together it converges from any start
    when they are monotone (the symmetric parts of A and B are positive semidefinite on the tangent space) and
    eta < 1/(2L), linearly when they are strongly so (Malitsky and Tam 2020, forward-reflected-backward).

    Near an interior equilibrium each eigenvalue nu of A (shared deviations) and B (those that cancel) gives the rates
    z with z^2 = (1 - 2 eta nu) z + eta nu, the larger of the two |z|: below 1 for real nu iff 0 < eta nu < 2/3, a
    third of what plain gradient allows, and for imaginary nu iff eta |nu| < 1/sqrt(3), where plain gradient never is.
    For larger steps it flips.

    Memory: one layer, the gradients of the round before, shape (1, M, D); the first step is a plain gradient step.

    Attributes:
        step_size: eta_t, in units of weight per unit of utility.
    """

    step_size: StepSize

    def step(self, state: State, feedback: Feedback, rng: np.random.Generator) -> State:
        """Move every account at once."""
        gradients = feedback.gradients(state.profile)
        moved = state.profile + self.step_size.at(feedback.round) * _extrapolated(gradients, state.memory)
        return State(project_to_simplex(moved), gradients[None].copy())


@dataclass(frozen=True)
class OptimisticMultiplicativeWeights:
    """Exponentiated gradient with the same correction: w_md <- w_md exp(eta_t (2 g_t - g_{t-1})_md) / sum.

    Converges where the exponentiated gradient circles or diverges: for an asymmetric S with monotone gradients its
    last iterate reaches the equilibrium for small constant steps (Daskalakis and Panageas 2019, for zero-sum games).
    Near an interior equilibrium w the rates and limits are those of `OptimisticGradient`, nu now the eigenvalues of
    (diag w - w w')A and (diag w - w w')B. A weight of zero stays zero.

    Memory: one layer, the gradients of the round before, shape (1, M, D); the first step is a plain one.

    Attributes:
        step_size: eta_t, per unit of utility.
    """

    step_size: StepSize

    def step(self, state: State, feedback: Feedback, rng: np.random.Generator) -> State:
        """Move every account at once."""
        profile = state.profile
        gradients = feedback.gradients(profile)
        growth = self.step_size.at(feedback.round) * _extrapolated(gradients, state.memory)
        # Only the groups that are present may set the scale, or all of them could underflow.
        fastest = np.where(profile > 0, growth, -np.inf).max(axis=1, keepdims=True)
        weights = profile * np.exp(np.minimum(growth - fastest, 0.0))
        return State(weights / weights.sum(axis=1, keepdims=True), gradients[None].copy())


def _extrapolated(gradients: Array, memory: Array | None) -> Array:
    guess: Array = gradients if memory is None else 2.0 * gradients - memory[0]
    return guess
