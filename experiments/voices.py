"""Voices made ready: a population on a running language model, checked and listened to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from omegaconf import DictConfig

from agents.language.recorded import RecordingLanguageModel
from agents.subpopulations.gate import Gate
from agents.subpopulations.population import Opinions, Population
from experiments.answering import answering
from experiments.backends import Backend
from experiments.console import Reporter
from experiments.records import save_opinions
from experiments.run_directory import RunDirectory


class Voiced(NamedTuple):
    """A population on a running language model.

    Attributes:
        backend: The model that speaks for it.
        gates: Held-out checks of its voices.
        opinions: What its groups answer.
    """

    backend: Backend
    gates: Mapping[str, Gate]
    opinions: Opinions


@contextmanager
def voiced(
    population: Population, language: DictConfig, directory: RunDirectory, reporter: Reporter
) -> Iterator[Voiced]:
    """Start a population's language model, check its voices and read its opinions; the model stops at the end.

    Args:
        population: Who speaks; voices that don't carry are refused.
        language: As in conf/language.
        directory: Gets the opinions and the server's log.
        reporter: Says each step.
    """
    with reporter.step("Voices: base model and subpopulation models"):
        backend = answering(language, population, directory, reporter.line)
    with ExitStack() as opened:
        with reporter.step("Language model: start"):
            opened.enter_context(backend.language)
            if isinstance(backend.language, RecordingLanguageModel) and backend.language.known:
                known = backend.language.known
                reporter.line(f"resuming: {known:,} answers are recorded; the model starts when asked for others")
        with reporter.step("Gate and opinions"):
            gates = population.gates(backend.language, reporter.line)
            for gate in list(gates.values())[:1]:
                gate.require()
            opinions = population.opinions(backend.language, reporter.line)
        save_opinions(directory, opinions)
        yield Voiced(backend, gates, opinions)
