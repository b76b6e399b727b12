"""Random checks: what looking at unaudited outputs with probability rho does to the inspection game."""

from __future__ import annotations

from dataclasses import dataclass

from sim.oversight.inspection_game import InspectionGame


@dataclass(frozen=True)
class CheckRates:
    """Check rates that make (aligned, unaudited) the unique equilibrium: those strictly between the two.

    Attributes:
        above: Omega / (D (r_A - r_M)), the smallest: from there on, checks deter without any audit. At this rate itself
            the solver is indifferent, and every p from p* to 1 is an equilibrium beside q = 0.
        below: The rate at which checks make audits of an aligned solver pay, or infinity. Only a noisy verdict together
            with a penalty on misses makes it finite.
    """

    above: float
    below: float

    @property
    def exist(self) -> bool:
        """Whether any check rate up to 1 does it."""
        return self.above < min(self.below, 1.0)


def deterring_check_rates(game: InspectionGame) -> CheckRates:
    """Check rates of `game` that align the solver and leave the auditor nothing to do; `game.check_rate` is ignored.

    The solver aligns for every q iff rho D (r_A - r_M) > Omega. The auditor then leaves an aligned solver alone iff
    a (r_catch + r_fp + rho r_miss) < r_fp + r_audit, with a = b - D the chance of a false alarm (derived).

    >>> game = InspectionGame(
    ...     aligned=1.0, misaligned=-1.0, catch=1.0, false_positive=0.5, audit_cost=0.2, private_gain=0.5
    ... )
    >>> deterring_check_rates(game)
    CheckRates(above=0.25, below=inf)
    """
    worth = game.noise.discrimination * game.stake
    above = game.private_gain / worth if worth > 0 else float("inf")
    alarm = game.noise.suspicion_aligned
    spare = game.false_positive + game.audit_cost - alarm * (game.catch + game.false_positive)
    steep = alarm * game.miss
    if steep > 0:
        return CheckRates(above, spare / steep)
    # Where checks do not invite audits, they can only put them off (r_miss < 0), if they are frequent enough.
    if spare > 0:
        return CheckRates(above, float("inf"))
    return CheckRates(max(above, spare / steep) if steep < 0 else float("inf"), float("inf"))
