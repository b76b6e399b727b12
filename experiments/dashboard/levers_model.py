"""What brings every group back, at which price: the numbers of the lever panel."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.dashboard.tables import Table
from sim.alignment_game import Incentives
from sim.arrays import Array
from sim.design import CertifiedChange, LeastPrice, Method, Restored, restore, safe_values
from sim.maps.grid import COEFFICIENTS


@dataclass(frozen=True, eq=False, kw_only=True)
class Lever:
    """One way to bring every group to the threshold.

    Attributes:
        name: In words.
        coefficient: The one coefficient that it moves; None where it moves several.
        restored: What it takes and gives, solved anew and certified; None if nothing suffices.
        safe: Values of the coefficient that keep every group, (K, 2); None where it moves several.
    """

    name: str
    coefficient: str | None
    restored: Restored | None
    safe: Array | None


def levers(table: Table, incentives: Incentives, threshold: float) -> tuple[Lever, ...]:
    """Each coefficient alone, the smallest change of all, and the change that costs the least engagement.

    Args:
        table: The game.
        incentives: Where it stands.
        threshold: Weight that every group shall have, below 1/D.

    Raises:
        InputError: As of `sim.design.restore`.
    """
    game = table.game(incentives)

    def lever(name: str, method: Method, coefficient: str | None = None) -> Lever:
        found = restore(game, method, shares=table.shares, threshold=threshold)
        safe = None if coefficient is None else safe_values(table.terms, incentives, coefficient, threshold)
        return Lever(name=name, coefficient=coefficient, restored=found, safe=safe)

    return (
        *(lever(f"{name} alone", CertifiedChange(name), name) for name in COEFFICIENTS),
        lever("all together, smallest change", CertifiedChange()),
        lever("all together, least loss of engagement", LeastPrice()),
    )
