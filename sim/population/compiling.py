"""How the kernels of this package are compiled, and in what pieces they work."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])

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
