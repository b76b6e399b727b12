"""Best response: all at once flips where moving in turn, or part of the way, settles."""

from __future__ import annotations

import numpy as np

from experiments.examples.panel import Example, main_for
from sim.alignment_game import AlignmentGame, Incentives
from sim.dynamics import SequentialBestResponse, SimultaneousBestResponse, largest_damping, simulate
from sim.equilibrium import homogeneous_equilibrium
from sim.simplex import sample_uniform


def build() -> tuple[Example, ...]:
    """The three runs, in one game with kappa < 1 < (M-1) kappa, from one start."""
    game = AlignmentGame(
        attractiveness=np.array([0.5, 0.2, 0.0]),
        inconsistency=np.eye(3),
        similarity=np.eye(3),
        incentives=Incentives(1.0, 0.5, 2.0),
        accounts=5,
    )
    start = sample_uniform(np.random.default_rng(3), game.dimension, game.accounts)
    target = homogeneous_equilibrium(game).mixture
    settings = (
        (
            SequentialBestResponse(),
            "in turn",
            "κ = 0.5: each move raises the potential, so the accounts meet at the equilibrium.",
        ),
        (
            SimultaneousBestResponse(0.6 * largest_damping(game)),
            "all at once, damped",
            "Damped to 0.6 of the limit 2/(1 + (M-1)κ): it settles as well.",
        ),
        (
            SimultaneousBestResponse(),
            "all at once",
            "(M-1)κ = 2: undamped, everyone answers what nobody plays any more. A cycle of period 2.",
        ),
    )
    return tuple(
        Example(title, claim, simulate(game, rule, start, 20, np.random.default_rng(0)), target)
        for rule, title, claim in settings
    )


if __name__ == "__main__":
    main_for("best_response", build)
