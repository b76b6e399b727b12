"""Largest Lyapunov exponent of a learning rule in a game: do neighbouring runs part, and how fast?"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from sim.arrays import Array, read_only, whole_number
from sim.dynamics.exact_feedback import ExactFeedback
from sim.dynamics.protocol import Dynamics, State
from sim.game import Game
from sim.simplex import project_to_simplex, validated_profile

_SEPARATION = 1e-7
"""Distance of the neighbour: small enough to be linear to 7 digits, large enough to leave 9 above rounding."""
_LEAST_SEPARATION = 1e-12
_BATCHES = 8


@dataclass(frozen=True, eq=False)
class LyapunovExponent:
    """Mean growth per round of the logarithm of a small deviation.

    Attributes:
        exponent: Largest Lyapunov exponent per round. Negative: neighbours meet, exp(exponent) is the contraction rate.
            Positive on a bounded run: chaos. -inf: a deviation vanished altogether in one round.
        low: Lower end of its 95 % interval, from batches of rounds.
        high: Upper end.
        growth: Logarithm of the growth in each round, shape (rounds,).
        end: The state the run ended in.
    """

    exponent: float
    low: float
    high: float
    growth: Array
    end: State

    @property
    def chaotic(self) -> bool:
        """Whether neighbouring runs part exponentially: the whole interval is above zero."""
        return self.low > 0


def largest_lyapunov(
    game: Game,
    rule: Dynamics,
    start: ArrayLike | State,
    *,
    rounds: int,
    rng: np.random.Generator,
    transient: int = 0,
    played: int = 0,
) -> LyapunovExponent:
    """Largest Lyapunov exponent of a rule's map, by two neighbouring runs (Benettin and others 1980).

    A neighbour at distance 1e-7 (less beside small weights) takes the same step, with the same random draws; the growth
    of the distance is noted and the neighbour is brought back to that distance along the line to it. The distance
    counts the rule's memory: a memory that never forgets adds exponents of zero. The first direction is random, so the
    most expanding one wins after a few rounds, which belong in `transient`. On the boundary of the simplex the
    neighbour is reflected or projected back; deviations that cannot be kept inside are replaced by one towards the
    uniform mixture. Runs whose weights fall below 1e-9 and come back leave too few digits.

    Args:
        game: The game.
        rule: Any learning rule, with or without memory. With decaying steps the exponent tends to zero.
        start: First profile, shape (M, D), or a state to go on from.
        rounds: Rounds that are measured, >= 8.
        rng: Randomness of the first direction and of rules that use it.
        transient: Rounds played before measuring, >= 0; the neighbour goes along.
        played: Number of rounds already played, >= 0, for rules whose steps depend on it.

    Raises:
        InputError: Bad start or counts.
    """
    count, before = whole_number("rounds", rounds, minimum=_BATCHES), whole_number("transient", transient, minimum=0)
    first = whole_number("played", played, minimum=0)
    state = start if isinstance(start, State) else State(np.asarray(start, dtype=np.float64))
    profile = validated_profile("start", state.profile, (game.accounts, game.dimension))
    state = State(profile, state.memory)
    twin_rng = copy.deepcopy(rng)
    direction = rng.normal(size=profile.shape)
    neighbour, distance = _beside(state, State(direction - direction.mean(axis=1, keepdims=True)))
    growth = np.empty(before + count)
    for k in range(before + count):
        feedback = ExactFeedback(game, first + k)
        twin_rng.bit_generator.state = rng.bit_generator.state
        moved = rule.step(neighbour, feedback, twin_rng)
        state = rule.step(state, feedback, rng)
        deviation = _minus(moved, state)
        apart = _length(deviation)
        growth[k] = np.log(apart / distance) if apart > 0 else -np.inf
        neighbour, distance = _beside(state, deviation)
    return _summary(read_only(growth[before:].copy()), state)


def _summary(growth: Array, end: State) -> LyapunovExponent:
    if not np.isfinite(growth).all():
        return LyapunovExponent(-np.inf, -np.inf, -np.inf, growth, end)
    batches = np.array([part.mean() for part in np.array_split(growth, _BATCHES)])
    half = float(stats.t.ppf(0.975, _BATCHES - 1) * batches.std(ddof=1) / np.sqrt(_BATCHES))
    mean = float(growth.mean())
    return LyapunovExponent(mean, mean - half, mean + half, growth, end)


def _minus(first: State, second: State) -> State:
    if first.memory is None or second.memory is None:
        return State(first.profile - second.profile)
    return State(first.profile - second.profile, first.memory - second.memory)


def _length(deviation: State) -> float:
    squares = float(np.sum(deviation.profile**2))
    if deviation.memory is not None:
        squares += float(np.sum(deviation.memory**2))
    return float(np.sqrt(squares))


def _beside(state: State, deviation: State) -> tuple[State, float]:
    """A neighbour of `state` in the direction of `deviation`, inside the simplex, and its distance."""
    # Scaling a deviation up from rounding size would scale its sum, which is rounding, up with it.
    tangent = deviation.profile - deviation.profile.mean(axis=1, keepdims=True)
    deviation = State(tangent, deviation.memory)
    length = _length(deviation)
    if length > 0:
        scale = _separation(state.profile, tangent) / length
        # In the linear range a deviation and its opposite grow alike; one of them often is feasible where the other
        # is not.
        for sign in (scale, -scale):
            profile = state.profile + sign * deviation.profile
            if profile.min() >= 0:
                return _with_memory(state, profile, deviation, sign)
        neighbour, apart = _with_memory(
            state, project_to_simplex(state.profile + scale * deviation.profile), deviation, scale
        )
        if apart > 0.1 * scale * length:
            return neighbour, apart
    inwards = 1.0 / state.profile.shape[1] - state.profile
    size = float(np.sqrt(np.sum(inwards**2)))
    if size == 0:
        inwards[:, 0], inwards[:, 1] = 1.0, -1.0
        size = float(np.sqrt(np.sum(inwards**2)))
    return State(state.profile + _SEPARATION / size * inwards, state.memory), _SEPARATION


def _separation(profile: Array, direction: Array) -> float:
    """Length along `direction` that changes no positive weight by more than a thousandth of itself, at most 1e-7."""
    touched = (profile > 0) & (np.abs(direction) > 0)
    if not touched.any():
        return _SEPARATION
    # Multiplicative rules are linear only where a weight changes by a small part of itself.
    relative = float(np.min(profile[touched] / np.abs(direction[touched]))) * float(np.sqrt(np.sum(direction**2)))
    return min(_SEPARATION, max(1e-3 * relative, _LEAST_SEPARATION))


def _with_memory(state: State, profile: Array, deviation: State, scale: float) -> tuple[State, float]:
    memory = state.memory
    if memory is not None and deviation.memory is not None:
        memory = memory + scale * deviation.memory
    neighbour = State(profile, memory)
    # What was really added, after rounding: 1e-7 beside weights of order one keeps only nine digits.
    return neighbour, _length(_minus(neighbour, state))
