"""A command line that sweeps the cheapest study, and what its workers noted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def as_in_a_terminal() -> None:
    """Tests that run in the background may ignore Ctrl-C, and their children would too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Swept:
    """A sweep of the study in settles.py, run as a user would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "EQUIPOLIS_MODULES": "settles",
            "PYTHONPATH": os.pathsep.join([str(HERE), str(ROOT)]),
            "RAY_USAGE_STATS_ENABLED": "0",
        }

    def command(self, *overrides: str) -> list[str]:
        study = "study={_target_:settles.Settles,seed:${run.seed}}"
        command = [sys.executable, "-m", "experiments.command", "--multirun", study, "run.name=settles"]
        return [*command, f"run.directory={self.folder}", *overrides]

    def start(self, *overrides: str) -> subprocess.Popen[str]:
        with (self.folder / "printed").open("a") as printed:
            return subprocess.Popen(
                self.command(*overrides),
                env=self.environment,
                stdout=printed,
                stderr=subprocess.STDOUT,
                text=True,
                preexec_fn=as_in_a_terminal,  # noqa: PLW1509 - no threads here
            )

    def run(self, *overrides: str) -> int:
        return self.start(*overrides).wait(3600)

    @property
    def printed(self) -> str:
        return (self.folder / "printed").read_text()

    @property
    def path(self) -> Path:
        (found,) = (self.folder / "sweeps").iterdir()
        return found

    @property
    def table(self) -> pd.DataFrame:
        return pd.read_parquet(self.path / "sweep.parquet")

    @property
    def counts(self) -> dict[str, Any]:
        return json.loads((self.path / "sweep.json").read_text())

    def noted(self, state: str) -> Counter[int]:
        """How often any worker noted a state of a point."""
        lines = [
            json.loads(line) for file in self.path.glob("workers/*.jsonl") for line in file.read_text().splitlines()
        ]
        return Counter(line["point"] for line in lines if line["state"] == state)


@pytest.fixture
def swept(tmp_path: Path) -> Swept:
    return Swept(tmp_path)
