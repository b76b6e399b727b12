"""Logit response: settles near the equilibrium when warm or damped, flips when cold and undamped."""

from __future__ import annotations

import numpy as np

from experiments.examples.panel import Example, main_for
from sim.alignment_game import AlignmentGame, Incentives
from sim.dynamics import LogitResponse, logit_equilibrium, simulate
from sim.simplex import sample_uniform


def build() -> tuple[Example, ...]:
    """The three runs; the dashed line is the logit equilibrium of the temperature."""
    game = AlignmentGame(
        attractiveness=np.array([0.8, 0.3, 0.0]),
        inconsistency=np.eye(3),
        similarity=np.eye(3),
        incentives=Incentives(1.0, 0.5, 1.0),
        accounts=5,
    )
    start = sample_uniform(np.random.default_rng(3), game.dimension, game.accounts)
    settings = (
        (1.0, 1.0, "τ = 1, undamped", "Warm: the accounts meet, but O(τ) away from the game's own equilibrium."),
        (0.1, 0.15, "τ = 0.1, damping 0.15", "Cold and damped: they meet close to the game's own equilibrium."),
        (0.1, 1.0, "τ = 0.1, undamped", "Damping above 2τ/(τ + ν), ν the largest curvature: all flip together."),
    )
    examples = []
    for temperature, damping, title, claim in settings:
        path = simulate(game, LogitResponse(temperature, damping), start, 30, np.random.default_rng(0))
        examples.append(Example(title, claim, path, logit_equilibrium(game, temperature).mixture))
    return tuple(examples)


if __name__ == "__main__":
    main_for("logit", build)
