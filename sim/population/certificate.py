"""How far a profile is from equilibrium: exact gains, and bounds on them that solve nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array
from sim.compiling import counting_nothing
from sim.population.checks import checked_floor, checked_profile, exact_response
from sim.population.chunks import CHUNK
from sim.population.gradient_step import gradient
from sim.population.kernels import groups
from sim.population.layout import NOT_GATHERED, PULL, Board, Laws, Rule, Terms, scratch
from sim.population.problem import Population
from sim.population.responses import gains
from sim.simplex import restricted_to_tangent
from sim.threads import in_chunks


@dataclass(frozen=True)
class GainBounds:
    """What any account can gain at most lies between the two; both zero exactly at an equilibrium of strict accounts.

    Attributes:
        lower: Gain that one account certainly has, by moving straight to its best vertex as far as pays.
        upper: Gain that no account exceeds.
    """

    lower: float
    upper: float


def unilateral_gains(population: Population, mixtures: ArrayLike, *, floor: float = 0.0) -> Array:
    """Exact gain of each account from its best response, shape (M,), in units of utility, >= 0.

    Args:
        population: Who plays.
        mixtures: Profile, shape (M, D).
        floor: Least weight a deviation may use, 0 <= floor <= 1/D.

    Raises:
        InputError: Bad profile or floor.
    """
    least = checked_floor(population, floor)
    profile, total = checked_profile(population, mixtures)
    return gains_at(population, profile, total, least)


def exploitability(population: Population, mixtures: ArrayLike, *, floor: float = 0.0) -> float:
    """Largest exact gain over accounts, >= 0: zero exactly at the equilibria. Arguments as for `unilateral_gains`."""
    return float(unilateral_gains(population, mixtures, floor=floor).max())


def gains_at(population: Population, profile: Array, total: Array, floor: float) -> Array:
    """Exact gains at a profile that has been checked, shape (M,)."""
    terms, laws, result = population.terms, population.laws, np.empty((population.accounts, 1))
    unused = np.zeros(0, dtype=np.int64)

    def part(span: tuple[int, int]) -> int:
        board = Board(profile, total, unused, result, scratch(terms.crowd.shape[1]), NOT_GATHERED)
        return gains(span, terms, laws, board, Rule(floor, 1.0))

    if sum(in_chunks(part, population.accounts, CHUNK)):
        for account in np.flatnonzero(np.isnan(result)):
            result[account] = _exact_gain(population, int(account), profile, total, floor=floor)
    return result[:, 0]


def _exact_gain(population: Population, account: int, profile: Array, total: Array, *, floor: float) -> float:
    terms = population.terms
    move = exact_response(population, account, profile, total, floor=floor) - profile[account]
    board = Board(
        profile, total, np.zeros(0, dtype=np.int64), np.zeros((1, 1)), scratch(terms.crowd.shape[1]), NOT_GATHERED
    )
    kind = slope(account, terms, population.laws, board)
    cost = move @ (population.curvatures[kind] @ move) / 2
    return max(float(board.work[PULL, : move.size] @ (move - move.mean()) - cost), 0.0)


def bound_gains(population: Population, mixtures: ArrayLike, *, floor: float = 0.0) -> GainBounds:
    """Bounds on the largest gain, from one gradient per account: a pass at the speed of memory.

    With g the gradient at w, mu the least curvature and v the best vertex of {v >= floor}: no gain exceeds
    g'(v - w), nor |p|^2 / (2 mu), where p is g less its mean under w, cut at zero from below for weights at the
    floor (strong concavity). Moving towards v as far as pays gains t G - t^2 K / 2 at the best t in [0, 1], with
    G = g'(v - w) and K = (v - w)'H(v - w).

    Args:
        population: Who plays.
        mixtures: Profile, shape (M, D); weights below the floor count as being at it.
        floor: Least weight a deviation may use, 0 <= floor <= 1/D.

    Raises:
        InputError: Bad profile or floor.
    """
    least = checked_floor(population, floor)
    profile, total = checked_profile(population, mixtures)
    terms, laws = population.terms, population.laws
    moduli = np.array(
        [max(float(np.linalg.eigvalsh(restricted_to_tangent(h))[0]), 0.0) for h in population.curvatures]
    )[:, None]

    unused = np.zeros(0, dtype=np.int64)

    def part(span: tuple[int, int]) -> tuple[float, float]:
        board = Board(profile, total, unused, moduli, scratch(terms.crowd.shape[1]), NOT_GATHERED)
        return bounds(span, terms, laws, board, Rule(least, 1.0))

    pieces = in_chunks(part, population.accounts, CHUNK)
    return GainBounds(lower=max(low for low, _ in pieces), upper=max(high for _, high in pieces))


def first_order_gap(population: Population, profile: Array, total: Array, floor: float) -> float:
    """Largest g'(v - w) at a profile that has been checked: no gain exceeds it, and it is 0 at an equilibrium."""
    terms, laws = population.terms, population.laws
    unused = np.zeros(0, dtype=np.int64)

    def part(span: tuple[int, int]) -> float:
        board = Board(profile, total, unused, profile, scratch(terms.crowd.shape[1]), NOT_GATHERED)
        return gaps(span, terms, laws, board, floor)

    return max(in_chunks(part, population.accounts, CHUNK))


@counting_nothing
def gaps(span: tuple[int, int], terms: Terms, laws: Laws, board: Board, floor: float) -> float:
    """Largest first-order gain g'(v - w), v the best vertex above the floor, among accounts first..last-1."""
    mixtures, work = board.mixtures, board.work
    dimension = groups(laws)
    highest = 0.0
    for account in range(span[0], span[1]):
        gradient(account, terms, laws, board)
        best = -np.inf
        for d in range(dimension):
            best = max(best, work[PULL, d])
        gap = 0.0
        for d in range(dimension):
            gap += (best - work[PULL, d]) * (mixtures[account, d] - floor)
        highest = max(highest, gap)
    return highest


@counting_nothing
def slope(account: int, terms: Terms, laws: Laws, board: Board) -> int:
    """Fill work[PULL] with the gradient of one account, and return its kind."""
    return gradient(account, terms, laws, board)


@counting_nothing
def bounds(span: tuple[int, int], terms: Terms, laws: Laws, board: Board, rule: Rule) -> tuple[float, float]:
    """Largest lower and largest upper bound on a gain among the accounts; board.out holds mu by kind."""
    mixtures, moduli, work, floor = board.mixtures, board.out, board.work, rule.floor
    dimension = groups(laws)
    mass = 1.0 - dimension * floor
    lowest, highest = 0.0, 0.0
    for account in range(span[0], span[1]):
        kind = gradient(account, terms, laws, board)
        level, best, floored = 0.0, 0, 0.0
        for d in range(dimension):
            level += mixtures[account, d] * work[PULL, d]
            floored += floor * work[PULL, d]
            if work[PULL, d] > work[PULL, best]:
                best = d
        gap = max(floored + mass * work[PULL, best] - level, 0.0)
        spread = 0.0
        for d in range(dimension):
            above = work[PULL, d] - level
            if above > 0.0 or mixtures[account, d] > floor:
                spread += above * above
        bent = 0.0
        for d in range(dimension):
            for j in range(dimension):
                move = floor + (mass if d == best else 0.0) - mixtures[account, d]
                other = floor + (mass if j == best else 0.0) - mixtures[account, j]
                bent += laws.matrices[kind, d, j] * move * other
        share = 1.0 if bent <= gap else gap / bent
        upper = gap if moduli[kind, 0] <= 0.0 else min(gap, spread / (2.0 * moduli[kind, 0]))
        lowest = max(lowest, share * gap - 0.5 * share * share * bent)
        highest = max(highest, upper)
    return lowest, highest
