"""Ask a language model what its groups think, once: what it said is kept by what it was asked and who was asked."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Protocol

import numpy as np
import platformdirs
from omegaconf import DictConfig, OmegaConf

from agents.language.protocol import LanguageModel
from agents.subpopulations.population import Opinions, Population
from agents.subpopulations.quality import Quality
from experiments.answering import answering
from experiments.backends import Backend
from experiments.console import Reporter
from experiments.making import made
from experiments.run_directory import RunDirectory
from experiments.studies.language.model_opinions import ModelOpinions, from_parquet, to_parquet
from sim.errors import InputError
from sim.estimation import OpinionTable


class Checked(Population, Protocol):
    """A population that can say how good its voices are."""

    def quality(self, language: LanguageModel, opinions: Opinions) -> Quality:
        """Held-out likelihood, recovered groups, and the survey, as far as there is something to check with."""
        ...


def read_opinions(
    subpopulations: DictConfig,
    language: DictConfig,
    *,
    name: str,
    directory: RunDirectory,
    reporter: Reporter,
    home: str | None = None,
) -> ModelOpinions:
    """Answers and quality of a population on a language model; `run.force=true` asks anew.

    Answers are kept outside the run directory, under a hash of both configurations and all weights, so that other
    draws, grids or estimators, and other studies of the same models, cost nothing; a copy lies in the run directory.

    Args:
        subpopulations: The population, as in conf/subpopulations.
        language: The language model, as in conf/language.
        name: Of the copy in the run directory.
        directory: The run directory.
        reporter: Says what happens.
        home: Where answers are kept; None for the user's cache folder.

    Raises:
        InputError: The population asks nothing, or can't be made.
        LanguageModelError: The model fails.
    """
    population: Checked = made(subpopulations)
    backend = answering(language, population, directory, reporter.line, log=f"server_{name}.log")
    folder = Path(home) if home is not None else platformdirs.user_cache_path("equipolis") / "readings"
    kept = folder / f"{_key(subpopulations, language, backend)}.parquet"
    if kept.is_file() and not directory.config["run"]["force"]:
        reporter.line(f"answers kept from before: {kept.name}")
    else:
        _write(kept, to_parquet(_ask(population, backend, reporter)))
    found = from_parquet(kept)
    directory.bytes(f"answers_{name}.parquet", kept.read_bytes())
    for finding in found.quality:
        outcome = "passed" if finding.passed else "FAILED"
        reporter.line(f"quality: {finding.check} {finding.value:+.2f} (need {finding.required:+.2f}): {outcome}")
    return found


def _ask(population: Checked, backend: Backend, reporter: Reporter) -> ModelOpinions:
    with backend.language as language:
        opinions = population.opinions(language, reporter.line)
        quality = population.quality(language, opinions)
    if opinions.answers is None:
        raise InputError("subpopulations", type(population).__name__, "a population that is asked questions is needed")
    identity = backend.identity
    return ModelOpinions(
        answers=opinions.answers,
        shares=np.array([model.share for model in population.models]),
        people=_respondents(opinions.people),
        quality=quality.findings,
        calibration=opinions.calibration,
        model={
            "name": "none" if identity is None else identity.name,
            "revision": "" if identity is None else identity.revision,
            "weights_sha256": "" if identity is None else identity.weights_sha256,
            "backend": language.name,
        },
        adapters=dict(backend.adapters),
    )


def _respondents(people: OpinionTable | None) -> int | None:
    """Respondents that the groups' effective sizes imply; see `sim.estimation.bootstrap_counts`."""
    if people is None or people.sizes is None:
        return None
    return int(np.rint(1 / np.sum(people.shares**2 / people.sizes.max(axis=1))))


def _key(subpopulations: DictConfig, language: DictConfig, backend: Backend) -> str:
    asked = {
        "subpopulations": OmegaConf.to_container(subpopulations, resolve=True),
        "language": OmegaConf.to_container(language, resolve=True),
        "model": backend.identity.revision if backend.identity else None,
        "adapters": dict(backend.adapters),
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: two studies may ask the same at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
        Path(draft).replace(path)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise
