"""Policy gradients of a logistic solver and a logistic auditor, compiled: from sampled play, or in expectation.

Every task of a batch is a group of rollouts. The advantage is the reward less the group's mean, with normalisation
over the group's standard deviation (group-relative policy optimisation, Shao and others 2024), else made unbiased.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.arrays import Array
from sim.compiling import compiled, inlined

FLOOR = 1e-4
"""Added to a group's standard deviation, as in the reference implementation: a group of equals teaches nothing."""

Flags = NDArray[np.bool_]
Where = tuple[int, int, int]
"""Lane, stream of tasks, and batch within it."""


class Policies(NamedTuple):
    """Intercept and slope of the solver [0] and the auditor [1] of every lane, each array (L, 2, 2).

    Attributes:
        now: Changed in place.
        last: Their last gradients, changed in place.
        reference: Policies that are not to be left.
    """

    now: Array
    last: Array
    reference: Array


class Rewards(NamedTuple):
    """What is earned. The events of an attempt stand in an order of their own, the likeliest first.

    Attributes:
        abstained: By an abstention, (L, 2).
        pays: By what happens to an attempt, (L, 2, 2, 2, 12): lane, agent, right, audited, event.
        moments: Mean and mean square of that over events, (L, 2, 2, 2, 2): lane, agent, moment, right, audited.
        cumulative: Chances of the events, summed up, (2, 2, 12): right, audited, event.
    """

    abstained: Array
    pays: Array
    moments: Array
    cumulative: Array


class Batches(NamedTuple):
    """What is met: S streams of T batches of B tasks; step t meets batch t modulo T.

    Attributes:
        success: (S, T, B).
        solver_signal: Likewise.
        auditor_signal: Likewise.
        draws: Uniform numbers of G rollouts, (S, T, B, G, 4): attempt, right, audit, event; G = 0: expected gradients.
    """

    success: Array
    solver_signal: Array
    auditor_signal: Array
    draws: Array


class Rule(NamedTuple):
    """How policies move.

    Attributes:
        moves: Whether solver and auditor move, step by step, (steps, 2).
        rates: Step sizes of intercept and slope, (L, 2, 2).
        extrapolation: k of g + k (g - last g).
        normalised: Whether advantages are divided by their group's standard deviation.
        entropy: Price of certainty.
        attachment: Price of leaving the reference.
    """

    moves: Flags
    rates: Array
    extrapolation: float
    normalised: bool
    entropy: float
    attachment: float


@inlined
def _chance(policy: Array, seen: float) -> float:
    chance: float = 1.0 / (1.0 + np.exp(-policy[0] - policy[1] * seen))
    return chance


@inlined
def _drawn(cumulative: Array, draw: float) -> int:
    place = 0
    while place < cumulative.size - 1 and draw >= cumulative[place]:
        place += 1
    return place


@inlined
def _lean(sums: tuple[float, float, float, float], group: int, normalised: bool) -> float:
    """Mean over a group of advantage x (choice - its chance), from the group's sums.

    The chance drops out, since advantages sum to zero.

    Args:
        sums: Of rewards, of their squares, of rewards where it was chosen, of choices.
        group: Rollouts.
        normalised: See `Rule`.
    """
    total, squares, with_choice, chosen = sums
    mean = total / group
    lean = with_choice - mean * chosen
    spread = max(squares - total * mean, 0.0) / (group - 1)
    scale: float = group * (np.sqrt(spread) + FLOOR) if normalised else group - 1.0
    return lean / scale


@inlined
def _expected_lean(chance: float, gain: float, variance: float, normalised: bool) -> float:
    """What `_lean` tends to as the group grows."""
    scale: float = np.sqrt(max(variance, 0.0)) + FLOOR if normalised else 1.0
    return chance * (1 - chance) * gain / scale


@inlined
def _held(rule: Rule, policy: Array, reference: Array, seen: float) -> float:
    """Pull of entropy and of the reference on the logit."""
    chance = _chance(policy, seen)
    logit: float = policy[0] + policy[1] * seen
    apart: float = policy[0] - reference[0] + (policy[1] - reference[1]) * seen
    return chance * (1 - chance) * (rule.entropy * logit + rule.attachment * apart)


@compiled
def _solver_gradient(
    policies: Policies, rewards: Rewards, batches: Batches, rule: Rule, where: Where
) -> tuple[float, float]:
    lane, stream, t = where
    solver, auditor = policies.now[lane, 0], policies.now[lane, 1]
    abstained, pays, moments = rewards.abstained[lane, 0], rewards.pays[lane, 0], rewards.moments[lane, 0]
    success, draws = batches.success[stream, t], batches.draws[stream, t]
    group = draws.shape[1]
    constant, slope = 0.0, 0.0
    for b in range(success.size):
        seen = batches.solver_signal[stream, t, b]
        attempt, audit = _chance(solver, seen), _chance(auditor, batches.auditor_signal[stream, t, b])
        if group:
            total, squares, with_choice, chosen = 0.0, 0.0, 0.0, 0.0
            for g in range(group):
                reward = abstained
                if draws[b, g, 0] < attempt:
                    right, audited = int(draws[b, g, 1] < success[b]), int(draws[b, g, 2] < audit)
                    reward = pays[right, audited, _drawn(rewards.cumulative[right, audited], draws[b, g, 3])]
                    with_choice += reward
                    chosen += 1.0
                total += reward
                squares += reward * reward
            lean = _lean((total, squares, with_choice, chosen), group, rule.normalised)
        else:
            mean, square = 0.0, 0.0
            for right in range(2):
                for audited in range(2):
                    weight = (success[b] if right else 1 - success[b]) * (audit if audited else 1 - audit)
                    mean += weight * moments[0, right, audited]
                    square += weight * moments[1, right, audited]
            average = attempt * mean + (1 - attempt) * abstained
            variance = attempt * square + (1 - attempt) * abstained * abstained - average * average
            lean = _expected_lean(attempt, mean - abstained, variance, rule.normalised)
        lean -= _held(rule, solver, policies.reference[lane, 0], seen)
        constant += lean
        slope += lean * seen
    return constant / success.size, slope / success.size


@compiled
def _auditor_gradient(
    policies: Policies, rewards: Rewards, batches: Batches, rule: Rule, where: Where
) -> tuple[float, float]:
    """The group of an auditor shares one output: that of the first rollout, if it attempts."""
    lane, stream, t = where
    solver, auditor = policies.now[lane, 0], policies.now[lane, 1]
    pays, moments = rewards.pays[lane, 1], rewards.moments[lane, 1]
    success, draws = batches.success[stream, t], batches.draws[stream, t]
    group = draws.shape[1]
    constant, slope = 0.0, 0.0
    for b in range(success.size):
        seen = batches.auditor_signal[stream, t, b]
        attempt, audit = _chance(solver, batches.solver_signal[stream, t, b]), _chance(auditor, seen)
        lean = 0.0
        if group:
            if draws[b, 0, 0] >= attempt:
                continue
            attempt = 1.0
            right = int(draws[b, 0, 1] < success[b])
            total, squares, with_choice, chosen = 0.0, 0.0, 0.0, 0.0
            for g in range(group):
                audited = int(draws[b, g, 2] < audit)
                reward = pays[right, audited, _drawn(rewards.cumulative[right, audited], draws[b, g, 3])]
                total += reward
                squares += reward * reward
                with_choice += reward * audited
                chosen += audited
            lean = _lean((total, squares, with_choice, chosen), group, rule.normalised)
        else:
            for right in range(2):
                average = audit * moments[0, right, 1] + (1 - audit) * moments[0, right, 0]
                square = audit * moments[1, right, 1] + (1 - audit) * moments[1, right, 0]
                gain, variance = moments[0, right, 1] - moments[0, right, 0], square - average * average
                weight = success[b] if right else 1 - success[b]
                lean += weight * _expected_lean(audit, gain, variance, rule.normalised)
        lean = attempt * (lean - _held(rule, auditor, policies.reference[lane, 1], seen))
        constant += lean
        slope += lean * seen
    return constant / success.size, slope / success.size


@compiled
def train_lanes(policies: Policies, rewards: Rewards, batches: Batches, rule: Rule, streams: NDArray[np.int64]) -> None:
    """Move the policies of every lane in place, step by step; `streams` says whose tasks a lane meets, (L,)."""
    for lane in range(streams.size):
        for step in range(rule.moves.shape[0]):
            where = (lane, streams[lane], step % batches.success.shape[1])
            gradients = np.zeros((2, 2))
            if rule.moves[step, 0]:
                gradients[0] = _solver_gradient(policies, rewards, batches, rule, where)
            if rule.moves[step, 1]:
                gradients[1] = _auditor_gradient(policies, rewards, batches, rule, where)
            for agent in range(2):
                if rule.moves[step, agent]:
                    for k in range(2):
                        gradient = gradients[agent, k]
                        ahead = gradient + rule.extrapolation * (gradient - policies.last[lane, agent, k])
                        policies.now[lane, agent, k] += rule.rates[lane, agent, k] * ahead
                        policies.last[lane, agent, k] = gradient
