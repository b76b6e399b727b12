"""The rows of the table of controllers: every controller, and every baseline that it has to beat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from experiments.studies.oversight.parametric_setting import ARMS, RIGHT_OR_WRONG
from platforms.oversight.parametric import Principal
from sim.arrays import Array
from sim.design.controllers import Controller, Fixed
from sim.oversight import PROFILES, OutcomeValues
from sim.oversight.events import event_values

DEFAULT, AVERAGE, BOTH = "fixed: default", "fixed: average profile", "principal's value as reward"
MIDDLE, BY_PULLS = "fixed: middle of the box", "fixed: average by Thompson's pulls"
THOMPSON, UNIFORM = "Thompson sampling", "uniform switching"
PROTOTYPE: Mapping[str, tuple[float, float]] = {
    THOMPSON: (0.178, 0.184),
    UNIFORM: (0.006, 0.371),
    AVERAGE: (0.226, 0.122),
    DEFAULT: (-0.232, 0.616),
    "fixed: rewards 0 or 1": (0.082, 0.617),
    "solver only: rewards 0 or 1": (-0.232, 0.616),
    "solver only: principal's value": (0.247, 0.076),
}
"""Value and hallucination of an earlier prototype of this game (theory of the oversight game, section 4)."""


def fixed(profile: Array) -> Principal:
    """A principal who never moves."""
    return Principal(partial(Fixed, profile))


def rows(
    bandits: Mapping[str, Callable[..., Controller]],
    searches: Mapping[str, Callable[..., Controller]],
    box: tuple[Array, Array],
    values: OutcomeValues,
) -> dict[str, Principal]:
    """All rows but the average by pulls, which has to wait for the pulls.

    Args:
        bandits: Makers of controllers that choose among arms.
        searches: Of those that search a box.
        box: Its bounds.
        values: What outcomes are worth to the principal.
    """
    low, high = box
    worth = event_values(values)
    single = {f"fixed: {name.replace('_', ' ')}": fixed(arm) for name, arm in zip(PROFILES, ARMS, strict=True)}
    return {
        **{name: Principal(partial(make, arms=ARMS)) for name, make in bandits.items()},
        **{name: Principal(partial(make, low=low, high=high)) for name, make in searches.items()},
        MIDDLE: fixed((low + high) / 2),
        AVERAGE: fixed(ARMS.mean(axis=0)),
        **single,
        "fixed: rewards 0 or 1": Principal(pay=RIGHT_OR_WRONG),
        BOTH: Principal(pay=(worth, worth)),
        "solver only: rewards 0 or 1": Principal(pay=RIGHT_OR_WRONG, audited=False),
        "solver only: principal's value": Principal(pay=(worth, worth), audited=False),
    }


def pulls(profiles: Array) -> Array:
    """How often each of the eight arms was played, (T, 12) -> (8,)."""
    counts: Array = (profiles[:, None] == ARMS).all(axis=2).sum(axis=0).astype(np.float64)
    return counts
