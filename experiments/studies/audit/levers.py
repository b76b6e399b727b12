"""The levers: for each coefficient and for all together, the smallest change that keeps every group, and its price."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from experiments.studies.audit.standing import Standing
from experiments.studies.evidence import Evidence
from sim.alignment_game import Incentives
from sim.arrays import Array
from sim.design import Change, UtilityParts, largest_threshold, safe_values, smallest_change, utility_parts
from sim.design.closed_form import COEFFICIENTS
from sim.estimation import GameDraws

LEVERS: tuple[str | None, ...] = (None, *COEFFICIENTS)


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """A change and what it does, solved anew.

    Attributes:
        change: The change.
        after: The standing at the new incentives.
    """

    change: Change
    after: Standing


@dataclass(frozen=True, eq=False, kw_only=True)
class Lever:
    """One lever.

    Attributes:
        coefficient: Its coefficient; None for all together.
        safe: Values of the coefficient at which every group is kept, (K, 2); None for all together.
        outcome: The smallest change that suffices for the point estimate; None if none does.
        sure: The smallest that suffices in enough draws; None if none does, or without draws.
        most: The largest weight that every group can have at once, where no change suffices.
    """

    coefficient: str | None
    safe: Array | None
    outcome: Outcome | None
    sure: Outcome | None
    most: float | None

    @property
    def name(self) -> str:
        """The lever in words."""
        return "all together" if self.coefficient is None else f"{self.coefficient} alone"


def pulled(
    evidence: Evidence, now: Standing, solve: Callable[[Incentives], Standing], advance: Callable[[], None]
) -> tuple[Lever, ...]:
    """Try every lever.

    Args:
        evidence: The data and their estimates.
        now: Standing at the current incentives.
        solve: The standing at other incentives.
        advance: Called after each of the levers.
    """
    found, point = [], GameDraws.of([evidence.terms])
    for coefficient in LEVERS:
        change = smallest_change(point, now.incentives, threshold=now.threshold, coefficient=coefficient)
        sure = None
        if evidence.draws is not None:
            sure = smallest_change(
                evidence.draws,
                now.incentives,
                threshold=now.threshold,
                coefficient=coefficient,
                share=now.confidence,
            )
        found.append(
            Lever(
                coefficient=coefficient,
                safe=None
                if coefficient is None
                else safe_values(evidence.terms, now.incentives, coefficient, now.threshold),
                outcome=None if change is None else Outcome(change=change, after=solve(change.incentives)),
                sure=None if sure is None else Outcome(change=sure, after=solve(sure.incentives)),
                most=largest_threshold(point, now.incentives, coefficient=coefficient) if change is None else None,
            )
        )
        advance()
    return tuple(found)


def price_of(evidence: Evidence, standing: Standing) -> tuple[UtilityParts, UtilityParts]:
    """Parts of an account's utility: at incentives of one, to compare points, and at the standing's own."""
    mixture = standing.equilibrium.mixture
    bare = utility_parts(evidence.terms, Incentives(1.0, 1.0, 1.0), mixture)
    return bare, utility_parts(evidence.terms, standing.incentives, mixture)
