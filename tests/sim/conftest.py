"""Random games and deterministic hypothesis runs for the whole of tests/sim."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import stability_number

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("repeatable")


@pytest.fixture
def data_folder() -> Path:
    """Folder of the survey tables: EQUIPOLIS_DATA, or shared/data beside the checkout."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    folder = Path(os.environ.get("EQUIPOLIS_DATA", beside))
    if not (folder / "fivethirtyeight_nonvoters_party5.csv").is_file():
        pytest.skip(f"survey tables not found in {folder}; set EQUIPOLIS_DATA to their folder")
    return folder


@pytest.fixture
def random_game() -> Callable[..., AlignmentGame]:
    """Maker of random games with C and S positive definite, from a seed."""

    def make(
        seed: int, *, dimension: int | None = None, accounts: int | None = None, kappa: float | None = None
    ) -> AlignmentGame:
        rng = np.random.default_rng(seed)
        size = dimension or int(rng.integers(2, 7))
        count = accounts or int(rng.integers(2, 8))
        factors = rng.normal(size=(2, size, size)) / np.sqrt(size)
        own = factors[0] @ factors[0].T + 0.3 * np.eye(size)
        crowd = factors[1] @ factors[1].T + 0.1 * np.eye(size)
        game = AlignmentGame(
            attractiveness=0.3 * rng.normal(size=size),
            inconsistency=own,
            similarity=crowd,
            incentives=Incentives(*10 ** rng.uniform(-0.5, 0.5, size=3)),
            accounts=count,
        )
        if kappa is None:
            return game

        diversity = game.incentives.diversity * kappa / stability_number(game)
        return game.with_incentives(diversity=diversity)

    return make


@pytest.fixture
def interior_game() -> Callable[..., AlignmentGame]:
    """Maker of four-group games with a known stability number and an equilibrium well inside the simplex."""

    def make(kappa: float, *, accounts: int = 5, seed: int = 0) -> AlignmentGame:
        rng = np.random.default_rng(seed)
        own = np.diag(rng.uniform(0.7, 1.4, size=4))
        game = AlignmentGame(
            attractiveness=rng.uniform(0.0, 0.3, size=4),
            inconsistency=own,
            similarity=np.eye(4),
            incentives=Incentives(1.0, 1.0, 1.0),
            accounts=accounts,
        )

        return game.with_incentives(diversity=kappa / stability_number(game))

    return make
