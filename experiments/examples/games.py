"""The games that several examples play."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.alignment_game import AlignmentGame, Incentives


def plain_game(
    attractiveness: Sequence[float] = (0.5, 0.2, 0.0), *, diversity: float = 1.0, accounts: int = 5
) -> AlignmentGame:
    """Groups that differ in attractiveness only; overlap of mixtures as similarity."""
    size = len(attractiveness)
    return AlignmentGame(
        attractiveness=np.array(attractiveness),
        inconsistency=np.eye(size),
        similarity=np.eye(size),
        incentives=Incentives(1.0, 1.0, diversity),
        accounts=accounts,
    )


def circular_game(inconsistency: float, *, accounts: int = 5) -> AlignmentGame:
    """Each group crowds the next: rock-paper-scissors, with a cost of inconsistency that may be zero."""
    return AlignmentGame(
        attractiveness=np.zeros(3),
        inconsistency=np.eye(3),
        similarity=np.array([[0.0, 1.0, -1.0], [-1.0, 0.0, 1.0], [1.0, -1.0, 0.0]]),
        incentives=Incentives(1.0, inconsistency, 1.0),
        accounts=accounts,
        directed=True,
    )
