"""A controller at work: rounds of proposing, setting, being told."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sim.arrays import Array, read_only, whole_number
from sim.design.controllers.protocol import Controller, Telemetry
from sim.randomness import generator

Measure = Callable[[Array, np.random.Generator], tuple[float, Telemetry]]
"""What a profile (K,) is worth in one round, and what else was seen."""


class Play(NamedTuple):
    """What was proposed and what it was worth.

    Attributes:
        profiles: (T, K).
        values: (T,).
        recommended: The profile the controller would stay with, (K,).
    """

    profiles: Array
    values: Array
    recommended: Array


def play(controller: Controller, measure: Measure, *, rounds: int, seed: int, first: int = 0) -> Play:
    """Let a controller learn for some rounds.

    Args:
        controller: It is changed: afterwards it knows what it has seen.
        measure: What profiles are worth.
        rounds: How many.
        seed: Of everything drawn, with the round: resumed at `first` with its memory a play goes on as it would have.
        first: Number of the first round.

    Raises:
        InputError: As the controller; bad rounds.
    """
    whole_number("rounds", rounds, minimum=1)
    profiles, values = [], []
    for number in range(first, first + rounds):
        profile = controller.propose(generator(seed, round=number, agent=-1, purpose="propose levers"))
        value, telemetry = measure(profile, generator(seed, round=number, agent=-1, purpose="value of levers"))
        controller.observe(profile, value, telemetry)
        profiles.append(profile)
        values.append(value)
    return Play(read_only(np.array(profiles)), read_only(np.array(values)), controller.recommend())
