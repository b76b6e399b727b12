"""Survey files for studies, and a way to run an experiment file on them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import conf
from experiments.command import run


class Finished(NamedTuple):
    """A finished study.

    Attributes:
        path: Its run directory.
        outcomes: Outcome by claim.
        found: What was found, by claim.
        printed: What the terminal showed.
    """

    path: Path
    outcomes: dict[str, str]
    found: dict[str, str]
    printed: str


@pytest.fixture(scope="session")
def expected() -> Callable[[str], dict[str, str]]:
    """Outcome by claim, as the comment in an experiment file says."""

    def stated(name: str) -> dict[str, str]:
        text = (Path(conf.__file__).parent / "experiment" / f"{name}.yaml").read_text(encoding="utf-8")
        (listed,) = re.findall(r"^# Expected: (.+)\.$", text, re.MULTILINE)
        return dict(part.rsplit(": ", 1) for part in listed.split("; "))

    return stated


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Folder of the survey files: EQUIPOLIS_DATA, or shared/data beside the checkout."""
    beside = Path(__file__).resolve().parents[4] / "shared" / "data"
    folder = Path(os.environ.get("EQUIPOLIS_DATA", beside))
    if not (folder / "raw" / "fivethirtyeight_nonvoters_data.csv").is_file():
        pytest.skip(f"survey files not found in {folder}; set EQUIPOLIS_DATA to their folder")
    return folder


@pytest.fixture
def nonvoters(data_folder: Path) -> str:
    """Override that points to the published survey of non-voters."""
    return f"data.path={data_folder / 'raw' / 'fivethirtyeight_nonvoters_data.csv'}"


@pytest.fixture
def study(composed: Any, console: Any, tmp_path: Path) -> Callable[..., Finished]:
    """Run an experiment file with overrides; it must finish."""

    def finish(name: str, *overrides: str) -> Finished:
        status = run(composed(f"experiment={name}", f"run.directory={tmp_path}", *overrides), console)
        printed = console.file.getvalue()
        assert status == 0, printed
        (path,) = tmp_path.iterdir()
        claims = json.loads((path / "findings.json").read_text(encoding="utf-8"))["claims"]
        return Finished(
            path, {c["name"]: c["outcome"] for c in claims}, {c["name"]: c["found"] for c in claims}, printed
        )

    return finish
