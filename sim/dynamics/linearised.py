"""A learning rule around a fixed point: the joint state of profile and memory, and the slope of its map there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np

from sim.arrays import Array
from sim.dynamics.exact_feedback import ExactFeedback
from sim.dynamics.protocol import Dynamics, State
from sim.errors import InputError
from sim.game import Game
from sim.simplex import tangent_basis

_SETTLING_ROUNDS = 200
_STEP = 1e-5
"""Length of a difference, in units of weight; of memory, relative to its size."""


class _NoRandomness:
    """Stands in for a random generator and refuses every draw."""

    def __init__(self, rule: Dynamics) -> None:
        self._rule = type(rule).__name__

    def __getattr__(self, name: str) -> object:
        remedy = (
            "it draws at random, and a path has no one rate; asynchronous_rate(game) gives that of the expectation for"
            " asynchronous best response, simulate() shows others"
        )
        raise InputError("rule", self._rule, remedy)


@dataclass(frozen=True, eq=False)
class Modes:
    """Directions in which one account's weights and memory can be moved.

    Attributes:
        directions: Of the weights, shape (D, D-1).
        coordinates: Read them back, shape (D-1, D); coordinates @ directions is the identity.
        two_sided: Where the opposite direction is feasible too, shape (D-1,).
        step: How far weights may be moved.
        memory_layers: Layers of memory, K; each entry of memory is a direction of its own.
    """

    directions: Array
    coordinates: Array
    two_sided: Array
    step: float
    memory_layers: int

    @classmethod
    def at(cls, weights: Array, floor: float, memory_layers: int) -> Modes:
        """Directions at a mixture, shape (D,): groups on the floor can only gain."""
        inside = np.flatnonzero(weights > floor)
        outside = np.flatnonzero(weights <= floor)
        within = np.zeros((weights.size, max(inside.size - 1, 0)))
        if inside.size:
            within[inside] = tangent_basis(inside.size)
        # An excluded group gains weight at the expense of the others in proportion to what they can give.
        excess = weights - floor
        inwards = np.eye(weights.size)[:, outside] - (excess / excess.sum())[:, None]
        directions = np.hstack([within, inwards])
        two_sided = np.concatenate([np.ones(within.shape[1]), np.zeros(outside.size)])
        step = min(_STEP, float(excess[inside].min()) / 10)
        return cls(directions, np.linalg.pinv(directions), two_sided, step, memory_layers)

    @property
    def count(self) -> int:
        """Number of directions: D - 1 of the weights, K D of the memory."""
        groups, of_weights = self.directions.shape
        return int(of_weights + self.memory_layers * groups)

    def direction(self, which: int) -> Array:
        """Direction number `which` in the joint state, shape (1 + K, D)."""
        move = np.zeros((1 + self.memory_layers, self.directions.shape[0]))
        of_weights = self.directions.shape[1]
        if which < of_weights:
            move[0] = self.directions[:, which]
        else:
            move[1:].reshape(-1)[which - of_weights] = 1.0
        return move

    def read(self, slope: Array) -> Array:
        """Coordinates of one account's slope, shape (1 + K, D), in the directions; shape (count,)."""
        return np.concatenate([self.coordinates @ slope[0], slope[1:].reshape(-1)])


@dataclass(frozen=True, eq=False)
class Linearised:
    """The map of a rule near a fixed point.

    Attributes:
        base: Profile, and below it the layers of the settled memory, shape (1 + K, M, D).
        advance: The joint state after the composed rounds, a function of the joint state; both shape (1 + K, M, D).
    """

    base: Array
    advance: Callable[[Array], Array]

    @property
    def memory_layers(self) -> int:
        """Layers of memory, K."""
        return len(self.base) - 1

    def slope(self, push: Array, modes: Modes, which: int) -> Array:
        """Derivative of the map along `push`, direction number `which` of `modes`, shape (1 + K, M, D)."""
        if which < modes.two_sided.size:
            step, two_sided = modes.step, bool(modes.two_sided[which])
        else:
            step, two_sided = _STEP * max(1.0, float(np.abs(self.base[1:]).max())), True
        forward = self.advance(self.base + step * push)
        backward = self.advance(self.base - step * push if two_sided else self.base)
        slope: Array = (forward - backward) / (2 * step if two_sided else step)
        return slope


def linearise(game: Game, rule: Dynamics, profile: Array, *, rounds: int = 1) -> Linearised:
    """Settle the memory of a rule at its fixed point `profile`, shape (M, D), and return its map around both.

    Args:
        game: The game.
        rule: The learning rule.
        profile: The fixed point.
        rounds: Rounds composed into one application of the map, from round 0.

    Raises:
        InputError: The rule draws at random, moves `profile`, or its memory does not settle there.
    """
    rng = cast("np.random.Generator", _NoRandomness(rule))

    def play(state: State) -> State:
        for played in range(rounds):
            state = rule.step(state, ExactFeedback(game, played), rng)
        return state

    state = play(State(profile))
    drift = float(np.abs(state.profile - profile).max())
    if drift > 1e-8:
        raise InputError("mixture", f"a point the rule moves by {drift:.3g}", "expected a fixed point of the rule")
    memory = _settled(play, profile, state.memory, type(rule).__name__)

    def advance(joint: Array) -> Array:
        moved = play(State(joint[0], None if memory is None else joint[1:]))
        return moved.profile[None] if moved.memory is None else np.concatenate([moved.profile[None], moved.memory])

    return Linearised(profile[None] if memory is None else np.concatenate([profile[None], memory]), advance)


def _settled(play: Callable[[State], State], profile: Array, memory: Array | None, rule: str) -> Array | None:
    """The memory that a rule keeps once it has stayed at `profile` for long; None for a rule without."""
    if memory is None:
        return None
    for _ in range(_SETTLING_ROUNDS):
        state = play(State(profile, memory))
        drift = float(np.abs(state.profile - profile).max())
        if drift > 1e-8:
            raise InputError("mixture", f"a point the rule moves by {drift:.3g}", "expected a fixed point of the rule")
        before, memory = memory, state.memory
        if memory is None or not np.isfinite(memory).all():
            break
        if float(np.abs(memory - before).max()) <= 1e-12 * (1 + float(np.abs(memory).max())):
            return memory
    remedy = "its memory does not settle while play rests, so no one round stands for all; use simulate()"
    raise InputError("rule", rule, remedy)
