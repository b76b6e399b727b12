"""Split the gap between prediction and observation into parts with names that add up exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import Array


@dataclass(frozen=True)
class Gap:
    """Observed minus predicted population mixture, in four parts of shape (D,) each.

    Attributes:
        realisation: The texts did not carry the mixture: equilibrium of the game as heard, minus the prediction.
        estimation: Answers in the play against those before it: equilibrium with answers re-estimated from the play's
            drafts, minus the one as heard.
        dynamics: The learning rule has not arrived, or its floor binds: end of the rule's exact mean map in the
            re-estimated game, minus that game's equilibrium.
        sampling: Finite posts: observed minus the end of the mean map.
    """

    realisation: Array
    estimation: Array
    dynamics: Array
    sampling: Array

    @property
    def total(self) -> Array:
        """Observed minus predicted, shape (D,)."""
        return self.realisation + self.estimation + self.dynamics + self.sampling

    def sizes(self) -> dict[str, float]:
        """Total variation size (half the absolute sum) of every part and of the total."""
        parts = {
            "realisation": self.realisation,
            "estimation": self.estimation,
            "dynamics": self.dynamics,
            "sampling": self.sampling,
            "total": self.total,
        }
        return {name: float(np.abs(part).sum() / 2.0) for name, part in parts.items()}


def split_gap(*, predicted: Array, heard: Array, reestimated: Array, mean_map: Array, observed: Array) -> Gap:
    """Telescope from prediction to observation.

    Args:
        predicted: Equilibrium of the game estimated before play, (D,).
        heard: Equilibrium of that game with the voices as readers heard them, (D,).
        reestimated: Equilibrium with answers re-estimated from the play as well, (D,).
        mean_map: Where the rule's exact mean map stands after the same rounds in that last game, (D,).
        observed: Where the simulated population stands, (D,).

    Returns:
        The four parts; their sum is `observed - predicted`.

    >>> import numpy as np
    >>> w = [np.array(p) for p in ([0.5, 0.5], [0.6, 0.4], [0.6, 0.4], [0.55, 0.45], [0.57, 0.43])]
    >>> gap = split_gap(predicted=w[0], heard=w[1], reestimated=w[2], mean_map=w[3], observed=w[4])
    >>> {name: round(size, 3) for name, size in gap.sizes().items()}
    {'realisation': 0.1, 'estimation': 0.0, 'dynamics': 0.05, 'sampling': 0.02, 'total': 0.07}
    """
    return Gap(
        realisation=heard - predicted,
        estimation=reestimated - heard,
        dynamics=mean_map - reestimated,
        sampling=observed - mean_map,
    )
