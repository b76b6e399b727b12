"""Follow the regularised leader: settles with a small step, flips with a large one, spirals where crowding circles."""

from __future__ import annotations

import numpy as np

from experiments.examples.games import circular_game, plain_game
from experiments.examples.panel import Example, main_for
from sim.dynamics.follow_the_leader import Entropic, Euclidean, FollowTheRegularisedLeader
from sim.dynamics.simulate import simulate
from sim.dynamics.step_size import StepSize
from sim.equilibrium import homogeneous_equilibrium
from sim.simplex import sample_uniform


def build() -> tuple[Example, ...]:
    """The three runs."""
    game = plain_game((2.0, 1.0, -0.5), accounts=4)
    circular = circular_game(0.0, accounts=2)
    rng = np.random.default_rng(1)
    start = sample_uniform(rng, 3, 4)
    settling, flipping = (
        simulate(game, FollowTheRegularisedLeader(StepSize(step), Euclidean()), start, 40, rng) for step in (0.1, 0.8)
    )
    near = np.array([[0.36, 0.33, 0.31], [0.33, 0.36, 0.31]])
    spiral = simulate(circular, FollowTheRegularisedLeader(StepSize(0.15), Entropic()), near, 1000, rng)
    target = homogeneous_equilibrium(game).mixture
    return (
        Example(
            "Euclidean, step 0.1",
            "The accounts meet at the equilibrium, on the boundary, where group 3 is exactly zero.",
            settling,
            target,
        ),
        Example(
            "Euclidean, step 0.8",
            "Above 2/λmax(A) the leader changes every round: all accounts flip together.",
            flipping,
            target,
        ),
        Example(
            "entropic, S skew, bI = 0",
            "Rock-paper-scissors: however small the step, play spirals out to the boundary.",
            spiral,
            np.full(3, 1 / 3),
        ),
    )


if __name__ == "__main__":
    main_for("follow_the_leader", build)
