"""The equilibrium of players who pay for certainty: entropy-regularised, logit or quantal response equilibrium."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.special import expit

from sim.arrays import positive, shorten
from sim.errors import InputError
from sim.oversight.inspection_game import InspectionGame


@dataclass(frozen=True)
class QuantalEquilibrium:
    """The equilibrium under entropy, and how simultaneous learners move round it.

    Attributes:
        aligned: p with logit(p) = I1(q)/temperature.
        audited: q with logit(q) = I2(p)/temperature.
        temperature: tau, price of entropy in units of reward.
        omega: Angular frequency there.
    """

    aligned: float
    audited: float
    temperature: float
    omega: float

    def growth(self, step: float) -> float:
        """Factor per round of simultaneous learners, sqrt((1 - h tau)^2 + omega^2 h^2) (derived).

        Raises:
            InputError: `step` is not a finite number > 0.
        """
        step = positive("step", step)
        return math.hypot(1 - step * self.temperature, step * self.omega)

    @property
    def largest_step(self) -> float:
        """Steps below this one converge, 2 tau/(tau^2 + omega^2)."""
        return 2 * self.temperature / (self.temperature**2 + self.omega**2)


def quantal_equilibrium(game: InspectionGame, temperature: float) -> QuantalEquilibrium:
    """The one quantal response equilibrium of a game in which audits deter and alignment discourages audits.

    p answers to q and q to p in opposite directions, so that p minus its answer to its own answer rises: one root.

    Args:
        game: A cyclic game; its equilibrium may be pure.
        temperature: tau > 0, in units of reward.

    Raises:
        InputError: Bad temperature, or a game that is not cyclic.

    >>> game = InspectionGame(
    ...     aligned=1.0, misaligned=-1.0, catch=1.0, false_positive=0.5, audit_cost=0.2, private_gain=0.5
    ... )
    >>> eq = quantal_equilibrium(game, temperature=0.1)
    >>> round(eq.aligned, 3), round(eq.audited, 3)
    (0.6, 0.27)
    """
    temperature = positive("temperature", temperature)
    if not game.cyclic:
        raise InputError("game", shorten(game), "expected aligned > misaligned, a bounty > 0 and checks < 1")

    def audits(aligned: float) -> float:
        return float(expit(game.audit_margin(aligned) / temperature))

    def excess(aligned: float) -> float:
        return aligned - float(expit(game.deterrence_margin(audits(aligned)) / temperature))

    aligned = float(brentq(excess, 0.0, 1.0, xtol=1e-15, rtol=1e-14))
    audited = audits(aligned)
    slopes = game.deterrence_slope * audited * (1 - audited) * game.audit_slope * aligned * (1 - aligned)
    return QuantalEquilibrium(aligned, audited, temperature, math.sqrt(slopes))
