"""How the kernels of this package are compiled, and how their work is cut over threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])
Result = TypeVar("Result")

CHUNK = 4096
"""Accounts per piece of work. Fixed, so that no sum depends on the number of threads."""

_KERNEL_FILES = ("certificate", "gradient_step", "kernels", "layout", "newton", "pivot_table", "responses")


def compiled(function: Function) -> Function:
    """Compile a kernel at its first call, and keep it on disk for the next process.

    The lock of the interpreter is released while it runs, so threads can share the work. Reference counts are off: a
    kernel allocates nothing, and counting the arrays of its records would cost more than its work.
    """
    kernel = numba.njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(function)
    # Numba renews what is on disk when the kernel's own file changes; kernels here call each other across files.
    with suppress(AttributeError):
        kernel._cache._cache_file._source_stamp = _sources()
    return cast(Function, kernel)


@lru_cache(maxsize=1)
def _sources() -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of every file with kernels."""
    files = [Path(__file__).with_name(f"{name}.py") for name in _KERNEL_FILES]
    return tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in files)


def inlined(function: Function) -> Function:
    """Compile a small function into every kernel that calls it: no call is made."""
    return cast(Function, numba.njit(nogil=True, error_model="numpy", _nrt=False, inline="always")(function))


def in_chunks(work: Callable[[tuple[int, int]], Result], accounts: int, chunk: int = CHUNK) -> list[Result]:
    """Call work((first, last)) for each run of `chunk` accounts, in as many threads as numba may use.

    The pieces and the order of the answers are the same whatever the number of threads (numba.set_num_threads).
    """
    if accounts <= chunk:
        return [work((0, accounts))]
    spans = [(first, min(first + chunk, accounts)) for first in range(0, accounts, chunk)]
    threads = min(numba.get_num_threads(), len(spans))
    if threads <= 1:
        return [work(span) for span in spans]
    return list(_pool(threads).map(work, spans))


@lru_cache(maxsize=8)
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="population")
