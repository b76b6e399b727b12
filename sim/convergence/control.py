"""The negative control: a deliberately wrong prediction, which the verdict must reject."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, read_only
from sim.convergence.judge import checked_prediction, judge
from sim.convergence.verdict import Verdict
from sim.equilibrium.homogeneous import homogeneous_equilibrium
from sim.errors import InputError
from sim.game import Game
from sim.simplex import total_variation


@dataclass(frozen=True, eq=False)
class Control:
    """Outcome of a negative control.

    Attributes:
        verdict: The verdict against the wrong prediction.
        prediction: The wrong prediction, shape (D,) or (M, D).
        separation: Its total variation distance from the right one, averaged over accounts.
        sabotage: How it was made wrong, in words.
        rejected: Whether the verdict is anything but "converged", as it must be.
    """

    verdict: Verdict
    prediction: Array
    separation: float
    sabotage: str
    rejected: bool


def negative_control(
    trajectories: ArrayLike,
    game: Game,
    *,
    prediction: ArrayLike | None = None,
    tolerance: float = 0.05,
    window: float = 0.25,
    confidence: float = 0.95,
    floor: float = 0.0,
) -> Control:
    """Judge the same runs against the equilibrium of a sabotaged game.

    The groups' attractiveness, or their inconsistency, is handed to the wrong groups: every swap of two
    groups and every rotation is tried, and the one whose equilibrium lies farthest from the right one is
    used. Where none lies 2 tolerances away (groups too alike), the right prediction is pushed towards a
    single group instead, by 3 tolerances. Where accounts may differ, every account's right prediction is pushed.

    Args:
        trajectories: Profiles of every run, shape (seeds, rounds + 1, M, D).
        game: The right game.
        prediction: The right prediction, shape (D,) or (M, D); None for the homogeneous equilibrium of identical
            accounts.
        tolerance: As in `judge`.
        window: As in `judge`.
        confidence: As in `judge`.
        floor: As in `judge`.

    Raises:
        InputError: As in `judge`, or accounts may differ and no prediction is given.
    """
    if prediction is not None:
        right = checked_prediction("prediction", prediction, game)
    elif isinstance(game, AlignmentGame):
        right = homogeneous_equilibrium(game, floor).mixture
    else:
        raise InputError("prediction", None, "accounts may differ: give the right prediction, one mixture per account")
    wrong, sabotage = _pushed(right, 3 * tolerance)
    farthest = 0.0
    for sabotaged, how in _sabotaged_games(game) if isinstance(game, AlignmentGame) else ():
        candidate = homogeneous_equilibrium(sabotaged, floor).mixture
        separation = float(np.mean(total_variation(candidate, right)))
        if separation > farthest and separation >= 2 * tolerance:
            farthest, wrong, sabotage = separation, candidate, how
    verdict = judge(
        trajectories,
        game,
        wrong,
        tolerance=tolerance,
        window=window,
        confidence=confidence,
        floor=floor,
    )
    return Control(
        verdict=verdict,
        prediction=read_only(wrong),
        separation=float(np.mean(total_variation(wrong, right))),
        sabotage=sabotage,
        rejected=verdict.kind != "converged",
    )


def _sabotaged_games(game: AlignmentGame) -> Iterator[tuple[AlignmentGame, str]]:
    """The game with a or C permuted, and how; rows and columns of C move together, so it stays valid."""
    identity = np.arange(game.dimension)
    orders = [(np.roll(identity, shift), f"rotated by {shift}") for shift in range(1, game.dimension)]
    for first in range(game.dimension):
        for second in range(first + 1, game.dimension):
            order = identity.copy()
            order[[first, second]] = second, first
            orders.append((order, f"swapped between groups {first} and {second}"))
    for order, how in orders:
        yield replace(game, attractiveness=game.attractiveness[order]), f"attractiveness {how}"
        yield replace(game, inconsistency=game.inconsistency[np.ix_(order, order)]), f"inconsistency {how}"


def _pushed(right: Array, distance: float) -> tuple[Array, str]:
    """The right prediction moved `distance` (or as far as it goes) towards its least group."""
    least = int(np.argmin(right.mean(axis=0) if right.ndim == 2 else right))
    share = min(distance / (1.0 - float(np.mean(right[..., least]))), 1.0)
    vertex = np.zeros_like(right)
    vertex[..., least] = 1.0
    return right + share * (vertex - right), f"prediction pushed towards group {least}"
