"""Every model with weights is recorded in its run directory, whoever asks it; the manifest says how it served."""

import json

import pytest

from agents.language.recorded import RecordedLanguageModel, RecordingLanguageModel
from agents.language.recording_file import read_recording
from agents.language.synthetic import SyntheticLanguageModel
from experiments.answering import answering
from experiments.making import made
from experiments.run_directory import RunDirectory
from tests.experiments.live_model import SHIPPED

RECORDED = ("language=recorded", f"language.path={SHIPPED / 'bigfive.parquet'}")
ENTRIES = read_recording(SHIPPED / "bigfive.parquet").entries
REQUESTS = [entry.request for entry in ENTRIES.values() if hasattr(entry.request, "options")][:3]


@pytest.fixture
def answered(composed, tmp_path):
    """The model of a configuration in its run directory, asked three things twice; and what the manifest says of it."""

    def ask(*overrides):
        config = composed(*overrides, f"run.directory={tmp_path}")
        directory = RunDirectory(config)
        directory.begin(print)
        population = made(config.subpopulations)
        for _ in range(2):
            backend = answering(config.language, population, directory, print)
            with backend.language as language:
                language.choice_logprobs(REQUESTS)
        directory.manifest({})
        return (
            backend.language,
            json.loads((directory.path / "manifest.json").read_text())["recordings"],
            directory.path,
        )

    return ask


def test_a_model_with_weights_is_recorded_and_what_it_answered_is_not_asked_again(answered, live_run):
    language, recordings, path = answered(*live_run)
    assert isinstance(language, RecordingLanguageModel)
    assert [(one["file"], one["hits"], one["misses"]) for one in recordings] == [("language.parquet", 3, 3)]
    assert len(read_recording(path / "language.parquet").entries) == 3
    assert "@" not in language.name, "where it was reached is no part of who answered"


def test_a_recording_is_read_and_not_recorded_again(answered):
    language, recordings, path = answered(*RECORDED)
    assert isinstance(language, RecordedLanguageModel)
    assert [(one["file"], one["hits"], one["misses"]) for one in recordings] == [("bigfive.parquet", 6, 0)]
    assert not list(path.glob("*.parquet"))


def test_a_model_that_costs_nothing_is_not_recorded(composed, tmp_path):
    config = composed("experiment=synthetic", f"run.directory={tmp_path}")
    directory = RunDirectory(config)
    backend = answering(config.language, made(config.subpopulations), directory, print)
    assert isinstance(backend.language, SyntheticLanguageModel)
    directory.manifest({})
    assert json.loads((directory.path / "manifest.json").read_text())["recordings"] == []
