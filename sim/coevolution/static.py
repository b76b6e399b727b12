"""Static prediction and dynamic outcome side by side: who is left out if nothing moves, and who once all moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.arrays import Array, finite_array, positive
from sim.coevolution.coupled_map import CoupledMap
from sim.coevolution.hysteresis import settle
from sim.coevolution.parameters import Coevolution
from sim.coevolution.state import CoupledState, full_house


@dataclass(frozen=True, eq=False)
class Comparison:
    """Both answers at several values of a parameter.

    Attributes:
        parameters: Shape (P,).
        static: Mixture of the static equilibrium, everybody there with innate tastes, shape (P, V).
        dynamic: What accounts show once all has settled, by start, shape (P, K, V).
        present: Share of each group that is then there, shape (P, K, G).
        at_rest: Whether it settled, shape (P, K); if not, the numbers are those of the last round.
        threshold: Weight below which a voice counts as excluded.
    """

    parameters: Array
    static: Array
    dynamic: Array
    present: Array
    at_rest: NDArray[np.bool_]
    threshold: float

    @property
    def excluded_statically(self) -> NDArray[np.bool_]:
        """Voices below the threshold if nothing moves, shape (P, V)."""
        return np.asarray(self.static < self.threshold)

    @property
    def excluded_dynamically(self) -> NDArray[np.bool_]:
        """Voices below the threshold once all has settled, by start, shape (P, K, V)."""
        return np.asarray(self.dynamic < self.threshold)

    @property
    def depends_on_history(self) -> NDArray[np.bool_]:
        """Voices that are excluded from some starts and not from others, shape (P, V)."""
        out = self.excluded_dynamically
        return np.asarray(out.any(axis=1) & ~out.all(axis=1))


def compare(
    model: Coevolution,
    parameter: str,
    values: ArrayLike,
    *,
    starts: Sequence[CoupledState] | None = None,
    threshold: float = 0.05,
    rounds: int = 20_000,
) -> Comparison:
    """The static equilibrium and where the coupled map settles from each start, at each value of a parameter.

    Args:
        model: The platform.
        parameter: Name of the parameter.
        values: Shape (P,).
        starts: States; None for a full house alone.
        threshold: Weight below which a voice counts as excluded.
        rounds: Patience.
    """
    grid = finite_array("values", values, ndim=1)
    positive("threshold", threshold)
    begin = [full_house(model)] if starts is None else list(starts)
    system = CoupledMap(model, parameter)
    shape = (grid.size, len(begin))
    static = np.empty((grid.size, model.voices))
    dynamic, present = np.empty((*shape, model.voices)), np.empty((*shape, model.groups))
    rest = np.empty(shape, np.bool_)
    for p, value in enumerate(grid):
        static[p] = system.model_at(float(value)).static
        for k, start in enumerate(begin):
            point, rest[p, k] = settle(system, system.pack(start), float(value), rounds=rounds)
            dynamic[p, k] = system.mixture(point, float(value))
            present[p, k] = system.unpack(point).audience / model.audience.base
    return Comparison(grid, static, dynamic, present, rest, threshold)
