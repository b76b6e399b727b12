"""Discrete replicator: weights grow in proportion to how far their gradient lies above the account's mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.dynamics.protocol import Feedback, State
from sim.dynamics.step_size import StepSize

_LEAST_FACTOR = 0.5
"""A round may at most halve a weight: a larger fall would step over the boundary of the simplex."""


@dataclass(frozen=True)
class Replicator:
    """Discrete replicator: w_md <- w_md (1 + eta_t (grad_md - w_m.grad_m)).

    The factors average to one, so weights keep their sum without rescaling. Where the step would more than
    halve a weight, that account's step is shortened for the round; near a rest point this never happens.
    Converges from an interior start to the homogeneous equilibrium when kappa_max < 1 and the step is small
    (eta lambda_max((diag w - w w')A) < 2), ever more slowly as kappa_max approaches 1: tens of thousands
    of rounds at 0.95 (theory of the alignment game, section 5). A weight of zero stays zero.

    Attributes:
        step_size: eta_t, per unit of utility.
    """

    step_size: StepSize

    def step(self, state: State, feedback: Feedback, rng: np.random.Generator) -> State:
        """Move every account at once."""
        profile = state.profile
        gradients = feedback.gradients(profile)
        advantage = gradients - np.sum(profile * gradients, axis=1, keepdims=True)
        worst = np.max(np.where(profile > 0, -advantage, 0.0), axis=1, keepdims=True)
        eta = np.full_like(worst, self.step_size.at(feedback.round))
        longest = np.divide(1.0 - _LEAST_FACTOR, worst, out=np.full_like(worst, np.inf), where=worst > 0)
        weights = profile * np.maximum(1.0 + np.minimum(eta, longest) * advantage, 0.0)
        # The sum is one up to rounding, which would otherwise build up over tens of thousands of rounds.
        return State(weights / weights.sum(axis=1, keepdims=True))
