"""What else would the same runs have confirmed? A verdict is worth what it can tell apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, read_only
from sim.convergence.judge import checked_prediction, judge
from sim.convergence.verdict import Kind
from sim.game import Game
from sim.simplex import total_variation


@dataclass(frozen=True, eq=False)
class Rival:
    """Another prediction, judged on the same runs.

    Attributes:
        name: Where it comes from.
        mixture: The rival prediction, shape (D,) or (M, D).
        separation: Its total variation distance from the prediction, averaged over accounts.
        kind: The verdict on it. "converged" means the runs can't tell it from the prediction.
    """

    name: str
    mixture: Array
    separation: float
    kind: Kind


def judge_rivals(
    trajectories: ArrayLike,
    game: Game,
    prediction: ArrayLike,
    rivals: Mapping[str, ArrayLike],
    *,
    tolerance: float = 0.05,
    window: float = 0.25,
    confidence: float = 0.95,
    floor: float = 0.0,
) -> tuple[Rival, ...]:
    """Judge the same runs against rival predictions, nearest first.

    Unlike the negative control, which takes a prediction so far away that a converged run must reject it, a rival may
    lie close: theories simpler than the equilibrium (every group alike, the groups' shares) belong here.

    Args:
        trajectories: Profiles of every run, shape (seeds, rounds + 1, M, D).
        game: The game.
        prediction: The prediction, shape (D,) or (M, D).
        rivals: Name -> rival prediction, (D,) or (M, D).
        tolerance: As in `judge`.
        window: As in `judge`.
        confidence: As in `judge`.
        floor: As in `judge`.

    Raises:
        InputError: As in `judge`, or a rival is not a mixture.
    """
    right = checked_prediction("prediction", prediction, game)
    judged = []
    for name, rival in rivals.items():
        mixture = checked_prediction(f"rival {name}", rival, game)
        verdict = judge(
            trajectories, game, mixture, tolerance=tolerance, window=window, confidence=confidence, floor=floor
        )
        separation = float(np.mean(total_variation(mixture, right)))
        judged.append(Rival(name, read_only(mixture), separation, verdict.kind))
    return tuple(sorted(judged, key=lambda rival: rival.separation))
