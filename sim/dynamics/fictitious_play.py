"""Fictitious play: every account best-responds to what the others have played on average so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.dynamics.protocol import Feedback, State


@dataclass(frozen=True)
class FictitiousPlay:
    """All accounts best-respond at once to the time averages of the others: w_m <- BR_m(mean of rounds 0 to t).

    The averages x follow x <- x + (BR(x) - x) / (t + 2): simultaneous best response with a damping that shrinks, so
    they go where the continuous best-response dynamics x' = BR(x) - x goes. For a symmetric S that raises the exact
    potential and every limit is an equilibrium (Monderer and Shapley 1996, for potential games); with S positive
    semidefinite and kappa_max < 1 it is the homogeneous one, from any start. Best responses vary continuously when C
    is positive definite on the tangent space, so what is played converges too, not only its average; where C is flat,
    the play may jump between vertices for ever while the average settles.

    Rate: with k the `crowding_modes` of the game, errors of the average fall like t^-p,
    p = min(1 + min Re k, 1 - max Re k / (M-1)): never geometrically, and ever more slowly as kappa_max nears 1.
    The play's error is that of the average times k (for deviations that all accounts share) or k/(M-1).

    It diverges where p < 0. For an asymmetric S with 1 + Re k < 0 (a rock-paper-scissors S whose losses outweigh its
    wins) play runs around the vertices in ever longer turns and the averages circle for ever (Shapley 1964).

    On a platform the accounts' own running picture of the others takes the place of the average.

    Memory: one layer, the average of each account's mixtures over all rounds before the present one; so (1, M, D).
    If the rule is first used at a later round, the rounds before count as if they had all been like the present one.
    """

    def step(self, state: State, feedback: Feedback, rng: np.random.Generator) -> State:
        """Take the round just played into the averages and best-respond to them."""
        profile = state.profile
        if state.memory is None:
            average = profile.copy()
        else:
            average = state.memory[0] + (profile - state.memory[0]) / (feedback.round + 1)
        return State(feedback.best_responses(average), average[None])
