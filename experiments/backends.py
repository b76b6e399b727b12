"""Language models as configurations name them: each factory takes what a run knows and what its config says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from agents.language.embedded import embedded_language_model
from agents.language.identity import ModelIdentity, model_identity, sha256_of_file
from agents.language.openai_endpoint import OpenAIEndpoint
from agents.language.packaged_model import packaged_model
from agents.language.protocol import LanguageModel
from agents.language.recorded import RecordedLanguageModel
from agents.language.recording import Source
from agents.language.replicas import Replicas
from agents.language.synthetic import SyntheticLanguageModel
from agents.subpopulations.population import Population, Report
from agents.subpopulations.training import WEIGHTS_FILE
from experiments.run_directory import RECORDING
from experiments.secrecy import KEY_VARIABLE
from sim.errors import InputError


@dataclass(frozen=True)
class Backend:
    """A language model ready to be entered.

    Attributes:
        language: The model.
        identity: What its weights are; None for a synthetic one, which has none.
        adapters: SHA-256 of each adapter's weights, by name.
    """

    language: LanguageModel
    identity: ModelIdentity | None
    adapters: Mapping[str, str] = field(default_factory=dict)

    @property
    def source(self) -> Source:
        """Who answers; where a server happens to listen says nothing about its answers."""
        return Source(backend=self.language.name.partition("@")[0], model=self.identity, adapters=self.adapters)


def embedded(
    *,
    population: Population,
    log: Path,
    report: Report,
    backend: Literal["auto", "vllm", "transformers"],
    dtype: Literal["auto", "float32", "bfloat16"],
    max_restarts: int,
    timeout: float,
    replicas: int,
) -> Backend:
    """The packaged model on this machine: vLLM, transformers, or the best there is."""
    _choose("language.backend", backend, ("auto", "vllm", "transformers"))
    _choose("language.dtype", dtype, ("auto", "float32", "bfloat16"))
    if replicas < 1 or (replicas > 1 and backend == "transformers"):
        raise InputError("language.replicas", replicas, "give at least 1; more than 1 are for vLLM")
    model, identity, adapters = _packaged(population, report)
    language = embedded_language_model(
        adapters,
        dtype,
        log,
        report,
        model=model,
        backend=backend,
        max_restarts=max_restarts,
        timeout=timeout,
        replicas=replicas,
    )
    return Backend(language, identity, _hashes(adapters))


def endpoint(
    *,
    population: Population,
    log: Path,
    report: Report,
    base_url: Sequence[str],
    served_model: str,
    api_key_variable: str,
    timeout: float,
    retries: int,
) -> Backend:
    """vLLM-compatible servers somebody else runs; each must serve every adapter under its group's name."""
    if not KEY_VARIABLE.fullmatch(api_key_variable):
        raise InputError("language.api_key_variable", api_key_variable, "name a variable EQUIPOLIS_..._KEY")
    model, identity, adapters = _packaged(population, report)
    report(f"language model: {served_model} at {', '.join(base_url)}")
    served = {name: name for name in adapters}
    servers = [
        OpenAIEndpoint(url, served_model, model, served, api_key_env=api_key_variable, timeout=timeout, retries=retries)
        for url in base_url
    ]
    language = servers[0] if len(servers) == 1 else Replicas(servers, report)
    return Backend(language, identity, _hashes(adapters))


def synthetic(*, population: Population, log: Path, report: Report, clarity: float) -> Backend:
    """A known mixture response: a post is heard as its own group with probability `clarity`, else as any other."""
    if not 0.0 < clarity <= 1.0:
        raise InputError("language.clarity", clarity, "give a probability above 0, at most 1")
    report("language model: SYNTHETIC, a known mixture response")
    groups = [model.group for model in population.models]
    slip = min(max(1.0 - clarity, 1e-9), 1.0)
    voice = np.full((len(groups), len(groups)), slip / (len(groups) - 1))
    np.fill_diagonal(voice, 1.0 - slip)
    return Backend(SyntheticLanguageModel(groups, voice=voice), None)


def recorded(*, population: Population, log: Path, report: Report, path: str, source: str) -> Backend:
    """The answers in a recording, without a model; adapters too are those of the recording."""
    del population, log
    file = Path(path) / RECORDING if Path(path).is_dir() else Path(path)
    language = RecordedLanguageModel(file, source)
    report(f"language model: RECORDED in {file}: {language.source.id}")
    return Backend(language, language.source.model, language.source.adapters)


def _packaged(population: Population, report: Report) -> tuple[Path, ModelIdentity, Mapping[str, Path]]:
    """The packaged model's folder and identity, and the population's adapters on it."""
    model = packaged_model(report=report)
    identity = model_identity(model)
    adapters = population.adapters(model, identity.weights_sha256, report)
    report(f"{identity.name}, revision {identity.revision}; adapters: {', '.join(adapters) or 'none'}")
    return model, identity, adapters


def _hashes(adapters: Mapping[str, Path]) -> dict[str, str]:
    return {name: sha256_of_file(folder / WEIGHTS_FILE) for name, folder in adapters.items()}


def _choose(field: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InputError(field, value, f"choose one of {', '.join(choices)}")
