"""Fictitious play: calms the cycle of simultaneous best response; circles for ever in Shapley's game."""

from __future__ import annotations

import numpy as np

from experiments.examples.panel import Example, main_for
from sim.alignment_game import AlignmentGame, Incentives
from sim.arrays import Array
from sim.dynamics import FictitiousPlay, simulate
from sim.dynamics.time_average import time_average
from sim.equilibrium import homogeneous_equilibrium
from sim.simplex import sample_uniform


def build() -> tuple[Example, ...]:
    """Play where it settles, then play and its averages where they do not."""
    game = AlignmentGame(
        attractiveness=np.array([0.5, 0.2, 0.0]),
        inconsistency=np.eye(3),
        similarity=np.eye(3),
        incentives=Incentives(1.0, 0.5, 2.0),
        accounts=5,
    )
    shapley = AlignmentGame(
        attractiveness=np.zeros(3),
        inconsistency=np.eye(3),
        similarity=np.array([[-0.6, 1.0, -1.0], [-1.0, -0.6, 1.0], [1.0, -1.0, -0.6]]),
        incentives=Incentives(1.0, 0.05, 1.0),
        accounts=3,
        directed=True,
    )
    circling = _play(shapley, 3000)
    return (
        Example(
            "S symmetric, κ = 0.5",
            "The play settles where simultaneous best response cycles. Errors fall like 1/√t.",
            _play(game, 300),
            homogeneous_equilibrium(game).mixture,
            log_rounds=True,
        ),
        Example(
            "S circular: play",
            "Where losses outweigh wins, all accounts run around the vertices, in turns that last ever longer.",
            circling,
            np.full(3, 1 / 3),
            log_rounds=True,
        ),
        Example(
            "the same: averages",
            "The averages circle for ever at the same width (Shapley 1964).",
            time_average(circling),
            np.full(3, 1 / 3),
            log_rounds=True,
        ),
    )


def _play(game: AlignmentGame, rounds: int) -> Array:
    rng = np.random.default_rng(3)
    return simulate(game, FictitiousPlay(), sample_uniform(rng, game.dimension, game.accounts), rounds, rng)


if __name__ == "__main__":
    main_for("fictitious_play", build)
