"""The inspection game: a solver may misalign, an auditor may look.

    I1(q) = (q + (1-q) rho) D (r_A - r_M) - Omega                                what aligning earns the solver
    I2(p) = (b - p D)(r_catch + r_fp + rho r_miss) - r_fp - r_audit               what auditing earns the auditor

Model: arXiv 2605.01643. Formulas: theory of the oversight game, section 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from sim.arrays import Array, non_negative, read_only, shorten
from sim.errors import InputError
from sim.oversight.checks import finite, share
from sim.oversight.equilibria import Equilibrium, EquilibriumSet, equilibrium_sets, worst
from sim.oversight.noise import Noise

REWARDS = ("aligned", "misaligned", "catch", "false_positive", "audit_cost", "miss")


@dataclass(frozen=True, kw_only=True)
class InspectionGame:
    """One solver, who aligns with probability p, and one auditor, who audits with probability q.

    Attributes:
        aligned: r_A, the solver's reward for an output not found misaligned.
        misaligned: r_M, its reward for an output found misaligned.
        catch: r_catch, the auditor's reward for a verdict "misaligned".
        false_positive: r_fp, what a verdict "aligned" costs the auditor who asked for it.
        audit_cost: r_audit, what an audit costs whatever it finds.
        private_gain: Omega >= 0, what misaligning gives the solver, found or not.
        check_rate: rho, probability that an output nobody audited is resolved anyway, 0 <= rho <= 1.
        miss: r_miss, what the auditor loses when such a check finds an error.
        noise: Errors of solver and resolver; none by default.

    Rewards are finite numbers of either sign, all in one unit.

    Raises:
        InputError: At construction, for any of the conditions above; the message names the field.

    >>> game = InspectionGame(
    ...     aligned=1.0, misaligned=-1.0, catch=1.0, false_positive=0.5, audit_cost=0.2, private_gain=0.5
    ... )
    >>> eq = game.equilibrium()
    >>> eq.kind, round(eq.aligned, 4), round(eq.audited, 4)
    ('mixed', 0.5333, 0.25)
    """

    aligned: float
    misaligned: float
    catch: float
    false_positive: float
    audit_cost: float
    private_gain: float
    check_rate: float = 0.0
    miss: float = 0.0
    noise: Noise = field(default_factory=Noise)

    def __post_init__(self) -> None:
        for name in REWARDS:
            object.__setattr__(self, name, finite(name, getattr(self, name)))
        object.__setattr__(self, "private_gain", non_negative("private_gain", self.private_gain))
        object.__setattr__(self, "check_rate", share("check_rate", self.check_rate))
        if not isinstance(self.noise, Noise):
            raise InputError("noise", shorten(self.noise), "expected a Noise(...) object")

    @property
    def stake(self) -> float:
        """What a verdict "misaligned" costs the solver, r_A - r_M."""
        return self.aligned - self.misaligned

    @property
    def bounty(self) -> float:
        """What "misaligned" is worth to the auditor beside "aligned", r_catch + r_fp + rho r_miss."""
        return self.catch + self.false_positive + self.check_rate * self.miss

    @property
    def cyclic(self) -> bool:
        """Whether audits deter and alignment discourages audits, slopes included: the case with a centre."""
        return self.deterrence_slope > 0 and self.audit_slope > 0

    @property
    def deterrence_slope(self) -> float:
        """dI1/dq = (1 - rho) D (r_A - r_M)."""
        return (1 - self.check_rate) * self.noise.discrimination * self.stake

    @property
    def audit_slope(self) -> float:
        """-dI2/dp = D (r_catch + r_fp + rho r_miss)."""
        return self.noise.discrimination * self.bounty

    def deterrence_margin(self, audited: float) -> float:
        """What aligning earns the solver beside misaligning, I1, when a share q = `audited` is audited."""
        detection = audited + (1 - audited) * self.check_rate
        return detection * self.noise.discrimination * self.stake - self.private_gain

    def audit_margin(self, aligned: float) -> float:
        """What auditing earns the auditor beside not auditing, I2, when a share p = `aligned` is aligned."""
        found = self.noise.suspicion_misaligned - aligned * self.noise.discrimination
        return found * self.bounty - self.false_positive - self.audit_cost

    def solver_payoffs(self) -> Array:
        """Rows align and misalign, columns audit and not, shape (2, 2)."""
        rows = [(self.noise.suspicion_aligned, 0.0), (self.noise.suspicion_misaligned, self.private_gain)]
        table = [
            [self.aligned + gain - looked * found * self.stake for looked in (1, self.check_rate)]
            for found, gain in rows
        ]
        return read_only(np.array(table))

    def auditor_payoffs(self) -> Array:
        """Rows align and misalign, columns audit and not, shape (2, 2)."""
        table = [
            [
                found * self.catch - (1 - found) * self.false_positive - self.audit_cost,
                -found * self.check_rate * self.miss,
            ]
            for found in (self.noise.suspicion_aligned, self.noise.suspicion_misaligned)
        ]
        return read_only(np.array(table))

    def equilibria(self) -> tuple[EquilibriumSet, ...]:
        """Every equilibrium, pure, mixed or in a continuum; one set each, points unless a margin is exactly zero."""
        return equilibrium_sets(
            deterrence=(self.deterrence_margin(0), self.deterrence_margin(1)),
            audit=(self.audit_margin(0), self.audit_margin(1)),
            scale=max(1.0, *(abs(getattr(self, name)) for name in REWARDS), self.private_gain) * 1e-12,
        )

    def equilibrium(self) -> Equilibrium:
        """The equilibrium, or, where there are several, the worst: least aligned, then least audited.

        Several exist only where a margin is exactly zero (then this is the limit of games a little worse for the
        principal) or where `bounty` < 0 (the auditor likes to confirm: a game of coordination).
        """
        return worst(self.equilibria())

    def with_rewards(self, **rewards: float) -> InspectionGame:
        """The same game under other rewards; what is not given stays.

        Raises:
            InputError: Not the name of a reward, or a bad value.
        """
        for name in rewards:
            if name not in REWARDS:
                raise InputError("rewards", name, f"expected names among {', '.join(REWARDS)}")
        return replace(self, **rewards)  # type: ignore[arg-type]
