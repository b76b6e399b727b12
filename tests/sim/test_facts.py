"""Facts about the dynamics that no single module owns; docs/theory.md lists where the others are tested."""

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.dynamics import SimultaneousBestResponse, simulate
from sim.equilibrium import crowding_modes
from sim.errors import InputError


def overshooting_game(seed, *, skew):
    """A game whose simultaneous best responses overshoot three times over, with S symmetric but for a share `skew`."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(3, 6))
    factors = rng.normal(size=(3, size, size)) / np.sqrt(size)
    symmetric = factors[1] @ factors[1].T + 0.1 * np.eye(size)
    game = AlignmentGame(
        attractiveness=0.1 * rng.normal(size=size),
        inconsistency=factors[0] @ factors[0].T + 0.3 * np.eye(size),
        similarity=(1 - skew) * symmetric + skew * (factors[2] - factors[2].T),
        incentives=Incentives(1.0, 1.0, 1.0),
        accounts=4,
        directed=skew > 0,
    )
    largest = np.abs(crowding_modes(game)).max()
    return game.with_incentives(diversity=3.0 / largest)


def late_distance(game, lag, seed):
    start = np.random.default_rng(seed).dirichlet(np.ones(game.dimension), game.accounts)
    path = simulate(game, SimultaneousBestResponse(), start, 250, np.random.default_rng(0))
    return float(np.abs(path[-100:] - path[-100 - lag : -lag]).max())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_simultaneous_best_response_ends_in_period_one_or_two_where_similarity_is_symmetric(seed):
    game = overshooting_game(seed, skew=0.0)
    assert late_distance(game, 1, seed) > 0.01
    assert late_distance(game, 2, seed) <= 1e-9


@pytest.mark.slow
def test_it_need_not_where_similarity_is_asymmetric():
    longer = [late_distance(overshooting_game(seed, skew=0.8), 2, seed) > 0.01 for seed in range(12)]
    print(f"{sum(longer)} of 12 games with asymmetric similarity end in an orbit longer than 2")
    assert sum(longer) >= 6


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("rotating", [False, True], ids=["gradient field", "rotation"])
def test_a_potential_exists_exactly_where_similarity_is_symmetric_on_the_tangent_space(seed, rotating):
    rng = np.random.default_rng(seed)
    base, tilt = rng.normal(size=(4, 4)), rng.normal(size=4)
    similarity = base + base.T + np.subtract.outer(tilt, tilt)
    if rotating:
        similarity[0, 1] += 0.5
        similarity[1, 0] -= 0.5
    game = AlignmentGame(
        attractiveness=rng.normal(size=4),
        inconsistency=np.eye(4),
        similarity=similarity,
        incentives=Incentives(1.0, 1.0, 0.7),
        accounts=3,
        directed=True,
    )
    before = rng.dirichlet(np.ones(4), 3)
    # Round a square of unilateral moves the changes in the movers' utilities cancel iff there is a potential.
    first, second = rng.dirichlet(np.ones(4), 2)
    corners = [before.copy() for _ in range(4)]
    corners[1][0] = corners[2][0] = first
    corners[2][1] = corners[3][1] = second
    movers = [0, 1, 0, 1]
    around = sum(
        game.payoffs(corners[(k + 1) % 4])[mover] - game.payoffs(corners[k])[mover] for k, mover in enumerate(movers)
    )
    assert (abs(around) > 1e-6) == rotating
    if rotating:
        with pytest.raises(InputError, match="no potential"):
            game.potential(before)
        return
    rise = game.potential(corners[1]) - game.potential(corners[0])
    assert rise == pytest.approx(game.payoffs(corners[1])[0] - game.payoffs(corners[0])[0], abs=1e-12)
