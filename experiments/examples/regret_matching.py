"""Regret matching: settles without a step size; where crowding goes round in a circle only its time average does."""

from __future__ import annotations

import numpy as np

from experiments.examples.games import circular_game, plain_game
from experiments.examples.panel import Example, main_for
from sim.dynamics.regret_matching import RegretMatching
from sim.dynamics.simulate import simulate
from sim.dynamics.time_average import time_average
from sim.equilibrium import homogeneous_equilibrium
from sim.simplex import sample_uniform


def build() -> tuple[Example, ...]:
    """Two runs, and the time average of the second."""
    game = plain_game(diversity=2.0, accounts=4)
    # Each group crowds the next; two accounts without inconsistency play rock-paper-scissors, a zero-sum game.
    circular = circular_game(0.0, accounts=2)
    rng = np.random.default_rng(1)
    settling = simulate(game, RegretMatching(), sample_uniform(rng, 3, 4), 30, rng)
    start = np.array([[0.5, 0.3, 0.2], [0.3, 0.5, 0.2]])
    circling = simulate(circular, RegretMatching(plus=True), start, 400, rng)
    uniform = np.full(3, 1 / 3)
    return (
        Example(
            "κmax = 0.33",
            "First jumps, then overshooting shortens the steps, and the accounts meet at the equilibrium.",
            settling,
            homogeneous_equilibrium(game).mixture,
        ),
        Example(
            "S skew, bI = 0: play", "Play goes round and round, ever more slowly, and never settles.", circling, uniform
        ),
        Example(
            "S skew, bI = 0: time average",
            "The average of the same play closes in on the equilibrium: regret per round vanishes.",
            time_average(circling),
            uniform,
        ),
    )


if __name__ == "__main__":
    main_for("regret_matching", build)
