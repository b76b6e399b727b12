"""How long passes over a population are cut over threads: always into the same pieces.

Kernels that take microseconds share their work inside: `sim.compiling.parallel`.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

import numba

Result = TypeVar("Result")


def in_chunks(work: Callable[[tuple[int, int]], Result], total: int, chunk: int) -> list[Result]:
    """Call work((first, last)) for each run of `chunk` among range(total), in as many threads as numba may use.

    The pieces and the order of the answers are the same whatever the number of threads (numba.set_num_threads), so no
    sum depends on it. The work is compiled and releases the interpreter's lock.
    """
    if total <= chunk:
        return [work((0, total))]
    spans = [(first, min(first + chunk, total)) for first in range(0, total, chunk)]
    threads = min(numba.get_num_threads(), len(spans))
    if threads <= 1:
        return [work(span) for span in spans]
    return list(_pool(threads).map(work, spans))


@lru_cache(maxsize=8)
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="kernels")
