"""Policy gradients of a logistic solver and a logistic auditor, compiled: from sampled play, or in expectation.

Every task of a batch is a group of rollouts. The advantage is the reward less the group's mean, with normalisation
over the group's standard deviation (group-relative policy optimisation, Shao and others 2024), else made unbiased.
"""

from __future__ import annotations

import numpy as np

from sim.arrays import Array
from sim.compiling import compiled, inlined

FLOOR = 1e-4
"""Added to a group's standard deviation, as in the reference implementation: a group of equals teaches nothing."""


@inlined
def _chance(logit: float) -> float:
    return 1.0 / (1.0 + np.exp(-logit))


@inlined
def _event(cumulative: Array, right: int, audited: int, draw: float) -> int:
    event = 0
    while event < cumulative.shape[2] - 1 and draw >= cumulative[right, audited, event]:
        event += 1
    return event


@inlined
def _lean(total: float, squares: float, with_choice: float, chosen: float, group: int, normalised: bool) -> float:
    """Mean over a group of advantage x (choice - its probability), from the group's sums."""
    mean = total / group
    lean = with_choice - mean * chosen
    if normalised:
        spread = max(squares - total * mean, 0.0) / (group - 1)
        return lean / (group * (np.sqrt(spread) + FLOOR))
    return lean / (group - 1)


@inlined
def _expected_lean(chance: float, gain: float, variance: float, normalised: bool) -> float:
    """What `_lean` tends to as the group grows."""
    lean = chance * (1 - chance) * gain
    return lean / (np.sqrt(max(variance, 0.0)) + FLOOR) if normalised else lean


@compiled
def _solver_gradient(
    solver: Array,
    auditor: Array,
    reference: Array,
    pay: Array,
    moments: Array,
    cumulative: Array,
    points: tuple[Array, Array, Array],
    draws: Array,
    normalised: bool,
    prices: tuple[float, float],
) -> tuple[float, float]:
    success, seen, other = points
    group = draws.shape[1]
    constant, slope = 0.0, 0.0
    for b in range(success.size):
        logit = solver[0] + solver[1] * seen[b]
        attempt, audit = _chance(logit), _chance(auditor[0] + auditor[1] * other[b])
        if group:
            total, squares, with_choice, chosen = 0.0, 0.0, 0.0, 0.0
            for g in range(group):
                reward = pay[0]
                if draws[b, g, 0] < attempt:
                    right, audited = int(draws[b, g, 1] < success[b]), int(draws[b, g, 2] < audit)
                    reward = pay[_event(cumulative, right, audited, draws[b, g, 3])]
                    with_choice += reward
                    chosen += 1.0
                total += reward
                squares += reward * reward
            lean = _lean(total, squares, with_choice, chosen, group, normalised)
        else:
            mean, square = 0.0, 0.0
            for right in range(2):
                for audited in range(2):
                    weight = (success[b] if right else 1 - success[b]) * (audit if audited else 1 - audit)
                    mean += weight * moments[0, right, audited]
                    square += weight * moments[1, right, audited]
            gain, average = mean - pay[0], attempt * mean + (1 - attempt) * pay[0]
            variance = attempt * square + (1 - attempt) * pay[0] * pay[0] - average * average
            lean = _expected_lean(attempt, gain, variance, normalised)
        apart = logit - reference[0] - reference[1] * seen[b]
        lean -= attempt * (1 - attempt) * (prices[0] * logit + prices[1] * apart)
        constant += lean
        slope += lean * seen[b]
    return constant / success.size, slope / success.size


@compiled
def _auditor_gradient(
    solver: Array,
    auditor: Array,
    reference: Array,
    pay: Array,
    moments: Array,
    cumulative: Array,
    points: tuple[Array, Array, Array],
    draws: Array,
    normalised: bool,
    prices: tuple[float, float],
) -> tuple[float, float]:
    """The auditor's group shares one output: it exists if the first rollout attempts, and is right or wrong for all."""
    success, other, seen = points
    group = draws.shape[1]
    constant, slope = 0.0, 0.0
    for b in range(success.size):
        logit = auditor[0] + auditor[1] * seen[b]
        attempt, audit = _chance(solver[0] + solver[1] * other[b]), _chance(logit)
        lean = 0.0
        if group:
            if draws[b, 0, 0] >= attempt:
                continue
            attempt = 1.0
            right = int(draws[b, 0, 1] < success[b])
            total, squares, with_choice, chosen = 0.0, 0.0, 0.0, 0.0
            for g in range(group):
                audited = int(draws[b, g, 2] < audit)
                reward = pay[_event(cumulative, right, audited, draws[b, g, 3])]
                total += reward
                squares += reward * reward
                with_choice += reward * audited
                chosen += audited
            lean = _lean(total, squares, with_choice, chosen, group, normalised)
        else:
            for right in range(2):
                passed, looked = moments[0, right, 0], moments[0, right, 1]
                average = audit * looked + (1 - audit) * passed
                square = audit * moments[1, right, 1] + (1 - audit) * moments[1, right, 0]
                weight = success[b] if right else 1 - success[b]
                lean += weight * _expected_lean(audit, looked - passed, square - average * average, normalised)
        apart = logit - reference[0] - reference[1] * seen[b]
        lean -= audit * (1 - audit) * (prices[0] * logit + prices[1] * apart)
        constant += attempt * lean
        slope += attempt * lean * seen[b]
    return constant / success.size, slope / success.size


@compiled
def train_lanes(
    policies: Array,
    last: Array,
    references: Array,
    pays: Array,
    moments: Array,
    cumulative: Array,
    streams: Array,
    success: Array,
    solver_signal: Array,
    auditor_signal: Array,
    draws: Array,
    moves: Array,
    rates: Array,
    extrapolation: float,
    normalised: bool,
    prices: tuple[float, float],
) -> None:
    """Move the policies, (L, 2, 2), and the last gradients, likewise, in place, step by step.

    Args:
        policies: Intercept and slope of solver and auditor, by lane.
        last: Their last gradients.
        references: Policies that are not to be left, likewise.
        pays: What solver and auditor earn by event, (L, 2, 12).
        moments: Mean and mean square of that by right and audited, (L, 2, 2, 2, 2): lane, agent, moment, right, audited.
        cumulative: Events given right and audited, cumulative, (2, 2, 12).
        streams: Which of the S streams of tasks a lane meets, (L,).
        success: (S, T, B); step t meets the tasks t modulo T. Signals likewise.
        solver_signal: See above.
        auditor_signal: See above.
        draws: Uniform numbers of the group's rollouts, (S, T, B, G, 4); G = 0 for expected gradients.
        moves: Who moves at each step, (steps, 2).
        rates: Step sizes of intercept and slope of each, (L, 2, 2); 0 where nothing is learned.
        extrapolation: k of g + k (g - last g): 1 is optimistic, 0 plain.
        normalised: Whether advantages are divided by their group's standard deviation.
        prices: Of entropy and of leaving the reference, per unit of reward.
    """
    for lane in range(policies.shape[0]):
        stream = streams[lane]
        for step in range(moves.shape[0]):
            t = step % success.shape[1]
            rates_now, seen, other = success[stream, t], solver_signal[stream, t], auditor_signal[stream, t]
            gradients = np.zeros((2, 2))
            if moves[step, 0]:
                gradients[0] = _solver_gradient(
                    policies[lane, 0], policies[lane, 1], references[lane, 0], pays[lane, 0], moments[lane, 0],
                    cumulative, (rates_now, seen, other), draws[stream, t], normalised, prices,
                )  # fmt: skip
            if moves[step, 1]:
                gradients[1] = _auditor_gradient(
                    policies[lane, 0], policies[lane, 1], references[lane, 1], pays[lane, 1], moments[lane, 1],
                    cumulative, (rates_now, seen, other), draws[stream, t], normalised, prices,
                )  # fmt: skip
            for agent in range(2):
                if moves[step, agent]:
                    for k in range(2):
                        gradient = gradients[agent, k]
                        ahead = gradient + extrapolation * (gradient - last[lane, agent, k])
                        policies[lane, agent, k] += rates[lane, agent, k] * ahead
                        last[lane, agent, k] = gradient
