"""Projected gradient: settles with a small step, flips with a large one, spirals where crowding goes in a circle."""

from __future__ import annotations

import numpy as np

from experiments.examples.games import circular_game, plain_game
from experiments.examples.panel import Example, main_for
from sim.alignment_game import AlignmentGame
from sim.arrays import Array
from sim.dynamics import ProjectedGradient, StepSize, simulate
from sim.equilibrium import homogeneous_equilibrium
from sim.simplex import restricted_to_tangent, sample_uniform


def build() -> tuple[Example, ...]:
    """The three runs."""
    game = plain_game()
    circular = circular_game(0.02)
    largest = 2.0 / float(np.linalg.eigvalsh(restricted_to_tangent(game.consensus_matrix))[-1])
    target = homogeneous_equilibrium(game).mixture
    return (
        Example(
            "step 0.15 times the limit",
            "Below 2/λmax(A) the accounts meet at the equilibrium.",
            _play(game, 0.15 * largest, 30),
            target,
        ),
        Example(
            "step 1.1 times the limit",
            "Above it all accounts overshoot together: a cycle of period 2 around the same equilibrium.",
            _play(game, 1.1 * largest, 30),
            target,
        ),
        Example(
            "S skew, bI small",
            "Each group crowds the next in a circle: the same rule spirals out to the boundary.",
            _play(circular, 0.1, 250),
            np.full(3, 1 / 3),
        ),
    )


def _play(game: AlignmentGame, step: float, rounds: int) -> Array:
    rng = np.random.default_rng(1)
    start = 0.5 * sample_uniform(rng, game.dimension, game.accounts) + 0.5 / game.dimension
    return simulate(game, ProjectedGradient(StepSize(step)), start, rounds, rng)


if __name__ == "__main__":
    main_for("projected_gradient", build)
