"""Regret matching: groups are played in proportion to how much one regrets not having played them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import Array
from sim.dynamics.protocol import Feedback, State

_ROUNDING = 1e-12


@dataclass(frozen=True)
class RegretMatching:
    """Regret matching on the D groups: w_md <- [R_md]_+ / sum_e [R_me]_+, R_m the sum of grad_m - w_m.grad_m.

    R_md is what account m would have earned more, in linearised payoffs, had it always played group d alone. An
    account that regrets nothing stays where it is. There is no step size, and adding a constant to a gradient
    changes nothing.

    Promise, whatever the others do: an account's largest regret after T rounds is at most G sqrt(D T), with G the
    widest spread of a gradient's entries met (Hart and Mas-Colell 2000, from Blackwell 1956; Tammelin 2014 for the plus
    form). Payoffs are concave in one's own mixture, so regret against any fixed mixture is no larger.

    Converges in the time average. Where the symmetric parts of A and B are positive definite on the tangent space
    (S positive semidefinite and kappa_max < 1), the mean over rounds of |w - w*|^2 is at most the accounts' largest
    regrets, summed, over mu T, with mu the least eigenvalue of A and B: of order T^-1/2 at worst. The squared distance
    from w*, the homogeneous equilibrium, to the time average of play is no larger (after Rosen 1965; Even-Dar, Mansour
    and Nadav 2009). Near an interior w* the rule is a gradient step of size 1 / sum_d [R_d]_+ in the metric
    (I - w1')(I - 1w'), and every overshoot adds regret and shortens the next step: for symmetric S play itself
    then settles, geometrically. Where mu = 0, as for a skew S without inconsistency, only the time average
    converges and play goes round for ever. Where kappa_max > 1 w* is a saddle and the accounts specialise; the
    regret bound alone promises coarse correlated equilibrium.

    Memory: one layer, the cumulative regrets R.

    Attributes:
        plus: Whether negative regrets are forgotten at once (regret matching+), which turns round sooner.
    """

    plus: bool = False

    def step(self, state: State, feedback: Feedback, rng: np.random.Generator) -> State:
        """Add this round's regrets and move every account at once."""
        profile = state.profile
        gradients = feedback.gradients(profile)
        regrets = gradients - np.sum(profile * gradients, axis=1, keepdims=True)
        # At an interior equilibrium regrets are pure rounding, and playing in proportion to it would be a leap.
        size = np.abs(gradients).max(axis=1, keepdims=True)
        total = np.where(np.abs(regrets) <= _ROUNDING * size, 0.0, regrets)
        if state.memory is not None:
            total = total + state.memory[0]
        if self.plus:
            total = np.maximum(total, 0.0)
        return State(_in_proportion(total, profile), total[None])


def _in_proportion(regrets: Array, profile: Array) -> Array:
    """Mixture in proportion to the positive regrets; where there are none, the present one."""
    positive = np.maximum(regrets, 0.0)
    largest = positive.max(axis=1, keepdims=True)
    # Dividing by the largest first keeps tiny and huge regrets from losing digits in the sum.
    shares = np.divide(positive, largest, out=profile.copy(), where=largest > 0)
    weights: Array = shares / shares.sum(axis=1, keepdims=True)
    return weights
