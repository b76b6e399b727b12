"""The packaged model with adapters on this machine's best backend: vLLM if installed, else transformers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from agents.language.packaged_model import packaged_model
from agents.language.precision import Precision, fastest_precision
from agents.language.protocol import LanguageModel, LanguageModelError
from agents.language.replicas import Replicas
from agents.language.transformers_model import TransformersLanguageModel
from agents.language.vllm_command import vllm_device
from agents.language.vllm_server import VLLMServer

logger = logging.getLogger(__name__)


def embedded_language_model(
    adapters: Mapping[str, Path] | None = None,
    dtype: Literal["auto", "float32", "bfloat16"] = "auto",
    log: Path = Path("vllm.log"),
    report: Callable[[str], None] | None = None,
    *,
    model: Path | None = None,
    backend: Literal["auto", "vllm", "transformers"] = "auto",
    max_restarts: int = 2,
    timeout: float = 600.0,
    replicas: int = 1,
) -> LanguageModel:
    """Make a language model that needs no network: which backend was taken, and why, is always said.

    Args:
        adapters: Name to adapter folder.
        dtype: Precision of the weights; "auto" takes what this device computes fastest, and says which.
        log: File for the vLLM server's output.
        report: Gets the lines; default: the log, at level INFO.
        model: Model folder; default: the packaged model, exported on first use.
        backend: "auto" takes vLLM if it can run here. "vllm" and "transformers" insist.
        max_restarts: How often a server that dies is started again.
        timeout: Seconds until its answer to one request, and until it answers at all; then it is taken for dead.
        replicas: Servers among which vLLM's work is shared; each holds the weights, and gets its part of the cores.

    Returns:
        A language model, not yet entered.

    Raises:
        LanguageModelError: If vLLM is insisted on and can't run here.
    """
    say = report or logger.info
    folder = model or packaged_model(report=say)
    if backend == "transformers":
        say("language model: transformers in this process, as asked for")
        return TransformersLanguageModel(folder, adapters, _precision(dtype, "cpu", say))
    try:
        device = vllm_device()
    except LanguageModelError as error:
        if backend == "vllm":
            raise
        say(f"language model: transformers in this process, because: {error}")
        return TransformersLanguageModel(folder, adapters, _precision(dtype, "cpu", say))
    say(f"language model: a vLLM server on the {device}")
    precision = _precision(dtype, device, say)
    servers = [
        VLLMServer(
            folder,
            adapters,
            precision,
            log=log if replicas == 1 else log.with_stem(f"{log.stem}-{number + 1}"),
            startup_timeout=timeout,
            request_timeout=timeout,
            max_restarts=max_restarts,
            share=(number, replicas),
            report=say,
        )
        for number in range(replicas)
    ]
    return servers[0] if replicas == 1 else Replicas(servers, say)


def _precision(
    dtype: Literal["auto", "float32", "bfloat16"], device: Literal["cpu", "cuda"], say: Callable[[str], None]
) -> Precision:
    if dtype != "auto":
        return dtype
    fastest = fastest_precision(device)
    say(f"precision: {fastest}, the fastest on this {device}")
    return fastest
