"""The numbers of the oversight panel: the inspection game's flow, its paths and its rest point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import Array
from sim.errors import InputError
from sim.oversight import (
    Equilibrium,
    InspectionGame,
    Motion,
    Path,
    alternating,
    linearise,
    optimistic,
    optimistic_growth,
    simultaneous,
    simultaneous_growth,
)

RULES = {
    "at once": simultaneous,
    "in turns": alternating,
    "optimistic": optimistic,
}
"""How solver and auditor learn, by name."""
STARTS = ((0.2, 0.2), (0.85, 0.6), (0.5, 0.9))
"""p and q at which the drawn paths begin."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Portrait:
    """How solver and auditor move.

    Attributes:
        game: Who is paid what.
        equilibrium: Where nobody gains by moving.
        motion: Small turns around it; None where it is no centre.
        growth: Factor by which a small turn grows a round; None where no closed form says so.
        paths: From `STARTS`.
    """

    game: InspectionGame
    equilibrium: Equilibrium
    motion: Motion | None
    growth: float | None
    paths: tuple[Path, ...]


def portrait(game: InspectionGame, rule: str, *, step: float, rounds: int) -> Portrait:
    """Follow the game.

    Args:
        game: The game.
        rule: One of `RULES`.
        step: Of the learners, per unit of reward.
        rounds: Of every path.

    Raises:
        InputError: Another rule, or as of `sim.oversight`.
    """
    if rule not in RULES:
        raise InputError("rule", rule, f"expected one of {', '.join(RULES)}")
    try:
        motion = linearise(game) if game.cyclic else None
    except InputError:  # no mixed equilibrium: nothing to turn around
        motion = None
    grown = {"at once": simultaneous_growth, "optimistic": optimistic_growth}.get(rule)
    return Portrait(
        game=game,
        equilibrium=game.equilibrium(),
        motion=motion,
        growth=None if motion is None or grown is None else float(grown(game, step)),
        paths=tuple(RULES[rule](game, start, step=step, rounds=rounds) for start in STARTS),
    )


def flow(game: InspectionGame, points: int = 15) -> tuple[Array, Array, Array]:
    """p, q and the direction in which both move there in continuous time, (n, n), (n, n) and (n, n, 2).

    dp/dt = p (1 - p) I1(q), dq/dt = q (1 - q) I2(p).
    """
    side = (np.arange(points) + 0.5) / points
    p, q = np.meshgrid(side, side, indexing="ij")
    deter = np.array([game.deterrence_margin(float(value)) for value in side])
    look = np.array([game.audit_margin(float(value)) for value in side])
    return p, q, np.stack([p * (1 - p) * deter[None, :], q * (1 - q) * look[:, None]], axis=-1)
