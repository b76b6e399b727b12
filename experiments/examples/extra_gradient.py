"""Extra-gradient: reaches the equilibrium of circular crowding, which plain gradient leaves; flips with large steps."""

from __future__ import annotations

import numpy as np

from experiments.examples.games import circular_game, plain_game
from experiments.examples.panel import Example, main_for
from sim.dynamics import ExtraGradient, ProjectedGradient, StepSize, simulate
from sim.equilibrium import homogeneous_equilibrium
from sim.simplex import restricted_to_tangent, sample_uniform


def build() -> tuple[Example, ...]:
    """The three runs."""
    circular = circular_game(0.01)
    game = plain_game()
    largest = 1 / float(np.linalg.eigvalsh(restricted_to_tangent(game.consensus_matrix))[-1])
    rng = np.random.default_rng(1)
    start = 0.5 * sample_uniform(rng, 3, 5) + 0.5 / 3
    settling, spiralling, flipping = (
        simulate(played, rule, start, rounds, rng)
        for played, rule, rounds in (
            (circular, ExtraGradient(StepSize(0.4)), 300),
            (circular, ProjectedGradient(StepSize(0.25)), 100),
            (game, ExtraGradient(StepSize(1.3 * largest)), 30),
        )
    )
    return (
        Example(
            "S skew, C small",
            "A trial step shows where the circle turns: the accounts meet.",
            settling,
            np.full(3, 1 / 3),
        ),
        Example(
            "the same, plain gradient",
            "Without the trial step they spiral out to the boundary.",
            spiralling,
            np.full(3, 1 / 3),
        ),
        Example(
            "S = I, step 1.3 of the limit",
            "Above 1/λmax(A) trial and step no longer agree: the accounts never settle.",
            flipping,
            homogeneous_equilibrium(game).mixture,
        ),
    )


if __name__ == "__main__":
    main_for("extra_gradient", build)
