"""Exponentiated gradient: settles, then flips, then is chaotic as its step grows, with two groups only."""

from __future__ import annotations

import numpy as np

from experiments.examples.games import plain_game
from experiments.examples.panel import Example, main_for
from sim.alignment_game import AlignmentGame
from sim.arrays import Array
from sim.dynamics import ExponentiatedGradient, StepSize, simulate
from sim.equilibrium import homogeneous_equilibrium

CHAOTIC = 3.5
"""Step of the chaotic run, as a multiple of the largest stable one."""


def game() -> AlignmentGame:
    """Two groups, three accounts."""
    return plain_game((0.5, 0.0), accounts=3)


def largest_stable_step() -> float:
    """2 / lambda_max((diag w - w w')A) at the equilibrium w."""
    weights = homogeneous_equilibrium(game()).mixture
    spread = np.diag(weights) - np.outer(weights, weights)
    return 2.0 / float(np.linalg.eigvals(spread @ game().consensus_matrix).real.max())


def build() -> tuple[Example, ...]:
    """The three runs."""
    target = homogeneous_equilibrium(game()).mixture
    apart = np.array([[0.15, 0.85], [0.4, 0.6], [0.9, 0.1]])
    alike = np.tile([0.52, 0.48], (3, 1))
    return (
        Example(
            "step 0.4 times the limit",
            "Below η λmax((diag w − ww′)A) = 2 the accounts meet at the equilibrium.",
            _play(0.4, apart, 30),
            target,
        ),
        Example(
            "step 1.3 times the limit",
            "Just above it they flip between two mixtures.",
            _play(1.3, alike, 30),
            target,
        ),
        Example(
            f"step {CHAOTIC:g} times the limit",
            "Far above it the play is chaotic: nearby starts drift apart exponentially fast.",
            _play(CHAOTIC, alike, 100),
            target,
        ),
    )


def _play(multiple: float, start: Array, rounds: int) -> Array:
    rule = ExponentiatedGradient(StepSize(multiple * largest_stable_step()))
    return simulate(game(), rule, start, rounds, np.random.default_rng(0))


if __name__ == "__main__":
    main_for("exponentiated_gradient", build)
