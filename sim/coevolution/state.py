"""Where a platform that pushes back stands: who is there, what they like, how the ranking leans, what is shown."""

from __future__ import annotations

from dataclasses import dataclass

from sim.arrays import Array
from sim.coevolution.parameters import Coevolution
from sim.coevolution.support import best_on_simplex


@dataclass(frozen=True, eq=False, slots=True)
class CoupledState:
    """One state of the coupled map, or many with leading axes.

    Attributes:
        audience: Members present in each group, shape (G,), 0 to base.
        tastes: P(a member of g engages with voice v), shape (G, V).
        lean: Log of the ranking's weight on attractiveness over its published value.
        mixture: The accounts' mean mixture, shape (V,). Accounts that are always at equilibrium have none of their
            own: then it is what was shown in the round before.
    """

    audience: Array
    tastes: Array
    lean: float | Array
    mixture: Array


def full_house(model: Coevolution) -> CoupledState:
    """Everybody is there with innate tastes, the ranking is as published, accounts at the static equilibrium."""
    return CoupledState(model.audience.base, model.audience.tastes, 0.0, model.static)


def without(model: Coevolution, group: int, present: float = 0.0) -> CoupledState:
    """A full house but for one group, of which a share `present` is there; accounts are settled for that audience."""
    audience = model.audience.base.copy()
    audience[group] *= present
    pull = model.game.incentives.attractiveness * (audience @ model.audience.tastes) / model.audience.base.sum()
    return CoupledState(audience, model.audience.tastes, 0.0, best_on_simplex(model.consensus, pull).weights)
