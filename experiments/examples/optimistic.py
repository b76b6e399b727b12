"""Optimistic gradient: turns circular crowding's spiral inwards, and flips with steps that plain gradient bears."""

from __future__ import annotations

import numpy as np

from experiments.examples.games import circular_game, plain_game
from experiments.examples.panel import Example, main_for
from sim.dynamics import OptimisticGradient, OptimisticMultiplicativeWeights, StepSize, simulate
from sim.equilibrium import homogeneous_equilibrium
from sim.simplex import restricted_to_tangent, sample_uniform


def build() -> tuple[Example, ...]:
    """The three runs."""
    circular = circular_game(0.01)
    game = plain_game()
    largest = (2 / 3) / float(np.linalg.eigvalsh(restricted_to_tangent(game.consensus_matrix))[-1])
    rng = np.random.default_rng(1)
    start = 0.5 * sample_uniform(rng, 3, 5) + 0.5 / 3
    settling, multiplying, flipping = (
        simulate(played, rule, start, rounds, rng)
        for played, rule, rounds in (
            (circular, OptimisticGradient(StepSize(0.25)), 250),
            (circular, OptimisticMultiplicativeWeights(StepSize(0.75)), 250),
            (game, OptimisticGradient(StepSize(1.3 * largest)), 30),
        )
    )
    return (
        Example(
            "S skew, C small",
            "Plain gradient spirals out here; guessing the next gradient turns the spiral inwards.",
            settling,
            np.full(3, 1 / 3),
        ),
        Example(
            "multiplicative weights",
            "The correction does the same for multiplicative weights, in the same game.",
            multiplying,
            np.full(3, 1 / 3),
        ),
        Example(
            "S = I, step 1.3 of the limit",
            "The price: above 2/(3 λmax(A)), a third of what plain gradient bears, all flip together.",
            flipping,
            homogeneous_equilibrium(game).mixture,
        ),
    )


if __name__ == "__main__":
    main_for("optimistic", build)
