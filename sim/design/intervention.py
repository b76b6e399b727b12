"""The smallest change of incentives that brings every group to a threshold, and the proof that it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from sim.alignment_game import Incentives
from sim.arrays import Array, positive, read_only
from sim.design.closed_form import COEFFICIENTS, Centred
from sim.design.nearest import alone, size_of, together
from sim.design.safe import checked_coefficient, checked_threshold
from sim.errors import InputError
from sim.estimation.draws import GameDraws
from sim.maps.risk import point_risk


@dataclass(frozen=True, eq=False, kw_only=True)
class Change:
    """Incentives that bring every group to the threshold, certified by solving the equilibrium there anew.

    Attributes:
        incentives: The new coefficients: these very numbers were certified.
        changed: Names of the coefficients that differ.
        size: Size of the change as the module says; infinite if a coefficient was zero.
        mixtures: Equilibrium of every draw, boundary included, at the new incentives, (B, D).
        share: Share of the draws in which every group has at least the threshold; at least what was asked for.
    """

    incentives: Incentives
    changed: tuple[str, ...]
    size: float
    mixtures: Array
    share: float


def smallest_change(
    draws: GameDraws,
    incentives: Incentives,
    *,
    threshold: float = 0.05,
    coefficient: str | None = None,
    share: float = 1.0,
    digits: int = 3,
) -> Change | None:
    """The smallest change of one coefficient, or of all together, with every group at the threshold or above.

    One coefficient: exact, by all crossings along it (`safe_values`). Together: for each ratio bD / bI the safe bA form
    an interval known in closed form, whose best point is too; the ratio is scanned on a log grid and the best place
    refined. A safe region narrower than a step of the scan (a factor of 1.09 in the ratio, finer where some single
    coefficient gives a bound) can be missed. A coefficient at zero has no logarithm: it is raised alone or not at all.

    What is found is rounded inwards to as few digits as keep it safe, and then solved by the method of the maps, which
    knows nothing of the closed form used here.

    Args:
        draws: a, C and S of each draw; for a point estimate `GameDraws.of([terms])`.
        incentives: The present coefficients.
        threshold: Weight that every group shall have, above 0 and below 1/D.
        coefficient: "attractiveness", "inconsistency" or "diversity"; None for all together.
        share: Share of the draws in which it shall hold, above 0 and at most 1.
        digits: Significant digits to start from.

    Returns:
        The change; the present incentives with size 0 if they will do; None if no change suffices (together: none that
        changes the ratio by a factor of up to 10^6).

    Raises:
        InputError: Unknown coefficient, a threshold or share out of range, or draws that make no game.

    >>> from sim.estimation.estimator import GameTerms
    >>> terms = GameTerms(np.array([0.5, 0.3, 0.2]), np.diag([0.3, 0.3, 0.6]), np.eye(3))
    >>> found = smallest_change(GameDraws.of([terms]), Incentives(5.0, 1.0, 1.0), coefficient="diversity")
    >>> found.incentives, bool(found.mixtures.min() >= 0.05)
    (Incentives(attractiveness=5.0, inconsistency=1.0, diversity=1.83), True)
    """
    checked_threshold(threshold, draws.attractiveness.shape[1])
    if positive("share", share) > 1:
        raise InputError("share", share, "expected a share of the draws, above 0 and at most 1")
    need = int(np.ceil(share * draws.count - 1e-9))

    def solved(point: Incentives) -> tuple[Array, int]:
        mixtures = point_risk(draws, point, threshold=threshold).mixtures
        return mixtures, int(np.sum(mixtures.min(axis=1) >= threshold))

    if _solvable(incentives) and solved(incentives)[1] >= need:
        best: Incentives | None = incentives
    elif coefficient is not None:
        best = alone(Centred.of(draws), incentives, checked_coefficient(coefficient), threshold, need)
    else:
        best = together(Centred.of(draws), incentives, threshold, need)
    if best is None:
        return None
    if best != incentives:
        best = _rounded(best, incentives, digits, lambda point: solved(point)[1] >= need)
    if best is None:
        return None
    mixtures, held = solved(best)
    return Change(
        incentives=best,
        changed=tuple(name for name in COEFFICIENTS if getattr(best, name) != getattr(incentives, name)),
        size=size_of(best, incentives),
        mixtures=read_only(mixtures),
        share=held / draws.count,
    )


def largest_threshold(draws: GameDraws, incentives: Incentives, *, coefficient: str | None = None) -> float:
    """The largest weight that every group can have at once by changing one coefficient, or all together.

    To 4 digits, by bisection; what `smallest_change` could do at best where it finds nothing. 0 if some group has
    weight zero whatever the change.

    Args:
        draws: As of `smallest_change`; it must hold in every draw.
        incentives: The present coefficients.
        coefficient: As of `smallest_change`.

    Raises:
        InputError: Unknown coefficient.
    """
    centred, low, high = Centred.of(draws), 0.0, 1 / draws.attractiveness.shape[1]
    name = None if coefficient is None else checked_coefficient(coefficient)
    while high - low > 1e-4 * high and high > 1e-6:
        middle = (low + high) / 2
        if name is None:
            reached = together(centred, incentives, middle, draws.count)
        else:
            reached = alone(centred, incentives, name, middle, draws.count)
        low, high = (low, middle) if reached is None else (middle, high)
    return low


def _rounded(
    point: Incentives, present: Incentives, digits: int, good: Callable[[Incentives], bool]
) -> Incentives | None:
    """The nearest of the good points with the fewest digits, each changed coefficient rounded up or down."""
    for kept in range(digits, 13):
        choices = []
        for name in COEFFICIENTS:
            value = getattr(point, name)
            if value == getattr(present, name) or value == 0:
                choices.append([value])
                continue
            unit = 10.0 ** (np.floor(np.log10(value)) - kept + 1)
            # Through text: the number of few digits itself, not a product that only comes near it.
            choices.append(
                [float(f"{whole * unit:.{kept}g}") for whole in (np.floor(value / unit), np.ceil(value / unit))]
            )
        points = sorted((Incentives(*each) for each in product(*choices)), key=lambda p: size_of(p, present))
        for candidate in points:
            if _solvable(candidate) and good(candidate):
                return candidate
    return None


def _solvable(incentives: Incentives) -> bool:
    """Whether these incentives make a game: without inconsistency and diversity no mixture is settled."""
    return incentives.inconsistency > 0 or incentives.diversity > 0
