"""What a worker of a sweep finds in its environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from experiments.targets import VOUCHED

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def thread_variables(cpus: int) -> dict[str, str]:
    """Variables that keep a process to its share of the cores, read when its libraries are imported."""
    return dict.fromkeys(_THREADS, str(cpus))


def passed_on() -> dict[str, str]:
    """Variables of this process that workers on other machines need: names of modules, and never a key."""
    return {VOUCHED: os.environ[VOUCHED]} if VOUCHED in os.environ else {}


@contextmanager
def threads(cpus: int) -> Iterator[None]:
    """Processes started inside get these threads; this one has read the variables already."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(thread_variables(cpus))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
