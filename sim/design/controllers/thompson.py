"""Discounted Gaussian Thompson sampling: arms are drawn by the chance to be best, and old rounds are forgotten."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, positive
from sim.design.controllers.protocol import Memory, Telemetry
from sim.design.controllers.space import arm_of, checked_arms, checked_value
from sim.errors import InputError


@dataclass
class DiscountedThompson:
    """Gaussian posterior of every arm's value, each round's evidence worth `discount` as much a round later.

    With n_i and s_i the discounted number and sum of an arm's values, its posterior has precision 1/tau^2 + n_i/sigma^2
    and mean (m/tau^2 + s_i/sigma^2) / precision; a value is drawn for every arm and the largest is played. Without
    forgetting (discount 1) the regret on arms that stay as they are grows like log T; with it a change of the best arm
    is followed, at the price of trying for ever.

    Memory: `count` and `total` of every arm, (N,).

    Attributes:
        arms: Profiles to choose from, (N, K).
        discount: Worth of a round one round later, above 0 and at most 1.
        noise: sigma, standard deviation of a value around its arm's mean.
        prior_mean: m.
        prior_deviation: tau.
        memory: See above.
    """

    arms: ArrayLike
    discount: float = 0.9
    noise: float = 0.55
    prior_mean: float = 0.0
    prior_deviation: float = 1.0
    memory: Memory = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._arms = checked_arms(self.arms)
        positive("noise", self.noise)
        positive("prior_deviation", self.prior_deviation)
        if positive("discount", self.discount) > 1:
            raise InputError("discount", self.discount, "expected a number above 0 and at most 1")
        if not self.memory:
            self.memory = {"count": np.zeros(len(self._arms)), "total": np.zeros(len(self._arms))}

    def propose(self, rng: np.random.Generator) -> Array:
        """See `Controller`."""
        mean, precision = self._posterior()
        chosen: Array = self._arms[int(np.argmax(mean + rng.standard_normal(mean.size) / np.sqrt(precision)))]
        return chosen

    def observe(self, profile: Array, value: float, telemetry: Telemetry) -> None:
        """See `Controller`."""
        arm, paid = arm_of(self._arms, profile), checked_value(value)
        played = np.arange(len(self._arms)) == arm
        count, total = (self.discount * self.memory[name] for name in ("count", "total"))
        self.memory = {"count": count + played, "total": total + paid * played}

    def recommend(self) -> Array:
        """The arm of highest posterior mean."""
        chosen: Array = self._arms[int(np.argmax(self._posterior()[0]))]
        return chosen

    def _posterior(self) -> tuple[Array, Array]:
        prior, likelihood = self.prior_deviation**-2, self.noise**-2
        precision = prior + likelihood * self.memory["count"]
        return (prior * self.prior_mean + likelihood * self.memory["total"]) / precision, precision
