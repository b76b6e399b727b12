"""Bandit gradient: two points settle, one point settles slowly, a constant step never settles."""

from __future__ import annotations

import numpy as np

from experiments.examples.games import plain_game
from experiments.examples.panel import Example, main_for
from sim.arrays import Array
from sim.dynamics.bandit import BanditGradient
from sim.dynamics.simulate import simulate
from sim.dynamics.step_size import StepSize
from sim.equilibrium import homogeneous_equilibrium


def build() -> tuple[Example, ...]:
    """The three runs."""
    game = plain_game((0.9, 0.3, 0.0), accounts=4)
    target = homogeneous_equilibrium(game).mixture
    decaying = StepSize(0.05, decay_rounds=20)

    def play(rule: BanditGradient) -> Array:
        start = np.array([[0.2, 0.3, 0.5], [0.3, 0.5, 0.2], [0.1, 0.3, 0.6], [0.2, 0.6, 0.2]])
        return simulate(game, rule, start, 3000, np.random.default_rng(2))

    return (
        Example(
            "two points, step 1/t",
            "From their own payoffs alone the accounts meet; what is left is the detour, of length t^-1/4.",
            play(BanditGradient(decaying, 0.1, two_point=True)),
            target,
            log_rounds=True,
        ),
        Example(
            "one point, step 1/t",
            "One payoff at a time says far less: the same way, through much more noise.",
            play(BanditGradient(decaying, 0.2)),
            target,
            log_rounds=True,
        ),
        Example(
            "one point, constant step",
            "A step that does not shrink leaves a cloud that does not shrink.",
            play(BanditGradient(StepSize(0.005), 0.2)),
            target,
            log_rounds=True,
        ),
    )


if __name__ == "__main__":
    main_for("bandit", build)
