"""Projected gradient ascent: a step along the gradient, then the nearest mixture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.dynamics.protocol import Feedback, State
from sim.dynamics.step_size import StepSize
from sim.simplex import project_to_simplex


@dataclass(frozen=True)
class ProjectedGradient:
    """Every account climbs its own payoff: w_m <- projection of w_m + eta_t grad_m onto the simplex.

    Converges to the homogeneous equilibrium when kappa_max < 1 and the step is small: eta below
    2 / lambda_max(A_T), and below 2 / lambda_max(B_T) for accounts that start apart, with A and B the
    consensus and disagreement matrices (theory of the alignment game, section 5). With noisy gradients a
    constant step leaves a cloud around the equilibrium; a decaying one shrinks it.

    Attributes:
        step_size: eta_t, in units of weight per unit of utility.
    """

    step_size: StepSize

    def step(self, state: State, feedback: Feedback, rng: np.random.Generator) -> State:
        """Move every account at once."""
        profile = state.profile
        eta = self.step_size.at(feedback.round)
        return State(project_to_simplex(profile + eta * feedback.gradients(profile)))
