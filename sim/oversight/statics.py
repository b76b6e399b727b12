"""Comparative statics: what each reward and each error does to the mixed equilibrium."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.arrays import shorten
from sim.errors import InputError
from sim.oversight.inspection_game import InspectionGame


@dataclass(frozen=True)
class Statics:
    """Derivatives of the mixed equilibrium, by the name of what changes.

    Attributes:
        aligned: dp*/d(name). Zero for `aligned`, `misaligned` and `private_gain`: no penalty on the solver moves p*.
        audited: dq*/d(name). Zero for the auditor's rewards.
    """

    aligned: Mapping[str, float]
    audited: Mapping[str, float]


def comparative_statics(game: InspectionGame) -> Statics:
    """Derivatives of p* = (b - K/R)/D and q* = (T - rho)/(1 - rho) in every parameter.

    K = r_fp + r_audit, R = r_catch + r_fp + rho r_miss, T = Omega/(D (r_A - r_M)) (theory of the oversight game,
    section 1; derivatives derived). Names are those of `InspectionGame` and `Noise`.

    Raises:
        InputError: The equilibrium is not mixed, so that it does not move with the parameters.

    >>> game = InspectionGame(
    ...     aligned=1.0, misaligned=-1.0, catch=1.0, false_positive=0.5, audit_cost=0.2, private_gain=0.5
    ... )
    >>> statics = comparative_statics(game)
    >>> statics.aligned["misaligned"], round(statics.audited["misaligned"], 4)
    (0.0, 0.125)
    """
    here = require_mixed(game)
    noise, rate = game.noise, game.check_rate
    tell, bounty, cost = noise.discrimination, game.bounty, game.false_positive + game.audit_cost
    needed = game.private_gain / (tell * game.stake)
    reliability = noise.true_positive_rate - noise.false_positive_rate

    # How each parameter moves b, D, K and R, then log(T) and rho.
    auditor = {
        "catch": (0.0, 0.0, 0.0, 1.0),
        "false_positive": (0.0, 0.0, 1.0, 1.0),
        "audit_cost": (0.0, 0.0, 1.0, 0.0),
        "miss": (0.0, 0.0, 0.0, rate),
        "check_rate": (0.0, 0.0, 0.0, game.miss),
        "solver_error": (-reliability, -2 * reliability, 0.0, 0.0),
        "true_positive_rate": (1 - noise.solver_error, 1 - 2 * noise.solver_error, 0.0, 0.0),
        "false_positive_rate": (noise.solver_error, -(1 - 2 * noise.solver_error), 0.0, 0.0),
        "aligned": (0.0, 0.0, 0.0, 0.0),
        "misaligned": (0.0, 0.0, 0.0, 0.0),
        "private_gain": (0.0, 0.0, 0.0, 0.0),
    }
    in_logs = {"aligned": -1 / game.stake, "misaligned": 1 / game.stake, "private_gain": 1 / game.private_gain}

    def aligned(b: float, d: float, k: float, r: float) -> float:
        return (b - k / bounty + cost * r / bounty**2 - here.aligned * d) / tell

    def audited(name: str, d: float) -> float:
        rises = needed * (in_logs.get(name, 0.0) - d / tell) / (1 - rate)
        return rises - (1 - needed) / (1 - rate) ** 2 if name == "check_rate" else rises

    return Statics(
        aligned={name: aligned(*moves) for name, moves in auditor.items()},
        audited={name: audited(name, moves[1]) for name, moves in auditor.items()},
    )


@dataclass(frozen=True)
class MixedPoint:
    """The mixed equilibrium: `aligned` is p*, `audited` q*, both strictly between 0 and 1."""

    aligned: float
    audited: float


def require_mixed(game: InspectionGame) -> MixedPoint:
    """The mixed equilibrium of a cyclic game.

    Raises:
        InputError: `game` has none, or is not cyclic; the message says what its equilibrium is.
    """
    equilibrium = game.equilibrium()
    inner = 0 < equilibrium.aligned < 1 and 0 < equilibrium.audited < 1
    if not (game.cyclic and inner):
        raise InputError(
            "game",
            shorten(game),
            f"expected a mixed equilibrium with audits that deter; its equilibrium is p = {equilibrium.aligned:.4g}, "
            f"q = {equilibrium.audited:.4g} ({equilibrium.kind})",
        )
    return MixedPoint(equilibrium.aligned, equilibrium.audited)
