"""The language model of a run: what it answers is kept in the run directory, so that nothing is asked twice."""

from __future__ import annotations

from dataclasses import replace

from omegaconf import DictConfig

from agents.language.recorded import RecordedLanguageModel, RecordingLanguageModel
from agents.subpopulations.population import Report
from experiments.backends import Backend
from experiments.making import made
from experiments.run_directory import RECORDING, RunDirectory


def answering(
    language: DictConfig, population: object, directory: RunDirectory, report: Report, log: str = "server.log"
) -> Backend:
    """The model that a configuration names, recorded.

    What is recorded already isn't recorded again, nor is a model without weights, which costs nothing to ask. Several
    models of one run share its recording, which tells them apart.

    Args:
        language: As in conf/language.
        population: Who speaks through it.
        directory: Gets the recording and the server's log.
        report: Gets a line per step.
        log: Name of the server's log.
    """
    backend: Backend = made(language, population=population, log=directory.path / log, report=report)
    if backend.identity is not None and not isinstance(backend.language, RecordedLanguageModel):
        recorder = RecordingLanguageModel(backend.language, backend.source, directory.path / RECORDING)
        backend = replace(backend, language=recorder)
    directory.answering.append(backend.language)
    return backend
