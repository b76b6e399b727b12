"""Compiled passes over accounts: best responses at once and in turn, gains, and the crowd all of them make."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.arrays import Array
from sim.compiling import counting_nothing
from sim.population.kernels import best_weights, gather, groups, pull, unknown_zero
from sim.population.layout import FIRST, LAW, PULL, Board, Laws, Rule, Terms


@counting_nothing
def respond(span: tuple[int, int], terms: Terms, laws: Laws, board: Board, rule: Rule) -> int:
    """Best responses of accounts first..last-1 to one profile; returns how many were left to sim.quadratic."""
    mixtures, supports, out, work = board.mixtures, board.supports, board.out, board.work
    dimension, damping = groups(laws), rule.rate
    mass = 1.0 - dimension * rule.floor
    left = 0
    if board.others.size > 0:
        gather(span, terms, laws, mixtures, board.others)
    for account in range(span[0], span[1]):
        kind = pull(account, terms, laws, board)
        support = best_weights(kind, int(np.int64(supports[account])), laws, mass, work)
        supports[account] = support
        if support == 0:
            left += 1
            continue
        for d in range(dimension):
            best = rule.floor + work[LAW, d]
            out[account, d] = best if damping == 1.0 else mixtures[account, d] + damping * (best - mixtures[account, d])
    return left


@counting_nothing
def respond_in_turn(
    span: tuple[int, NDArray[np.int64]], terms: Terms, laws: Laws, board: Board, rule: Rule
) -> tuple[int, float]:
    """Best responses one after the other, in place; stops before an account that needs sim.quadratic.

    `span` is the place to start from and the order of accounts, an empty one meaning 0, 1, ..., M-1. Returns the place
    reached and the largest change of a weight. board.total moves along, and board.out[0] carries what its rounding lost
    (Kahan 1965), so that it does not drift over millions of moves.
    """
    mixtures, total, supports, drift, work = board.mixtures, board.total, board.supports, board.out, board.work
    dimension, damping, order = groups(laws), rule.rate, span[1]
    mass = 1.0 - dimension * rule.floor
    largest = 0.0
    moves = order.size if order.size > 0 else mixtures.shape[0]
    for move in range(span[0], moves):
        account = order[move] if order.size > 0 else move
        kind = pull(account, terms, laws, board)
        support = best_weights(kind, int(np.int64(supports[account])), laws, mass, work)
        supports[account] = support
        if support == 0:
            return move, largest
        for d in range(dimension):
            change = damping * (rule.floor + work[LAW, d] - mixtures[account, d])
            mixtures[account, d] = rule.floor + work[LAW, d] if damping == 1.0 else mixtures[account, d] + change
            exact = change - drift[0, d]
            moved = total[d] + exact
            drift[0, d] = (moved - total[d]) - exact
            total[d] = moved
            largest = max(largest, abs(change))
    return moves, largest


@counting_nothing
def gains(span: tuple[int, int], terms: Terms, laws: Laws, board: Board, rule: Rule) -> int:
    """Exact gain of each account into out[:, 0]; NaN, and counted, where sim.quadratic must say."""
    mixtures, out, work = board.mixtures, board.out, board.work
    dimension = groups(laws)
    mass = 1.0 - dimension * rule.floor
    left = 0
    for account in range(span[0], span[1]):
        kind = pull(account, terms, laws, board)
        support = unknown_zero()
        for d in range(dimension):
            if mixtures[account, d] > rule.floor:
                support |= 1 << d
        support = best_weights(kind, support, laws, mass, work)
        if support == 0:
            out[account, 0] = np.nan
            left += 1
            continue
        for d in range(dimension):
            work[FIRST, d] = rule.floor + work[LAW, d] - mixtures[account, d]
        gain = 0.0
        for d in range(dimension):
            # g'v - v'Hv/2 with g the gradient at w and v the move, as v'(q - H(w + v/2)): no large terms cancel.
            slope = work[PULL, d]
            for j in range(dimension):
                slope -= laws.matrices[kind, d, j] * (mixtures[account, j] + 0.5 * work[FIRST, j])
            gain += slope * work[FIRST, d]
        out[account, 0] = max(gain, 0.0)
    return left


@counting_nothing
def add_up(span: tuple[int, int], mixtures: Array, total: Array, lowest: float) -> int:
    """Add rows first..last-1 to `total`; returns the first account whose row is no mixture, or -1."""
    for account in range(span[0], span[1]):
        weights = 0.0
        for d in range(mixtures.shape[1]):
            weight = mixtures[account, d]
            total[d] += weight
            weights += weight
            if not weight >= lowest:
                return account
        if not abs(weights - 1.0) <= 1e-8:
            return account
    return -1
