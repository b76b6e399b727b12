"""What studies with language-model accounts share: voices made ready, and the wording of what play showed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from omegaconf import DictConfig

from agents.subpopulations.gate import Gate
from agents.subpopulations.population import Opinions, Population
from experiments.backends import Backend
from experiments.console import Reporter
from experiments.making import made
from experiments.pipeline import listen
from experiments.records import save_opinions
from experiments.run_directory import RunDirectory
from experiments.study import Claim
from sim.convergence.verdict import Interval


class Voiced(NamedTuple):
    """A population on a running language model.

    Attributes:
        population: The population.
        backend: The model that speaks for it.
        gates: Held-out checks of its voices.
        opinions: What its groups answer.
    """

    population: Population
    backend: Backend
    gates: Mapping[str, Gate]
    opinions: Opinions


@contextmanager
def voiced(
    subpopulations: DictConfig, language: DictConfig, directory: RunDirectory, reporter: Reporter
) -> Iterator[Voiced]:
    """Make a population, start its language model, check its voices and read its opinions; the model stops at the end.

    Args:
        subpopulations: As in conf/subpopulations.
        language: As in conf/language.
        directory: Gets the opinions and the server's log.
        reporter: Says each step.
    """
    population: Population = made(subpopulations)
    with reporter.step("Voices: base model and subpopulation models"):
        backend: Backend = made(
            language, population=population, log=directory.path / "server.log", report=reporter.line
        )
    with ExitStack() as opened:
        with reporter.step("Language model: start"):
            opened.enter_context(backend.language)
        with reporter.step("Gate and opinions"):
            gates, opinions = listen(population, backend.language, reporter)
        save_opinions(directory, opinions)
        yield Voiced(population, backend, gates, opinions)


def voices_carry(gates: Mapping[str, Gate]) -> Claim:
    """Whether every voice prefers its own group's words."""
    gate = next(iter(gates.values()), None)
    return Claim(
        name="voices carry their groups",
        statement="On held-out texts every voice prefers its own group's, by the margin.",
        found="not checked: the voices are known"
        if gate is None
        else f"least margin {gate.margins.min():+.2f} nats per token, needed {gate.required:+.2f}",
        holds=None if gate is None else gate.passed,
    )


def in_words(found: Interval) -> str:
    """An estimate with its interval."""
    return f"{found.estimate:.3f} [{found.low:.3f}, {found.high:.3f}]"


def sure(*, yes: bool, no: bool) -> bool | None:
    """True or False where the interval says so, None where it leaves both open."""
    return True if yes else (False if no else None)
