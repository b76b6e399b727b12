"""How kernels are compiled: vectors from straight-line code, threads that don't wait for each other."""

from __future__ import annotations

import platform
import sys

import numba
import numpy as np
import pytest
from numba import prange
from numba.core import config

from sim.compiling import compiled, parallel


def four_at_once(values, factors):
    for row in range(values.shape[0]):
        a, b = values[row, 0] * factors[row, 0], values[row, 1] * factors[row, 1]
        c, d = values[row, 2] * factors[row, 2], values[row, 3] * factors[row, 3]
        values[row, 0], values[row, 1], values[row, 2], values[row, 3] = a, b, c, d


def doubled(values):
    for row in prange(values.shape[0]):
        values[row] = 2 * values[row]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="names of x86 instructions")
def test_numbers_written_side_by_side_are_multiplied_by_one_instruction():
    kernel = compiled(four_at_once)
    values, factors = np.ones((8, 4)), np.full((8, 4), 3.0)
    kernel._cache.disable()
    kernel(values, factors)
    assert (values == 3.0).all()
    assert "mulpd" in kernel.inspect_asm(kernel.signatures[0])


def test_vectors_are_asked_for_our_kernels_alone():
    before = config.SLP_VECTORIZE
    compiled(four_at_once)(np.ones((1, 4)), np.ones((1, 4)))
    assert before == config.SLP_VECTORIZE


@pytest.mark.skipif(sys.platform != "linux" or platform.machine() != "x86_64", reason="no package of oneTBB here")
def test_threads_are_those_of_onetbb():
    values = np.arange(100.0)
    parallel(doubled)(values)
    assert (values == 2 * np.arange(100.0)).all()
    assert numba.threading_layer() == "tbb"
