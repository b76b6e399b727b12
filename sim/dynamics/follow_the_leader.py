"""Follow the regularised leader: play what would have been best so far, less a penalty for being extreme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sim.arrays import Array
from sim.dynamics.protocol import Feedback, State
from sim.dynamics.step_size import StepSize
from sim.simplex import project_to_simplex


class Regulariser(Protocol):
    """A strongly convex penalty h on the simplex, through the two maps that a rule needs."""

    def mixture(self, scores: Array) -> Array:
        """The maximiser of scores.w - h(w) for every account, shape (M, D)."""
        ...

    def scores(self, profile: Array) -> Array:
        """Scores whose maximiser is `profile`, shape (M, D)."""
        ...


@dataclass(frozen=True)
class Euclidean:
    """h(w) = |w|^2 / 2: the maximiser is the projection of the scores onto the simplex; weights reach zero."""

    def mixture(self, scores: Array) -> Array:
        """Nearest mixtures, shape (M, D)."""
        return project_to_simplex(scores)

    def scores(self, profile: Array) -> Array:
        """A mixture is its own projection."""
        return profile.copy()


@dataclass(frozen=True)
class Entropic:
    """h(w) = sum w log w: the maximiser is the softmax of the scores; weights stay positive."""

    def mixture(self, scores: Array) -> Array:
        """Softmax of every row, shape (M, D)."""
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        mixtures: Array = weights / weights.sum(axis=1, keepdims=True)
        return mixtures

    def scores(self, profile: Array) -> Array:
        """Logarithms; minus infinity where a weight is zero, which then stays zero."""
        present = profile > 0
        logarithms: Array = np.where(present, np.log(np.where(present, profile, 1.0)), -np.inf)
        return logarithms


@dataclass(frozen=True)
class FollowTheRegularisedLeader:
    """Dual averaging: y_m <- y_m + eta_t grad_m, w_m <- argmax y_m.w - h(w).

    With a constant step it is follow-the-regularised-leader on linearised payoffs: the sum of all gradients so far,
    times eta, against the penalty h, started where `scores` puts the first profile. Steps that decay make it the
    weighted dual averaging of Nesterov (2009). It forgets nothing: with the entropic penalty it plays exactly what
    `ExponentiatedGradient` plays; with the Euclidean one it equals `ProjectedGradient` inside the simplex but, unlike
    it, keeps counting at the boundary, so that a group long excluded needs as long to come back.

    Promise, whatever the others do: with a constant step and a uniform start the regret after T rounds is at most
    range(h) / eta + eta T G^2 / 2, of order sqrt(T) for eta of order T^-1/2 (Shalev-Shwartz 2012).

    Converges to the homogeneous equilibrium when A and B are positive definite on the tangent space (kappa_max < 1):
    geometrically with a constant step below 2 / lambda_max of A and B (entropic: of (diag w - w w')A and the same with
    B) at an interior equilibrium; with decaying steps (sum infinite, sum of squares finite) also under noise of bounded
    variance, from any start (Mertikopoulos and Zhou 2019). For a skew S and little inconsistency play circles
    (continuous time: Mertikopoulos, Papadimitriou and Piliouras 2018) or, in rounds, spirals out to the boundary
    (Bailey and Piliouras 2018); where bI = 0 and M = 2, a zero-sum game, its time average still comes within order eta
    of the equilibrium.

    Memory: one layer, the scores y. Only their differences within an account count; the largest is kept at zero.

    Attributes:
        step_size: eta_t, per unit of utility.
        regulariser: `Euclidean()` or `Entropic()`, or any object with their two maps.
    """

    step_size: StepSize
    regulariser: Regulariser

    def step(self, state: State, feedback: Feedback, rng: np.random.Generator) -> State:
        """Add this round's gradients and move every account at once."""
        before = self.regulariser.scores(state.profile) if state.memory is None else state.memory[0]
        scores = before + self.step_size.at(feedback.round) * feedback.gradients(state.profile)
        scores = scores - scores.max(axis=1, keepdims=True)
        return State(self.regulariser.mixture(scores), scores[None])
