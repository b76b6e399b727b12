"""Mixtures written where the caller wants them."""

import numpy as np
import pytest

from sim.errors import InputError
from sim.maps import exclusion_map

GRID = {"attractiveness": np.logspace(-1, 1, 7), "inconsistency": np.logspace(-1, 1, 5), "diversity": 1.0}


def drawn(**options):
    return exclusion_map(
        attractiveness=[0.5, 0.3, 0.2],
        inconsistency=np.diag([0.3, 0.3, 0.6]),
        similarity=np.eye(3),
        grid=GRID,
        **options,
    )


def test_the_same_bits_in_the_callers_array():
    room = np.full((7, 5, 3), -1.0)
    there = drawn(out=room)
    assert np.array_equal(room, drawn().mixtures)
    assert np.shares_memory(there.mixtures, room)
    assert not there.mixtures.flags.writeable
    assert room.flags.writeable


@pytest.mark.parametrize(
    "options",
    [
        {"out": np.empty((7, 5, 2))},
        {"out": np.empty((7, 5, 3), np.float32)},
        {"out": np.empty((3, 5, 7)).T},
        {"out": np.empty((7, 5, 3)), "keep": "areas"},
    ],
    ids=["shape", "type", "order", "nothing to write"],
)
def test_what_cannot_be_written_to_is_refused(options):
    with pytest.raises(InputError, match="out"):
        drawn(**options)
