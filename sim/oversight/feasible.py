"""What a principal can reach by choosing rewards within bounds, and the best of it.

p* depends on the auditor's rewards alone and q* on the solver's, so that the mixed equilibria form a rectangle. For a
wanted p, p* = p is one linear equation in the rewards, and so is q* = q: ranges are reached at corners of the bounds,
and everything between on a segment between two corners (derived).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from sim.arrays import finite_array, shorten
from sim.errors import InputError
from sim.oversight.checks import finite, inside
from sim.oversight.inspection_game import REWARDS, InspectionGame
from sim.oversight.outcomes import OutcomeValues

Bounds = Mapping[str, tuple[float, float]]
Rewards = Mapping[str, float]
SOLVER = ("aligned", "misaligned")


@dataclass(frozen=True)
class FeasibleSet:
    """Equilibria within reach.

    Attributes:
        aligned: Range of p* over the bounds; outside [0, 1] the equilibrium there is pure.
        audited: Range of q*, likewise.
        pure: Kinds of pure equilibrium within reach, sorted.
    """

    aligned: tuple[float, float]
    audited: tuple[float, float]
    pure: tuple[str, ...]


@dataclass(frozen=True)
class StaticProfile:
    """One choice of rewards and what it leads to.

    Attributes:
        rewards: The rewards that were free, by name.
        aligned: p at the equilibrium.
        audited: q at the equilibrium.
        value: Value to the principal.
    """

    rewards: Rewards
    aligned: float
    audited: float
    value: float


def feasible_set(game: InspectionGame, bounds: Bounds) -> FeasibleSet:
    """Equilibria that rewards within `bounds` lead to.

    Args:
        game: Everything that is not free.
        bounds: Least and largest value of each free reward, by its name in `InspectionGame`.

    Raises:
        InputError: Bad bounds, or bounds with a corner where audits do not deter.

    >>> game = InspectionGame(
    ...     aligned=1.0, misaligned=-1.0, catch=1.0, false_positive=0.5, audit_cost=0.2, private_gain=0.5
    ... )
    >>> feasible_set(game, {"catch": (1.0, 3.0), "misaligned": (-4.0, 0.0)}).audited
    (0.1, 0.5)
    """
    corners = [game.with_rewards(**rewards) for rewards in _corners(game, bounds)]
    aligned = [one.audit_margin(0.0) / one.audit_slope for one in corners]
    audited = [-one.deterrence_margin(0.0) / one.deterrence_slope for one in corners]
    kinds = {one.equilibrium().kind for one in corners} - {"mixed"}
    return FeasibleSet((min(aligned), max(aligned)), (min(audited), max(audited)), tuple(sorted(kinds)))


def profile_for(game: InspectionGame, bounds: Bounds, *, aligned: float, audited: float) -> dict[str, float]:
    """Rewards within `bounds` whose mixed equilibrium is exactly (p, q) = (`aligned`, `audited`).

    Raises:
        InputError: Bad bounds, or a p or q out of reach; the message gives the range.
    """
    p, q = inside("aligned", aligned), inside("audited", audited)
    corners = _corners(game, bounds)

    def deterrence(rewards: dict[str, float]) -> float:
        return game.with_rewards(**rewards).deterrence_margin(q)

    def audit(rewards: dict[str, float]) -> float:
        return game.with_rewards(**rewards).audit_margin(p)

    found: dict[str, float] = {}
    for margin, solver, field, value in ((audit, False, "aligned", p), (deterrence, True, "audited", q)):
        low, high = min(corners, key=margin), max(corners, key=margin)
        least, most = margin(low), margin(high)
        # A wanted end of the range may lie outside it by rounding.
        slack = 1e-12 * max(1.0, *map(abs, (*low.values(), *high.values())))
        if least > slack or most < -slack:
            reach = getattr(feasible_set(game, bounds), field)
            raise InputError(field, value, f"expected from {reach[0]:.4g} to {reach[1]:.4g}, what the bounds allow")
        part = 0.0 if most - least <= slack else min(max(-least / (most - least), 0.0), 1.0)
        found |= {name: low[name] + part * (high[name] - low[name]) for name in bounds if (name in SOLVER) == solver}
    return {name: found[name] for name in bounds}


def best_static_profile(
    game: InspectionGame, bounds: Bounds, values: OutcomeValues | None = None, *, margin: float = 1e-3
) -> StaticProfile:
    """The rewards within `bounds` whose equilibrium is worth most to the principal.

    The value is bilinear in (p, q): it is largest at a corner of the rectangle of mixed equilibria or at a pure one.
    Where the rectangle is cut at 0 or 1 its edge is only approached: at the edge itself worse equilibria join.

    Args:
        game: Everything that is not free; without noise, since values are those of intentions.
        bounds: Least and largest value of each free reward, by name.
        values: Values of the outcomes; those of the reference experiment by default.
        margin: Distance from 0 and 1 that a mixed equilibrium keeps, above 0 and below 1/2.

    Raises:
        InputError: For any of the conditions above; the message names the field.
    """
    values = OutcomeValues() if values is None else values
    if not 0 < finite("margin", margin) < 0.5:
        raise InputError("margin", margin, "expected above 0 and below 0.5")
    if game.noise.discrimination < 1:
        raise InputError("game.noise", game.noise, "expected no noise: outcomes are valued as intentions")
    reach = feasible_set(game, bounds)
    choices = _corners(game, bounds)
    (least_p, most_p), (least_q, most_q) = (
        (max(low, margin), min(high, 1 - margin)) for low, high in (reach.aligned, reach.audited)
    )
    if least_p <= most_p and least_q <= most_q:
        mixed = product({least_p, most_p}, {least_q, most_q})
        choices += [profile_for(game, bounds, aligned=p, audited=q) for p, q in mixed]
    return max((_outcome(game, rewards, values) for rewards in choices), key=lambda one: one.value)


def _outcome(game: InspectionGame, rewards: dict[str, float], values: OutcomeValues) -> StaticProfile:
    eq = game.with_rewards(**rewards).equilibrium()
    return StaticProfile(rewards, eq.aligned, eq.audited, values.of_play(eq.aligned, eq.audited))


def _corners(game: InspectionGame, bounds: Bounds) -> list[dict[str, float]]:
    for name, pair in bounds.items():
        if name not in REWARDS:
            raise InputError("bounds", name, f"expected names among {', '.join(REWARDS)}")
        ends = finite_array(f"bounds[{name!r}]", pair, ndim=1)
        if ends.size != 2 or ends[0] > ends[1]:
            raise InputError(f"bounds[{name!r}]", shorten(pair), "expected (least, largest)")
    corners = [dict(zip(bounds, corner, strict=True)) for corner in product(*bounds.values())]
    for rewards in corners:
        if not game.with_rewards(**rewards).cyclic:
            raise InputError("bounds", shorten(rewards), "expected aligned > misaligned, a bounty > 0 and checks < 1")
    return corners
