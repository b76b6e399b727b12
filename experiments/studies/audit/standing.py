"""Who is represented at the current incentives, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.studies.evidence import Evidence
from sim.alignment_game import Incentives
from sim.arrays import Array
from sim.design import effective_groups
from sim.design.price import EffectiveGroups
from sim.equilibrium import HomogeneousEquilibrium, homogeneous_equilibrium
from sim.maps import PointRisk, point_risk

LEFT_OUT, AT_RISK, KEPT = "left out", "at risk", "kept"


@dataclass(frozen=True, eq=False, kw_only=True)
class Standing:
    """The equilibrium at one point of incentives.

    Attributes:
        incentives: The point.
        equilibrium: Of the point estimate.
        risk: The same in every draw; None without draws.
        threshold: Weight below which a group counts as left out.
        confidence: Share of the draws that counts as sure.
    """

    incentives: Incentives
    equilibrium: HomogeneousEquilibrium
    risk: PointRisk | None
    threshold: float
    confidence: float

    @property
    def below(self) -> NDArray[np.bool_]:
        """Groups below the threshold in the point estimate, (D,)."""
        return np.asarray(self.equilibrium.mixture < self.threshold)

    @property
    def all_kept(self) -> float:
        """Share of the draws in which every group reaches the threshold; of the one estimate without draws."""
        if self.risk is None:
            return float(not self.below.any())
        return float(np.mean(self.risk.mixtures.min(axis=1) >= self.threshold))

    @property
    def effective(self) -> EffectiveGroups:
        """Effective number of groups in the equilibrium mixture."""
        return effective_groups(self.equilibrium.mixture)

    def status(self) -> tuple[str, ...]:
        """Each group "left out", "at risk" or "kept": the first and last if that is so in enough draws."""
        if self.risk is None:
            return tuple(LEFT_OUT if below else KEPT for below in self.below)
        sure = 1 - self.confidence
        return tuple(LEFT_OUT if p >= 1 - sure else KEPT if p <= sure else AT_RISK for p in self.risk.below)

    def riskiest(self, most: int) -> list[int]:
        """Up to `most` groups, by the chance to be below the threshold, then by weight."""
        chance: Array = self.below.astype(float) if self.risk is None else self.risk.below
        order = np.lexsort((self.equilibrium.mixture, -chance))
        return [int(d) for d in order[:most]]


def standing_at(
    evidence: Evidence, incentives: Incentives, *, accounts: int, threshold: float, confidence: float
) -> Standing:
    """Solve one point of incentives, for the point estimate and in every draw."""
    risk = None
    if evidence.draws is not None:
        risk = point_risk(evidence.draws, incentives, threshold=threshold)
    return Standing(
        incentives=incentives,
        equilibrium=homogeneous_equilibrium(evidence.game(incentives, accounts)),
        risk=risk,
        threshold=threshold,
        confidence=confidence,
    )
