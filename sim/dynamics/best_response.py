"""Best-response dynamics: accounts move to their best mixture against the others, at once or in turn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import positive
from sim.dynamics.protocol import Feedback, State
from sim.errors import InputError


@dataclass(frozen=True)
class SimultaneousBestResponse:
    """All accounts best-respond to the same profile: w_m <- (1 - damping) w_m + damping BR_m(w).

    Converges at the homogeneous equilibrium iff, with damping 1, (M-1) kappa_max < 1; above that the accounts
    overshoot together and end in a cycle of period 2, even where the equilibrium is unique and every other
    rule finds it. Damping below 2 / (1 + (M-1) kappa_max) (and kappa_max < 1) restores convergence (theory of
    the alignment game, section 5). That is for a symmetric, positive semidefinite S; for any S `simultaneous_rate`
    and `largest_damping` give the rate and the limit, and undamped play may end in longer or aperiodic orbits.

    Attributes:
        damping: Share of the way moved, in (0, 1]; 1 is the undamped rule.
    """

    damping: float = 1.0

    def __post_init__(self) -> None:
        if positive("damping", self.damping) > 1:
            raise InputError("damping", self.damping, "expected a share of the way, in (0, 1]")

    def step(self, state: State, feedback: Feedback, rng: np.random.Generator) -> State:
        """Move every account at once."""
        best = feedback.best_responses(state.profile)
        if self.damping == 1:
            return State(best)
        return State(state.profile + self.damping * (best - state.profile))


@dataclass(frozen=True)
class SequentialBestResponse:
    """Accounts best-respond in turn, each seeing what those before it have done.

    Each move raises the exact potential, so the rule ends at an equilibrium from any start when C is positive
    definite on the tangent space. It is the homogeneous one iff kappa_max < 1 (then unique); above that the
    homogeneous point is a saddle and the accounts specialise (theory of the alignment game, section 5).

    Attributes:
        sweep: Whether a round lets every account move once, in order of index; if False, a round moves only
            account `round % M`.
    """

    sweep: bool = True

    def step(self, state: State, feedback: Feedback, rng: np.random.Generator) -> State:
        """Move the accounts whose turn it is."""
        accounts = state.profile.shape[0]
        moved = state.profile.copy()
        for account in range(accounts) if self.sweep else (feedback.round % accounts,):
            moved[account] = feedback.best_response(account, moved)
        return State(moved)
