"""The machine: processor, GPU, memory, shared memory, loopback, and the walls around code that nobody has read."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
from pathlib import Path

import psutil

from agents.language.precision import fastest_precision
from agents.language.server_process import LOOPBACK
from experiments.doctor.finding import Finding, bounded
from platforms.oversight.sandbox.sandbox import Sandbox, SandboxUnavailable

GIB = 2**30
MODEL_GIB = 2.0
"""Memory that the packaged model takes in this process."""
SERVER_GIB = 6.0
"""Memory that the packaged model takes on a vLLM server beside this process."""
_SHARED = Path("/dev/shm")  # noqa: S108 - it is looked at, nothing is kept there
_CGROUPS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def processor() -> Finding:
    """Cores that this process may use, and the precision they compute fastest."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    precision = fastest_precision("cpu")
    found = f"{cores} cores, {platform.machine()}, {precision} is fastest"
    if precision == "float32":
        return Finding("processor", found, "ok", "no bfloat16 instructions, so a language model takes longer")
    return Finding("processor", found)


def gpu(program: str = "nvidia-smi") -> Finding:
    """An NVIDIA GPU, its memory and driver, and whether PyTorch sees it."""
    path = shutil.which(program)
    if path is None:
        return Finding("GPU", "none; language models run on the processor")
    fields = "--query-gpu=name,memory.total,driver_version"
    try:
        asked = [path, fields, "--format=csv,noheader"]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("GPU", f"nvidia-smi: {type(error).__name__}", "warn", "look at the NVIDIA driver")
    if done.returncode != 0:
        message = (done.stdout + done.stderr).strip().splitlines()
        return Finding("GPU", f"nvidia-smi: {message[-1][:150] if message else 'failed'}", "warn", "look at the driver")
    found = "; ".join(done.stdout.strip().splitlines())
    import torch

    if not torch.cuda.is_available():
        remedy = "PyTorch sees no CUDA device: an older driver than its CUDA build needs, or a processor-only build"
        return Finding("GPU", found, "warn", f"{remedy}; make env vllm-cuda")
    return Finding("GPU", found)


def memory(available: int | None = None) -> Finding:
    """Memory that is free, also under a container's limit."""
    free = min([psutil.virtual_memory().available, *_left_in_container()]) if available is None else available
    return bounded(
        "memory",
        f"{free / GIB:.1f} GiB free",
        free / GIB,
        needed=MODEL_GIB,
        wanted=SERVER_GIB,
        remedy=f"the packaged model takes {MODEL_GIB:g} GiB, on a vLLM server {SERVER_GIB:g}: close other programs, "
        "or set language=transformers",
    )


def shared_memory(folder: Path = _SHARED) -> Finding:
    """Shared memory, through which vLLM's processes and Ray's pass data."""
    if not folder.is_dir():
        return Finding(str(folder), "none: not Linux", "ok")
    free = shutil.disk_usage(folder).free
    remedy = "vLLM and Ray need it; in a container: docker run --shm-size=4g"
    return bounded(
        str(folder), f"{free / GIB:.2f} GiB free", free / GIB, needed=0.1, wanted=1.0, remedy=remedy, short="warn"
    )


def loopback() -> Finding:
    """A server on this machine can be reached by this machine, and by no proxy."""
    try:
        with socket.create_server((LOOPBACK, 0)) as server:
            server.settimeout(5)
            with socket.create_connection(server.getsockname(), timeout=5) as client:
                accepted, _ = server.accept()
                with accepted:
                    client.sendall(b"?")
                    answered = accepted.recv(1) == b"?"
    except OSError as error:
        return Finding("loopback", f"{LOOPBACK}: {error}", "fail", "allow connections to 127.0.0.1 in the firewall")
    return Finding("loopback", f"a port on {LOOPBACK} answers" if answered else f"{LOOPBACK} garbles bytes")


def walls() -> Finding:
    """What confines code that a language model wrote."""
    try:
        found = Sandbox(workers=1).walls
    except SandboxUnavailable as error:
        return Finding("sandbox", str(error), "warn", "tasks with code can't run here: study.functions=null")
    if "landlock" not in found:
        return Finding("sandbox", ", ".join(found), "warn", "no Landlock: a kernel of 5.13 or later adds a wall")
    return Finding("sandbox", ", ".join(found))


def _left_in_container() -> list[int]:
    limits = (file.read_text(encoding="ascii").strip() for file in _CGROUPS if file.is_file())
    used = psutil.Process().memory_info().rss
    return [int(limit) - used for limit in limits if limit.isdigit()]
