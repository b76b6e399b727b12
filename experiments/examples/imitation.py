"""Imitation: a consensus that is no equilibrium; with innovation, close to one; for few accounts, off by spite."""

from __future__ import annotations

import numpy as np

from experiments.examples.panel import Example, main_for
from sim.alignment_game import AlignmentGame, Incentives
from sim.arrays import Array
from sim.dynamics.imitation import Imitation
from sim.dynamics.simulate import simulate
from sim.equilibrium import homogeneous_equilibrium
from sim.simplex import sample_uniform


def game(accounts: int) -> AlignmentGame:
    """Diversity is worth much, so that spite shows."""
    return AlignmentGame(
        attractiveness=np.array([1.2, 0.4, 0.0]),
        inconsistency=np.eye(3),
        similarity=np.eye(3),
        incentives=Incentives(1.0, 0.5, 1.5),
        accounts=accounts,
    )


def build() -> tuple[Example, ...]:
    """The three runs."""
    return (
        Example(
            "20 accounts, no innovation",
            "They draw together on a blend of what was there at the start, far from the equilibrium.",
            _play(20, Imitation(2.0), 2000),
            homogeneous_equilibrium(game(20)).mixture,
            log_rounds=True,
        ),
        Example(
            "20 accounts, innovation",
            "Small trials now and then: imitation keeps what pays and carries all to the equilibrium.",
            _play(20, Imitation(20.0, mutation=0.1), 2000),
            homogeneous_equilibrium(game(20)).mixture,
            log_rounds=True,
        ),
        Example(
            "3 accounts, innovation",
            "Crowding the others pays too where one need only earn more than they do: all miss it.",
            _play(3, Imitation(20.0, mutation=0.1), 2000),
            homogeneous_equilibrium(game(3)).mixture,
            log_rounds=True,
        ),
    )


def _play(accounts: int, rule: Imitation, rounds: int) -> Array:
    rng = np.random.default_rng(3)
    start = 0.3 * sample_uniform(rng, 3, accounts) + 0.7 * np.array([0.2, 0.2, 0.6])
    return simulate(game(accounts), rule, start, rounds, rng)


if __name__ == "__main__":
    main_for("imitation", build)
