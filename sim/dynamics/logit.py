"""Logit response: a smoothed best response, whose rest points are the quantal response equilibria."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import positive
from sim.dynamics.protocol import Feedback, State
from sim.errors import InputError

_LEAST = 1e-300
"""Stands for a weight of zero on the log scale, so that the group can come back."""


@dataclass(frozen=True)
class LogitResponse:
    """Every account moves towards the logit of its gradient: w_m <- w_m^(1 - damping) softmax(grad_m / tau)^damping.

    The powers are rescaled to sum to one. It is a mirror step of length damping / tau up u_m + tau * entropy(w_m), and
    it needs the gradient at the profile just played only, so it runs on a platform. Its rest points are exactly the
    profiles with w_m = softmax(grad_m(w) / tau): equilibria of the game with entropy (quantal response equilibria,
    McKelvey and Palfrey 1995), not those of the game itself, from which they are O(tau) away; for all accounts
    alike see `logit_equilibrium`, unique if lambda_min(sym H on T) + 2 tau > 0, H the consensus matrix.

    Converges from any start, linearly, when the damping is small and H and B have symmetric parts above -2 tau on T.
    Near the homogeneous rest point w a deviation shrinks per round by |1 - damping (1 + nu / tau)|, nu an eigenvalue
    of (diag w - w w')H for deviations that all accounts share and of (diag w - w w')B for those that cancel: for a
    symmetric S stable iff every nu > -tau and damping < 2 tau / (tau + nu_max). Too low a temperature for the damping
    makes it flip or worse; with damping 1 the temperature itself must exceed nu_max.

    Attributes:
        temperature: tau > 0, in units of utility: how far from exact the responses are.
        damping: Share of the way moved on the log scale, in (0, 1].

    Raises:
        InputError: At construction, for a temperature that is not > 0 or a damping outside (0, 1].
    """

    temperature: float
    damping: float = 1.0

    def __post_init__(self) -> None:
        positive("temperature", self.temperature)
        if positive("damping", self.damping) > 1:
            raise InputError("damping", self.damping, "expected a share of the way, in (0, 1]")

    def step(self, state: State, feedback: Feedback, rng: np.random.Generator) -> State:
        """Move every account at once."""
        # Dividing by the temperature last keeps a gradient of 1e300 from overflowing before it is centred.
        gradients = feedback.gradients(state.profile)
        pull = (gradients - gradients.max(axis=1, keepdims=True)) * (self.damping / self.temperature)
        scores = (1.0 - self.damping) * np.log(np.maximum(state.profile, _LEAST)) + pull
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return State(weights / weights.sum(axis=1, keepdims=True))
