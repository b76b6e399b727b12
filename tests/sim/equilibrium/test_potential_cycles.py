"""An exact potential exists iff the antisymmetric part of S vanishes on the tangent space."""

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.errors import InputError
from sim.simplex import sample_uniform


def round_trip(game, rng):
    """Sum of the movers' gains over a closed cycle of four unilateral moves: zero in every potential game."""
    first, second = sample_uniform(rng, game.dimension, (2, game.accounts))
    profile, total = first.copy(), 0.0
    for account, target in ((0, second), (1, second), (0, first), (1, first)):
        moved = profile.copy()
        moved[account] = target[account]
        total += game.payoffs(moved)[account] - game.payoffs(profile)[account]
        profile = moved
    return total


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("kind", ["symmetric", "pull", "skew"])
def test_cycles_of_moves(seed, kind):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(3, 6))
    crowd, turn, tilt = rng.normal(size=(size, size)), rng.normal(size=(size, size)), rng.normal(size=size)
    extra = {"symmetric": 0.0, "pull": tilt[:, None] - tilt[None, :], "skew": turn - turn.T}[kind]
    game = AlignmentGame(
        attractiveness=rng.normal(size=size),
        inconsistency=np.eye(size),
        similarity=crowd + crowd.T + extra,
        incentives=Incentives(1, 1, 1),
        accounts=3,
        directed=True,
    )
    trips = [abs(round_trip(game, rng)) for _ in range(8)]
    profile = sample_uniform(rng, size, 3)
    if kind == "skew":
        assert max(trips) > 1e-4
        with pytest.raises(InputError, match="no potential"):
            game.potential(profile)
    else:
        assert max(trips) <= 1e-12
        assert np.isfinite(game.potential(profile))
