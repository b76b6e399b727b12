"""A log of a platform with known incentives, written as the user of a live platform would have it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.estimation.induced import exploration

GROUPS = ("north", "east", "south")


@pytest.fixture(scope="session")
def platform_game() -> AlignmentGame:
    """What the platform pays by; nobody outside knows."""
    return AlignmentGame(
        attractiveness=np.array([0.5, 0.3, 0.2]),
        inconsistency=np.array([[0.5, 0.1, 0.0], [0.1, 0.4, 0.1], [0.0, 0.1, 0.6]]),
        similarity=np.eye(3),
        incentives=Incentives(1.0, 0.8, 0.5),
        accounts=5,
        groups=GROUPS,
    )


@pytest.fixture
def write_log(tmp_path: Path, platform_game: AlignmentGame) -> Callable[..., Path]:
    """Writer of a log of 80 rounds; `edit` changes its table of rows first."""

    def write(
        edit: Callable[[pd.DataFrame], pd.DataFrame] = lambda rows: rows,
        bonus: Callable[[np.ndarray], np.ndarray] = lambda mixtures: np.zeros(mixtures.shape[:2]),
        name: str = "log.csv",
    ) -> Path:
        profiles = exploration(5, 3, profiles=80, seed=7)
        paid = np.stack([platform_game.payoffs(profile) for profile in profiles]) + bonus(profiles)
        paid = paid + 0.03 * np.random.default_rng(7).normal(size=paid.shape)
        rows = pd.DataFrame(
            {
                "round": np.repeat(np.arange(80), 5),
                "account": [f"acc{m}" for m in range(5)] * 80,
                "payoff": paid.ravel(),
                **{f"weight_{group}": profiles[:, :, d].ravel() for d, group in enumerate(GROUPS)},
            }
        )
        path = tmp_path / name
        changed = edit(rows)
        if path.suffix == ".parquet":
            changed.to_parquet(path)
        else:
            changed.to_csv(path, index=False)
        return path

    return write
