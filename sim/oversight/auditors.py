"""Several auditors, who decide independently whether to audit the same output.

An output that anybody audits is resolved once, and the verdict holds for all who audited it. So the solver sees the
coverage Q = 1 - (1-q)^n alone, while each auditor sees the others: they share the credit of a catch (or do not), and
no check follows when another one audits. A team is therefore an inspection game with r_catch times s = Q/(n q), the
expected share of the credit, and r_miss times (1-q)^(n-1) (derived).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scipy.optimize import brentq

from sim.arrays import shorten, whole_number
from sim.errors import InputError
from sim.oversight.checks import share
from sim.oversight.inspection_game import InspectionGame

Credit = Literal["each", "shared"]


@dataclass(frozen=True)
class TeamEquilibrium:
    """The symmetric equilibrium of a team.

    Attributes:
        aligned: p, share of outputs that the solver aligns.
        audited: q, share of outputs that each auditor audits.
        coverage: Q, share of outputs that somebody audits.
        audits: n q, audits per output: what the team costs.
    """

    aligned: float
    audited: float
    coverage: float
    audits: float


@dataclass(frozen=True, kw_only=True)
class AuditTeam:
    """An inspection game with `auditors` auditors.

    Attributes:
        game: The game each of them would play alone; cyclic, with r_catch and r_miss >= 0.
        auditors: n >= 1.
        credit: "each": every auditor who audited is paid the whole of r_catch; "shared": they divide it.

    Raises:
        InputError: At construction, for any of the conditions above; the message names the field.

    >>> game = InspectionGame(
    ...     aligned=1.0, misaligned=-1.0, catch=1.0, false_positive=0.5, audit_cost=0.2, private_gain=0.5
    ... )
    >>> for credit in ("each", "shared"):
    ...     eq = AuditTeam(game=game, auditors=2, credit=credit).equilibrium()
    ...     print(round(eq.aligned, 3), round(eq.audited, 3), round(eq.coverage, 3), round(eq.audits, 3))
    0.533 0.134 0.25 0.268
    0.512 0.134 0.25 0.268
    """

    game: InspectionGame
    auditors: int
    credit: Credit = "each"

    def __post_init__(self) -> None:
        object.__setattr__(self, "auditors", whole_number("auditors", self.auditors, minimum=1))
        if self.credit not in ("each", "shared"):
            raise InputError("credit", shorten(self.credit), 'expected "each" or "shared"')
        if not isinstance(self.game, InspectionGame):
            raise InputError("game", shorten(self.game), "expected an InspectionGame(...) object")
        if not self.game.cyclic or min(self.game.catch, self.game.miss) < 0:
            raise InputError(
                "game",
                shorten(self.game),
                "expected aligned > misaligned, catch and miss >= 0, a bounty > 0, checks < 1",
            )

    def coverage(self, audited: float) -> float:
        """Share of outputs that somebody audits when each auditor audits a share `audited`."""
        return float(1 - (1 - share("audited", audited)) ** self.auditors)

    def seen_alone(self, audited: float) -> InspectionGame:
        """The inspection game as one auditor sees it when each of the others audits a share `audited`."""
        audited = share("audited", audited)
        part = 1.0
        if self.credit == "shared" and audited > 0:
            part = self.coverage(audited) / (self.auditors * audited)
        return self.game.with_rewards(
            catch=self.game.catch * part, miss=self.game.miss * (1 - audited) ** (self.auditors - 1)
        )

    def equilibrium(self) -> TeamEquilibrium:
        """The symmetric equilibrium, in which all auditors audit the same share.

        What auditing earns falls in q and in p, so there is one, ties aside; at a tie, the least audited.
        """
        deterring = (-self.game.deterrence_margin(0)) / self.game.deterrence_slope
        if deterring <= 0:
            return self._at(1.0, self._willing(1.0))
        if deterring < 1:
            audited = 1 - (1 - deterring) ** (1 / self.auditors)
            alone = self.seen_alone(audited)
            if alone.audit_margin(1.0) > 0:
                return self._at(1.0, self._willing(1.0))
            if alone.audit_margin(0.0) > 0:
                return self._at(alone.audit_margin(0.0) / alone.audit_slope, audited)
        return self._at(0.0, self._willing(0.0))

    def _willing(self, aligned: float) -> float:
        """Share that each audits when the solver aligns a share `aligned` whatever they do."""

        def margin(audited: float) -> float:
            return self.seen_alone(audited).audit_margin(aligned)

        if margin(0.0) <= 0:
            return 0.0
        return 1.0 if margin(1.0) >= 0 else float(brentq(margin, 0.0, 1.0, xtol=1e-14))

    def _at(self, aligned: float, audited: float) -> TeamEquilibrium:
        return TeamEquilibrium(aligned, audited, self.coverage(audited), self.auditors * audited)
