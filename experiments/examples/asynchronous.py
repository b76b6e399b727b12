"""Asynchronous best response: accounts that move in random order meet while kappa < 1, and specialise above."""

from __future__ import annotations

import numpy as np

from experiments.examples.panel import Example, main_for
from sim.alignment_game import AlignmentGame, Incentives
from sim.dynamics import AsynchronousBestResponse, simulate
from sim.equilibrium import homogeneous_equilibrium, stability_number
from sim.simplex import sample_uniform


def build() -> tuple[Example, ...]:
    """The same game with weak and with strong crowding, one move a round."""
    game = AlignmentGame(
        attractiveness=np.array([0.2, 0.1, 0.0]),
        inconsistency=np.eye(3),
        similarity=np.eye(3),
        incentives=Incentives(1.0, 0.5, 1.0),
        accounts=5,
    )
    rng = np.random.default_rng(3)
    near = 0.4 * sample_uniform(rng, game.dimension, game.accounts) + 0.6 / game.dimension
    claims = (
        (0.5, "Each move raises the potential, and its only maximum is the homogeneous equilibrium."),
        (1.5, "That equilibrium is a saddle now: the accounts leave it and specialise."),
    )
    examples = []
    for kappa, claim in claims:
        crowded = game.with_incentives(diversity=kappa / stability_number(game))
        path = simulate(crowded, AsynchronousBestResponse(updates=1), near, 100, np.random.default_rng(0))
        examples.append(Example(f"κ = {kappa}", claim, path, homogeneous_equilibrium(crowded).mixture))
    return tuple(examples)


if __name__ == "__main__":
    main_for("asynchronous", build)
