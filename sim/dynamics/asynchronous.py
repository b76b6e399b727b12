"""Asynchronous best response: accounts move one at a time, in an order drawn at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import whole_number
from sim.dynamics.protocol import Feedback, State


@dataclass(frozen=True)
class AsynchronousBestResponse:
    """One account after another, drawn with replacement, best-responds to what it finds.

    For a symmetric S each move raises the exact potential, so the rule ends at an equilibrium with probability one
    when C is positive definite on the tangent space: the homogeneous one if kappa_max < 1, where it is locally
    stable; above that the accounts specialise (theory of the alignment game, section 5). Near it and for M large,
    the expected mean of the accounts shrinks by exp(-(1 + k)) over M moves and their expected differences by
    exp(-(1 - k/(M-1))), in the slowest modes; k are the `crowding_modes` of the game; `asynchronous_rate` gives both
    exactly for any M. With an asymmetric S the expected mean leaves as soon as 1 + Re k < 0.

    Attributes:
        updates: Moves per round; None for M of them, so that each account moves once a round on average. On a
            platform use 1: further moves would answer mixtures that nobody has posted yet.

    Raises:
        InputError: At construction, if `updates` is not a whole number >= 1.
    """

    updates: int | None = None

    def __post_init__(self) -> None:
        if self.updates is not None:
            whole_number("updates", self.updates, minimum=1)

    def step(self, state: State, feedback: Feedback, rng: np.random.Generator) -> State:
        """Move the accounts that are drawn, in the order drawn."""
        accounts = state.profile.shape[0]
        moved = state.profile.copy()
        for account in rng.integers(accounts, size=accounts if self.updates is None else self.updates):
            moved[account] = feedback.best_response(int(account), moved)
        return State(moved)
