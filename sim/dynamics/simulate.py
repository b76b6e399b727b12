"""Play a learning rule against the exact game."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, whole_number
from sim.dynamics.exact_feedback import ExactFeedback
from sim.dynamics.protocol import Dynamics, State
from sim.game import Game
from sim.simplex import validated_profile


def simulate(game: Game, rule: Dynamics, start: ArrayLike, rounds: int, rng: np.random.Generator) -> Array:
    """Trajectory of a learning rule with exact feedback, shape (rounds + 1, M, D); entry 0 is `start`.

    Args:
        game: The game.
        rule: A learning rule.
        start: First profile, shape (M, D).
        rounds: Number of rounds, >= 0.
        rng: Randomness for rules that use it.

    Raises:
        InputError: Bad start or number of rounds.
    """
    first = validated_profile("start", start, (game.accounts, game.dimension))
    count = whole_number("rounds", rounds, minimum=0)
    trajectory = np.empty((count + 1, game.accounts, game.dimension))
    trajectory[0] = first
    state, feedback = State(first), ExactFeedback(game)
    for played in range(count):
        feedback.round = played
        state = rule.step(state, feedback, rng)
        trajectory[played + 1] = state.profile
    return trajectory
