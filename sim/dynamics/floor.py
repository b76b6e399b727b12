"""An exploration floor around any learning rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import Array
from sim.dynamics.protocol import Dynamics, Feedback, State
from sim.errors import InputError
from sim.simplex import SUM_TOLERANCE, validated_floor

_LEAST = 1e-12


@dataclass(frozen=True)
class Floored:
    """Run `rule` with every weight kept at or above `floor`, so that no group goes unheard.

    The rule plays in u = (w - floor) / (1 - D floor), which fills the whole simplex while w keeps the floor;
    it need not know. Its rest point is the floored equilibrium, `homogeneous_equilibrium(game, floor=floor)`,
    so the bias of exploring is known exactly. It converges when `rule` does in the game seen through u, where
    A and B are (1 - D floor)^2 times as large and kappa_max is the same.

    Attributes:
        rule: Any learning rule.
        floor: Least weight of every group, 0 <= floor < 1/D.
    """

    rule: Dynamics
    floor: float

    def __post_init__(self) -> None:
        validated_floor("floor", self.floor, 1)

    def step(self, state: State, feedback: Feedback, rng: np.random.Generator) -> State:
        """Move as `rule` does, above the floor; the memory is the rule's own.

        An account that starts below the floor is first moved towards the uniform mixture, which leaves no
        group on the floor where a multiplicative rule could not lift it.
        """
        profile = state.profile
        dimension = profile.shape[1]
        scale = 1.0 - dimension * validated_floor("floor", self.floor, dimension)
        if scale <= 0:
            raise InputError("floor", self.floor, f"nothing is left to choose; use less than {1 / dimension:.6g}")
        below = profile.min(axis=1, keepdims=True) < self.floor - SUM_TOLERANCE
        inner = np.where(below, profile, (profile - self.floor) / scale)
        # Storing w rounds a tiny u to zero, from which multiplicative rules never return.
        inner = np.maximum(inner, _LEAST)
        inner /= inner.sum(axis=1, keepdims=True)
        shrunken = _ShrunkenFeedback(feedback.round, feedback, self.floor, scale)
        moved = self.rule.step(State(inner, state.memory), shrunken, rng)
        return State(self.floor + scale * moved.profile, moved.memory)


@dataclass(slots=True)
class _ShrunkenFeedback:
    """The feedback as seen in u = (w - floor) / scale."""

    round: int
    feedback: Feedback
    floor: float
    scale: float

    def payoffs(self, profile: Array) -> Array:
        return self.feedback.payoffs(self._outer(profile))

    def gradients(self, profile: Array) -> Array:
        # Chain rule: a step in u is a step of `scale` in w.
        return self.scale * self.feedback.gradients(self._outer(profile))

    def best_response(self, account: int, profile: Array, floor: float = 0.0) -> Array:
        outer_floor = self.floor + self.scale * floor
        return self._inner(self.feedback.best_response(account, self._outer(profile), outer_floor), floor)

    def best_responses(self, profile: Array, floor: float = 0.0) -> Array:
        outer_floor = self.floor + self.scale * floor
        return self._inner(self.feedback.best_responses(self._outer(profile), outer_floor), floor)

    def _inner(self, best: Array, floor: float) -> Array:
        inner: Array = np.maximum((best - self.floor) / self.scale, floor)
        return inner

    def _outer(self, profile: Array) -> Array:
        weights: Array = self.floor + self.scale * profile
        return weights
