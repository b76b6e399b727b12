"""Best-response steps of a whole population: all at once, in turn, or in random order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.arrays import Array, whole_number
from sim.population.checks import (
    checked_damping,
    checked_floor,
    checked_out,
    checked_profile,
    checked_supports,
    exact_response,
)
from sim.population.chunks import CHUNK
from sim.population.layout import NOT_GATHERED, Board, Rule, Supports, scratch
from sim.population.problem import Population
from sim.population.responses import respond, respond_in_turn
from sim.threads import in_chunks


@dataclass(frozen=True, eq=False)
class Move:
    """Where a step took the population.

    Attributes:
        mixtures: Mixture of each account, shape (M, D).
        supports: Groups with weight in each account's last best response, as the bits of an integer, shape (M,); 0
            for accounts that have none yet or are too flat for the kernels. Give it to the next step, which then
            starts there.
    """

    mixtures: Array
    supports: Supports


def simultaneous_step(
    population: Population,
    mixtures: ArrayLike,
    *,
    floor: float = 0.0,
    damping: float = 1.0,
    supports: Supports | None = None,
    out: Array | None = None,
) -> Move:
    """Every account moves at once: w_m <- w_m + damping (BR_m(w) - w_m).

    Exact; parallel over accounts, with the same bits for any number of threads. Accounts whose curvature is singular or
    nearly so on the tangent space (least below 1e-5 of the largest), such as those with bI = 0, are given one by one
    to sim.quadratic.maximise_on_simplex, near their present mixture: the indifferent stay. Each of those costs some
    hundred times more.

    Args:
        population: Who plays.
        mixtures: Profile, shape (M, D); not changed.
        floor: Least weight, 0 <= floor <= 1/D.
        damping: Share of the way moved, in (0, 1].
        supports: Supports of an earlier step; they save time and change nothing else.
        out: Array to write the new mixtures to, shape (M, D).

    Raises:
        InputError: An argument has the wrong shape, or is out of range.
    """
    least, share = checked_floor(population, floor), checked_damping(damping)
    profile, total = checked_profile(population, mixtures)
    target = checked_out(population, out, profile)
    remembered = checked_supports(population, supports)
    terms, laws, width = population.terms, population.laws, population.terms.crowd.shape[1]

    def part(span: tuple[int, int]) -> int:
        # Sums over neighbours wait where the new mixtures will stand.
        others = target if population.sparse else NOT_GATHERED
        board = Board(profile, total, remembered, target, scratch(width), others)
        return respond(span, terms, laws, board, Rule(least, share))

    if sum(in_chunks(part, population.accounts, CHUNK)):
        for account in np.flatnonzero(remembered == 0):
            best = exact_response(population, int(account), profile, total, floor=least)
            target[account] = best if share == 1 else profile[account] + share * (best - profile[account])
    return Move(target, remembered)


def sequential_sweep(
    population: Population,
    mixtures: ArrayLike,
    *,
    floor: float = 0.0,
    damping: float = 1.0,
    supports: Supports | None = None,
    out: Array | None = None,
) -> Move:
    """Every account moves once, in order of index, each seeing what those before it have done.

    Arguments and errors as for `simultaneous_step`. One thread: the order is the rule.
    """
    return _in_turn(population, mixtures, np.zeros(0, np.int64), floor, (damping, supports, out))


def asynchronous_steps(
    population: Population,
    mixtures: ArrayLike,
    rng: np.random.Generator,
    *,
    updates: int | None = None,
    floor: float = 0.0,
    damping: float = 1.0,
    supports: Supports | None = None,
    out: Array | None = None,
) -> Move:
    """Accounts drawn uniformly, with replacement, move one after the other.

    Args:
        population: Who plays.
        mixtures: Profile, shape (M, D); not changed.
        rng: Where the order comes from.
        updates: Number of moves; M if not given.
        floor: Least weight.
        damping: Share of the way moved, in (0, 1].
        supports: Supports of an earlier step.
        out: Array to write the new mixtures to.

    Raises:
        InputError: An argument has the wrong shape, or is out of range.
    """
    count = population.accounts if updates is None else whole_number("updates", updates, minimum=0)
    order = rng.integers(population.accounts, size=count)
    if count == 0:
        profile, _ = checked_profile(population, mixtures)
        target = checked_out(population, out, profile)
        target[:] = profile
        return Move(target, checked_supports(population, supports))
    return _in_turn(population, mixtures, order, floor, (damping, supports, out))


def _in_turn(
    population: Population,
    mixtures: ArrayLike,
    order: NDArray[np.int64],
    floor: float,
    rest: tuple[float, Supports | None, Array | None],
) -> Move:
    damping, supports, out = rest
    least, share = checked_floor(population, floor), checked_damping(damping)
    profile, total = checked_profile(population, mixtures)
    target = checked_out(population, out, profile)
    target[:] = profile
    remembered = checked_supports(population, supports)
    sweep_in_place(population, target, total, remembered, order=order, floor=least, damping=share)
    return Move(target, remembered)


def sweep_in_place(
    population: Population,
    mixtures: Array,
    total: Array,
    supports: Supports,
    *,
    order: NDArray[np.int64],
    floor: float,
    damping: float,
) -> float:
    """Best responses in turn, written over `mixtures`, `total` and `supports`; returns the largest change."""
    drift = np.zeros((1, population.dimension))
    board = Board(mixtures, total, supports, drift, scratch(population.terms.crowd.shape[1]), NOT_GATHERED)
    moves = order.size or population.accounts
    place, largest = 0, 0.0
    while True:
        span = (place, order)
        place, change = respond_in_turn(span, population.terms, population.laws, board, Rule(floor, damping))
        largest = max(largest, change)
        if place >= moves:
            return largest
        account = int(order[place]) if order.size else place
        move = damping * (exact_response(population, account, mixtures, total, floor=floor) - mixtures[account])
        mixtures[account] += move
        total += move
        largest = max(largest, float(np.abs(move).max()))
        place += 1
