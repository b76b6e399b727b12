"""A base model of one's own, by folder or by its name on a hub, with the population's adapters trained on it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from agents.language.embedded import embedded_language_model
from agents.language.identity import model_identity, sha256_of_file
from agents.subpopulations.population import Population, Report
from agents.subpopulations.training import WEIGHTS_FILE
from experiments.backends import Backend
from sim.errors import InputError


def hub(
    *,
    population: Population,
    log: Path,
    report: Report,
    model: str,
    revision: str | None,
    backend: Literal["auto", "vllm", "transformers"],
    dtype: Literal["auto", "float32", "bfloat16"],
    max_restarts: int,
    timeout: float,
) -> Backend:
    """The model on this machine's best backend; its adapters are trained on first use.

    Args:
        population: Whose adapters are served.
        log: File for the server's output.
        report: Gets a line per step.
        model: Folder, or name on the hub.
        revision: Commit on the hub; None for the newest.
        backend: As of `embedded_language_model`, and so the rest.
        dtype: See there.
        max_restarts: See there.
        timeout: See there.

    Raises:
        InputError: No such folder, and the hub can't give it.
    """
    folder = Path(model) if Path(model).is_dir() else _downloaded(model, revision, report)
    identity = model_identity(folder)
    adapters = population.adapters(folder, identity.weights_sha256, report)
    report(f"{model}, revision {identity.revision}; adapters: {', '.join(adapters) or 'none'}")
    language = embedded_language_model(
        adapters, dtype, log, report, model=folder, backend=backend, max_restarts=max_restarts, timeout=timeout
    )
    return Backend(language, identity, {name: sha256_of_file(path / WEIGHTS_FILE) for name, path in adapters.items()})


def _downloaded(name: str, revision: str | None, report: Report) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    report(f"{name}: from the hub's cache, or downloaded once")
    wanted = ["*.safetensors", "*.json", "*.txt", "*.model", "*.jinja"]
    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=wanted))
    except (LocalEntryNotFoundError, HfHubHTTPError, HFValidationError, OSError) as error:
        remedy = "give the folder of a downloaded model, or its name on a hub that can be reached from here"
        raise InputError("language.model", name, f"{remedy} ({type(error).__name__})") from error
