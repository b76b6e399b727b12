"""Replicator: quick well below kappa = 1, slow just below it, and away from consensus above it."""

from __future__ import annotations

import numpy as np

from experiments.examples.games import plain_game
from experiments.examples.panel import Example, main_for
from sim.alignment_game import AlignmentGame
from sim.arrays import Array
from sim.dynamics import Replicator, StepSize, simulate
from sim.equilibrium import homogeneous_equilibrium


def game(kappa: float) -> AlignmentGame:
    """Two accounts, three groups, C = S = I: kappa_max = bD / 2."""
    return plain_game((0.6, 0.3, 0.0), diversity=2.0 * kappa, accounts=2)


def build() -> tuple[Example, ...]:
    """The three runs."""
    return (
        Example(
            "κmax = 0.5",
            "The accounts meet at the equilibrium within a hundred rounds.",
            _play(0.5, 1000),
            homogeneous_equilibrium(game(0.5)).mixture,
            log_rounds=True,
        ),
        Example(
            "κmax = 0.95",
            "They still meet, about ten times as slowly: the mean is right long before the accounts are.",
            _play(0.95, 1000),
            homogeneous_equilibrium(game(0.95)).mixture,
            log_rounds=True,
        ),
        Example(
            "κmax = 1.5",
            "The equilibrium is still there, but a saddle: the accounts specialise and never come back.",
            _play(1.5, 1000),
            homogeneous_equilibrium(game(1.5)).mixture,
            log_rounds=True,
        ),
    )


def _play(kappa: float, rounds: int) -> Array:
    start = np.array([[0.65, 0.2, 0.15], [0.1, 0.4, 0.5]])
    return simulate(game(kappa), Replicator(StepSize(0.2)), start, rounds, np.random.default_rng(0))


if __name__ == "__main__":
    main_for("replicator", build)
