"""Servers for the fault suite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.language.packaged_model import packaged_model
from agents.language.recording_file import read_recording
from agents.language.tokens import TextCodec
from tests.faults.server import Played, Server, serving

RECORDED = Path(__file__).parents[1] / "experiments" / "recorded"


@pytest.fixture(scope="session")
def model_folder() -> Path:
    return packaged_model()


@pytest.fixture
def recorded_server(model_folder: Path) -> Iterator[Server]:
    """A server that answers the run in tests/experiments/recorded as the real model did."""
    recording = read_recording(RECORDED / "bigfive.parquet")
    (source,) = recording.sources.values()
    with serving(Server(["base", *source.adapters], Played(recording, TextCodec(model_folder)))) as running:
        yield running
