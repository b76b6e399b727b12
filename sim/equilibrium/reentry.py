"""What would bring a group back that the homogeneous equilibrium leaves out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.alignment_game import AlignmentGame
from sim.arrays import Array
from sim.equilibrium.crowding import require_identical
from sim.equilibrium.homogeneous import homogeneous_equilibrium
from sim.equilibrium.monotone import affine_path
from sim.equilibrium.stability import positive_definite_on_tangent
from sim.errors import InputError

_PRESENT = 1e-9
_STEPS = 49


@dataclass(frozen=True)
class Reentry:
    """The least change of one incentive, the others held, that gives a group a weight above zero.

    Attributes:
        group: Which group.
        attractiveness: Largest bA, below the present one, at which it is back; None if it is not even at bA = 0.
        diversity: Smallest bD, above the present one, at which it is back; None if no bD up to 10^6 times the size of
            the other terms does it, or for a single account.
    """

    group: int
    attractiveness: float | None
    diversity: float | None


def reentry(game: AlignmentGame) -> tuple[Reentry, ...]:
    """For each group of weight zero in the homogeneous equilibrium: the largest bA and the smallest bD with more.

    In bA the equilibrium is piecewise linear, boundary included, and its pieces are followed one by one: exact. In bD a
    geometric grid of steps by a third finds where the group first appears, and bisection the place, to 12 digits; an
    appearance shorter than a step can be missed.

    Raises:
        InputError: A (its symmetric part) is not positive definite on the tangent space.
    """
    require_identical(game)
    if not positive_definite_on_tangent(game.consensus_matrix):
        remedy = "several homogeneous equilibria are possible; every_homogeneous_equilibrium() lists them"
        raise InputError("similarity", "2 bI C + (M-1) b S not positive definite on the tangent space", remedy)
    mixture = homogeneous_equilibrium(game).mixture
    absent = np.flatnonzero(mixture <= 0)
    return tuple(Reentry(int(d), _attractiveness(game, mixture, int(d)), _diversity(game, int(d))) for d in absent)


def _attractiveness(game: AlignmentGame, mixture: Array, group: int) -> float | None:
    """Follow the equilibrium from the present bA down to zero until the group's slack is used up."""
    matrix = game.consensus_matrix - game.consensus_matrix.mean()
    scale = max(float(np.abs(matrix).max()), 1e-300)
    pull = game.incentives.attractiveness * (game.attractiveness - game.attractiveness.mean()) / scale
    inside, reached, swapped = mixture > 0, 0.0, -1
    for _ in range(100 + 20 * pull.size):
        fixed, moving = affine_path(matrix / scale, inside, pull, -pull)
        rate = np.where(np.arange(pull.size) == swapped, 0.0, moving)
        falling = rate < 0
        until = np.where(falling, -fixed / np.where(falling, rate, 1.0), np.inf)
        swapped = int(np.argmin(until))
        reached = max(reached, float(until[swapped]))
        if reached >= 1.0:
            return None
        if swapped == group:
            return game.incentives.attractiveness * (1.0 - reached)
        inside = inside.copy()
        inside[swapped] = not inside[swapped]
    return None


def _diversity(game: AlignmentGame, group: int) -> float | None:
    if game.accounts == 1:
        return None
    price = game.incentives
    others = float(np.ptp(game.attractiveness)) * price.attractiveness
    others += price.inconsistency * float(np.abs(game.inconsistency - game.inconsistency.mean()).max())
    size = max(float(np.abs(game.similarity - game.similarity.mean()).max()), 1e-300)
    largest = 1e6 * max(others / size, price.diversity)
    tried = max(price.diversity, 1e-4 * others / size)

    def back(diversity: float) -> bool:
        moved = game.with_incentives(diversity=diversity)
        # Raising bD can make the problem non-concave where S is indefinite: no equilibrium to speak of from there.
        if not positive_definite_on_tangent(moved.consensus_matrix):
            return False
        return bool(homogeneous_equilibrium(moved).mixture[group] > _PRESENT)

    low, high = price.diversity, tried
    while not back(high):
        if high >= largest:
            return None
        low, high = high, high * 4 / 3 if high > 0 else largest
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if back(middle) else (middle, high)
    return high
