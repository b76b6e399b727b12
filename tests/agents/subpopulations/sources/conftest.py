"""Where the survey files stand, and small files written as their publishers write them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Folder of the survey files: EQUIPOLIS_DATA, or shared/data beside the checkout."""
    beside = Path(__file__).resolve().parents[5] / "shared" / "data"
    folder = Path(os.environ.get("EQUIPOLIS_DATA", beside))
    if not (folder / "raw" / "fivethirtyeight_nonvoters_data.csv").is_file():
        pytest.skip(f"survey files not found in {folder}; set EQUIPOLIS_DATA to their folder")
    return folder


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Writer of a CSV from a frame."""

    def write(frame: pd.DataFrame, name: str = "data.csv", **how: object) -> Path:
        path = tmp_path / name
        frame.to_csv(path, index=False, **how)
        return path

    return write
