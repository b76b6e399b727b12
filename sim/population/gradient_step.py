"""Gradient steps of a whole population: projected, and exponentiated."""

from __future__ import annotations

from math import exp, log

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, positive
from sim.compiling import counting_nothing, inlined
from sim.population.checks import checked_floor, checked_out, checked_profile
from sim.population.chunks import CHUNK
from sim.population.kernels import gather, groups, pull
from sim.population.layout import FIRST, NOT_GATHERED, PULL, SECOND, Board, Laws, Rule, Terms, scratch
from sim.population.problem import Population
from sim.threads import in_chunks


def projected_gradient_step(
    population: Population, mixtures: ArrayLike, step_size: float, *, floor: float = 0.0, out: Array | None = None
) -> Array:
    """Every account climbs its own utility: w_m <- projection of w_m + step_size grad_m, shape (M, D).

    Projection onto {w >= floor, sum w = 1} by sort and threshold, as in sim.simplex.project_to_simplex.

    Args:
        population: Who plays.
        mixtures: Profile, shape (M, D); not changed.
        step_size: In units of weight per unit of utility, > 0.
        floor: Least weight, 0 <= floor <= 1/D.
        out: Array to write to, shape (M, D).

    Raises:
        InputError: An argument has the wrong shape, or is out of range.
    """
    least = checked_floor(population, floor)
    return _step(population, mixtures, (positive("step_size", step_size), least, True), out)


def exponentiated_gradient_step(
    population: Population, mixtures: ArrayLike, step_size: float, *, out: Array | None = None
) -> Array:
    """Weights grow exponentially with their gradient: w_md <- w_md exp(step_size grad_md) / sum, shape (M, D).

    On the log scale, so that no step overflows. A weight of zero stays zero.

    Args:
        population: Who plays.
        mixtures: Profile, shape (M, D); not changed.
        step_size: Per unit of utility, > 0.
        out: Array to write to, shape (M, D).

    Raises:
        InputError: An argument has the wrong shape, or is out of range.
    """
    return _step(population, mixtures, (positive("step_size", step_size), 0.0, False), out)


def _step(population: Population, mixtures: ArrayLike, rule: tuple[float, float, bool], out: Array | None) -> Array:
    profile, total = checked_profile(population, mixtures)
    target = checked_out(population, out, profile)
    terms, laws, (rate, floor, projected) = population.terms, population.laws, rule

    unused = np.zeros(0, dtype=np.int64)

    def part(span: tuple[int, int]) -> None:
        board = Board(
            profile, total, unused, target, scratch(terms.crowd.shape[1]), target if population.sparse else NOT_GATHERED
        )
        kernel = climb_and_project if projected else climb_and_share
        kernel(span, terms, laws, board, Rule(floor, rate))

    in_chunks(part, population.accounts, CHUNK)
    return target


@inlined
def gradient(account: int, terms: Terms, laws: Laws, board: Board) -> int:
    """Fill work[PULL] with the gradient of one account's utility, up to a constant, and return its kind."""
    kind = pull(account, terms, laws, board)
    matrices, mixtures, work = laws.matrices, board.mixtures, board.work
    for d in range(groups(laws)):
        slope = work[PULL, d]
        for j in range(groups(laws)):
            slope -= matrices[kind, d, j] * mixtures[account, j]
        work[FIRST, d] = slope
    for d in range(groups(laws)):
        work[PULL, d] = work[FIRST, d]
    return kind


@counting_nothing
def climb_and_project(span: tuple[int, int], terms: Terms, laws: Laws, board: Board, rule: Rule) -> None:
    """Projected gradient step of accounts first..last-1."""
    mixtures, out, work = board.mixtures, board.out, board.work
    dimension, floor, rate = groups(laws), rule.floor, rule.rate
    if board.others.size > 0:
        gather(span, terms, laws, mixtures, board.others)
    for account in range(span[0], span[1]):
        gradient(account, terms, laws, board)
        highest = -np.inf
        for d in range(dimension):
            work[PULL, d] = mixtures[account, d] + rate * work[PULL, d]
            highest = max(highest, work[PULL, d])
        for d in range(dimension):
            # Insertion into work[SECOND], largest first, measured from the largest so that sums stay accurate.
            work[PULL, d] -= highest
            place = d
            while place > 0 and work[SECOND, place - 1] < work[PULL, d]:
                work[SECOND, place] = work[SECOND, place - 1]
                place -= 1
            work[SECOND, place] = work[PULL, d]
        threshold, running = 0.0, floor * dimension - 1.0
        for d in range(dimension):
            running += work[SECOND, d]
            if d == 0 or work[SECOND, d] * (d + 1) > running:
                threshold = running / (d + 1)
        for d in range(dimension):
            out[account, d] = floor + max(work[PULL, d] - threshold, 0.0)


@counting_nothing
def climb_and_share(span: tuple[int, int], terms: Terms, laws: Laws, board: Board, rule: Rule) -> None:
    """Exponentiated gradient step of accounts first..last-1; the floor is not used."""
    mixtures, out, work = board.mixtures, board.out, board.work
    dimension, rate = groups(laws), rule.rate
    if board.others.size > 0:
        gather(span, terms, laws, mixtures, board.others)
    for account in range(span[0], span[1]):
        gradient(account, terms, laws, board)
        highest = -np.inf
        for d in range(dimension):
            weight = mixtures[account, d]
            work[PULL, d] = rate * work[PULL, d] + log(weight) if weight > 0.0 else -np.inf
            highest = max(highest, work[PULL, d])
        weights = 0.0
        for d in range(dimension):
            work[PULL, d] = exp(work[PULL, d] - highest)
            weights += work[PULL, d]
        for d in range(dimension):
            out[account, d] = work[PULL, d] / weights
