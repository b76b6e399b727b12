"""An optimiser off the shelf: Optuna's tree-structured Parzen estimator, asked and told."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, whole_number
from sim.design.controllers.protocol import Memory, Telemetry
from sim.design.controllers.space import checked_box, checked_value

_SEEDS = 2**31


@dataclass
class AskTell:
    """Multivariate tree-structured Parzen estimator (Bergstra and others 2011; Optuna) over a box.

    Its sampler is a function of what was observed and of a seed, so all it knows is the list of profiles and values:
    the study is built anew for every proposal, seeded by the generator given.

    Memory: `profiles`, (T, K), and `values`, (T,), of all rounds.

    Attributes:
        low: Least setting, (K,).
        high: Greatest setting, (K,).
        startup: Rounds played uniformly at random first, at least 1.
        neighbours: With noisy values the best one is mostly luck; the profile recommended has the highest mean
            over this many rounds nearest to it, itself included. 1 where values carry no noise.
        memory: See above.
    """

    low: ArrayLike
    high: ArrayLike
    startup: int = 10
    neighbours: int = 1
    memory: Memory = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._low, self._high = checked_box(self.low, self.high)
        whole_number("startup", self.startup, minimum=1)
        whole_number("neighbours", self.neighbours, minimum=1)
        if not self.memory:
            self.memory = {"profiles": np.zeros((0, self._low.size)), "values": np.zeros(0)}

    def propose(self, rng: np.random.Generator) -> Array:
        """See `Controller`."""
        # Imported here: only those who ask for this optimiser wait for it.
        import optuna

        names = [f"lever {k}" for k in range(self._low.size)]
        box = {
            name: optuna.distributions.FloatDistribution(low, high)
            for name, low, high in zip(names, self._low.tolist(), self._high.tolist(), strict=True)
        }
        sampler = optuna.samplers.TPESampler(
            n_startup_trials=self.startup, multivariate=True, seed=int(rng.integers(_SEEDS))
        )
        loudness = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        try:
            study = optuna.create_study(direction="maximize", sampler=sampler)
            study.add_trials(
                [
                    optuna.trial.create_trial(
                        params=dict(zip(names, profile.tolist(), strict=True)), distributions=dict(box), value=value
                    )
                    for profile, value in zip(self.memory["profiles"], self.memory["values"].tolist(), strict=True)
                ]
            )
            asked = study.ask(dict(box)).params
        finally:
            optuna.logging.set_verbosity(loudness)
        return np.array([asked[name] for name in names])

    def observe(self, profile: Array, value: float, telemetry: Telemetry) -> None:
        """See `Controller`."""
        paid = checked_value(value)
        self.memory = {
            "profiles": np.vstack([self.memory["profiles"], profile]),
            "values": np.append(self.memory["values"], paid),
        }

    def recommend(self) -> Array:
        """The profile of highest value, averaged over its neighbours; the middle of the box before any round."""
        values = self.memory["values"]
        if not values.size:
            middle: Array = (self._low + self._high) / 2
            return middle
        places = (self.memory["profiles"] - self._low) / (self._high - self._low)
        apart = np.linalg.norm(places[:, None] - places[None], axis=2)
        near = np.argsort(apart, axis=1, kind="stable")[:, : self.neighbours]
        best: Array = self.memory["profiles"][int(np.argmax(values[near].mean(axis=1)))]
        return best
