"""Extra-gradient: try a step, look at the gradient there, and take that step from where one started."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.dynamics.protocol import Feedback, State
from sim.dynamics.step_size import StepSize
from sim.simplex import project_to_simplex


@dataclass(frozen=True)
class ExtraGradient:
    """Two rounds make a step: x = projection of z + eta g(z) is played and tried, then z <- projection of z + eta g(x).

    A gradient is known only at a mixture that has been posted, so the trial point x is a round of its own: even rounds
    go from the base z to x, odd rounds from x to the next base. With L the Lipschitz constant of all gradients
    together it converges from any start when they are monotone (the symmetric parts of A and B are positive
    semidefinite on the tangent space) and eta < 1/L, an asymmetric S included, where the plain gradient rule spirals
    outwards (Korpelevich 1976); and linearly, because the gradients are affine and the simplex is a polyhedron
    (Tseng 1995).

    Near an interior equilibrium a deviation shrinks per step of two rounds by |1 - eta nu + (eta nu)^2|, nu an
    eigenvalue of A (shared deviations) or B (those that cancel): below 1 for real nu iff 0 < eta nu < 1, half of what
    plain gradient allows, and for imaginary nu iff eta |nu| < 1.

    Memory: one layer, the base point z of each account, shape (1, M, D). First used in an odd round, it begins with a
    trial step there and another in the next.

    Attributes:
        step_size: eta_t, in units of weight per unit of utility; both rounds of a step use that of the first.
    """

    step_size: StepSize

    def step(self, state: State, feedback: Feedback, rng: np.random.Generator) -> State:
        """Move every account at once."""
        second = feedback.round % 2 == 1 and state.memory is not None
        base = state.memory[0] if second and state.memory is not None else state.profile
        eta = self.step_size.at(feedback.round - feedback.round % 2)
        moved = project_to_simplex(base + eta * feedback.gradients(state.profile))
        return State(moved, (moved if second else base)[None].copy())
