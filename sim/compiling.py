"""How numerical kernels are compiled: on first use, kept on disk, free of the interpreter's lock.

Vectors are made of straight-line code as well (superword-level parallelism), which numba leaves off by default: what
writes out four numbers side by side runs twice as fast.

Threads are those of oneTBB where its package is installed. Its tasks are taken by whichever thread runs, so that other
work on the machine costs its share. An OpenMP team waits for its last member: milliseconds a kernel, if that one has no
processor.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

from numba import njit
from numba.core import config

Function = TypeVar("Function", bound=Callable[..., object])


def _load_threads() -> None:
    """Load oneTBB from its package, where numba's loader does not look for it."""
    with suppress(metadata.PackageNotFoundError, OSError):
        for file in metadata.files("tbb") or ():
            if file.name == "libtbb.so.12":
                ctypes.CDLL(str(file.locate()), mode=ctypes.RTLD_GLOBAL)


_load_threads()


def compiled(function: Function) -> Function:
    """Compile a kernel that may allocate."""
    return _kernel(function)


def counting_nothing(function: Function) -> Function:
    """Compile a kernel that allocates nothing: counting references to the arrays of its records would cost the most."""
    return _kernel(function, _nrt=False)


def parallel(function: Function) -> Function:
    """Compile a kernel whose outer loop (prange) is cut over threads; a start takes microseconds.

    Every turn of the loop must write its own results, so that nothing depends on the number of threads; it should call
    one kernel that does so, for numba has been seen to lose what the loop itself wrote to arrays in records.
    """
    return _kernel(function, parallel=True)


def inlined(function: Function) -> Function:
    """Compile into its callers: passing many arrays to a small kernel would cost more than what it does."""
    kernel: Function = njit(nogil=True, error_model="numpy", forceinline=True, _nrt=False)(function)
    return kernel


def _kernel(function: Function, **flags: bool) -> Function:
    kernel: Any = njit(cache=True, nogil=True, error_model="numpy", **flags)(function)
    compile_plainly = kernel._compiler.compile

    def compile_with_vectors(*signature: Any) -> Any:
        with _vectors():
            return compile_plainly(*signature)

    kernel._compiler.compile = compile_with_vectors
    # Numba renews what is on disk when the kernel's own file changes; kernels call each other across files.
    with suppress(AttributeError):
        kernel._cache._cache_file._source_stamp = _sources(Path(function.__code__.co_filename).parent)
    result: Function = kernel
    return result


@contextmanager
def _vectors() -> Iterator[None]:
    before = config.SLP_VECTORIZE
    config.SLP_VECTORIZE = 1
    try:
        yield
    finally:
        config.SLP_VECTORIZE = before


@lru_cache(maxsize=8)
def _sources(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of this file and of every file in a package with kernels."""
    files = [Path(__file__), *sorted(folder.glob("*.py"))]
    return tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in files)
