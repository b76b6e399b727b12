"""How the kernels of the maps are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile on first use, keep the result on disk, release the interpreter lock, divide as numpy does."""
    kernel: Function = njit(cache=True, nogil=True, error_model="numpy")(function)
    return kernel


def counting_nothing(function: Function) -> Function:
    """As `compiled`, without reference counts: for kernels that allocate nothing, where counting costs the most."""
    kernel: Function = njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(function)
    return kernel


def inlined(function: Function) -> Function:
    """Compile into its callers: passing many arrays to a small kernel would cost more than what it does."""
    kernel: Function = njit(nogil=True, error_model="numpy", forceinline=True)(function)
    return kernel
