"""Exponentiated gradient (multiplicative weights, Hedge): weights grow exponentially with their gradient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.dynamics.protocol import Feedback, State
from sim.dynamics.step_size import StepSize


@dataclass(frozen=True)
class ExponentiatedGradient:
    """Multiplicative weights: w_md <- w_md exp(eta_t grad_md) / sum, computed on the log scale.

    Converges from an interior start to the homogeneous equilibrium when kappa_max < 1 and
    eta lambda_max((diag w - w w')A) < 2, and slowly where an equilibrium weight is small; far above that
    step it cycles or is chaotic. A weight of zero stays zero: such a group is never found again, so start
    inside the simplex or wrap the rule in `Floored`.

    Attributes:
        step_size: eta_t, per unit of utility.
    """

    step_size: StepSize

    def step(self, state: State, feedback: Feedback, rng: np.random.Generator) -> State:
        """Move every account at once."""
        profile = state.profile
        growth = self.step_size.at(feedback.round) * feedback.gradients(profile)
        present = profile > 0
        scores = np.where(present, np.log(np.where(present, profile, 1.0)) + growth, -np.inf)
        # The largest score is subtracted so that no exponential overflows, whatever the step.
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return State(weights / weights.sum(axis=1, keepdims=True))
