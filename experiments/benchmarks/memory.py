"""Memory that processes needed at most."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import psutil


def peak_gib(processes: Iterable[psutil.Process]) -> float:
    """Sum of what each process held in memory at its peak, GiB; where the system doesn't keep it, what it holds now.

    Shared pages count in every process: an upper bound.
    """
    return sum(_peak_bytes(process) for process in processes) / 2**30


def _peak_bytes(process: psutil.Process) -> int:
    status = Path(f"/proc/{process.pid}/status")
    if status.is_file():
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    return int(process.memory_info().rss)
