"""Does a lever still hold when a group enters, or when the coefficients are not what was thought?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.alignment_game import Incentives
from sim.arrays import Array, finite_array
from sim.design.closed_form import Centred, levels_at
from sim.design.safe import checked_threshold, safe_values
from sim.errors import InputError
from sim.estimation.draws import GameDraws
from sim.estimation.estimator import GameTerms
from sim.estimation.opinion_table import OpinionTable
from sim.maps.exclusion_map import exclusion_map


@dataclass(frozen=True, eq=False, kw_only=True)
class Entry:
    """The equilibrium under the same incentives before and after a group enters.

    Attributes:
        before: Without it, (D,).
        after: With it, in the order of the larger table, (D + 1,).
        newcomer: Index of the newcomer there.
        holds: Whether every group, the newcomer too, reaches the threshold afterwards.
    """

    before: Array
    after: Array
    newcomer: int
    holds: bool


def entry(
    before: GameTerms, after: GameTerms, newcomer: int, incentives: Incentives, *, threshold: float = 0.05
) -> Entry:
    """Solve a game without and with a newcomer.

    Args:
        before: a, C and S of the smaller table.
        after: The same of the larger one: everything is estimated anew, since shares and the mean answer move.
        newcomer: Index of the newcomer in `after`.
        incentives: The lever, chosen without knowing the newcomer.
        threshold: Weight that every group shall have.

    Raises:
        InputError: The tables differ by more than one group, or a bad index, incentives or threshold.
    """
    size = len(after.attractiveness)
    checked_threshold(threshold, size)
    if len(before.attractiveness) != size - 1:
        raise InputError("before", f"{len(before.attractiveness)} groups", f"expected {size - 1}: one group enters")
    if not 0 <= newcomer < size:
        raise InputError("newcomer", newcomer, f"expected an index below {size}")
    small, large = _solved(before, incentives), _solved(after, incentives)
    return Entry(before=small, after=large, newcomer=newcomer, holds=bool(large.min() >= threshold))


def without_group(table: OpinionTable, group: str) -> OpinionTable:
    """The table without one group; the shares of the others are scaled to one.

    Raises:
        InputError: No such group, or fewer than two would be left.
    """
    if group not in table.groups:
        raise InputError("group", repr(group), f"expected one of {', '.join(table.groups)}")
    kept = [g for g, name in enumerate(table.groups) if name != group]
    return replace(
        table,
        groups=tuple(table.groups[g] for g in kept),
        shares=table.shares[kept] / table.shares[kept].sum(),
        probabilities=tuple(each[kept] for each in table.probabilities),
        sizes=None if table.sizes is None else table.sizes[kept],
    )


def with_group(
    table: OpinionTable, group: str, answers: Sequence[ArrayLike], share: float, *, size: float | None = None
) -> OpinionTable:
    """The table with one group more, in last place; the shares of the others shrink to make room.

    Args:
        table: The table.
        group: Its name, a new one.
        answers: Its answer distribution on every question, (K_q,) each.
        share: Its share of the population afterwards, above 0 and below 1.
        size: Effective number of respondents behind its answers; asked for where the table has such numbers.

    Raises:
        InputError: A share out of range, answers that don't fit, or the size missing.
    """
    if not 0 < share < 1:
        raise InputError("share", share, "expected a share of the population above 0 and below 1")
    if len(answers) != len(table.questions):
        raise InputError("answers", f"{len(answers)} distributions", f"expected {len(table.questions)}")
    if table.sizes is not None and size is None:
        raise InputError("size", size, "the table counts respondents: say how many answered for the newcomer")
    rows = [finite_array(f"answers[{q}]", each, ndim=1) for q, each in enumerate(answers)]
    for q, (row, known) in enumerate(zip(rows, table.probabilities, strict=True)):
        if row.size != known.shape[1]:
            raise InputError(f"answers[{q}]", f"{row.size} options", f"expected {known.shape[1]}")
    return replace(
        table,
        groups=(*table.groups, group),
        shares=np.append((1 - share) * table.shares, share),
        probabilities=tuple(np.vstack([known, row]) for known, row in zip(table.probabilities, rows, strict=True)),
        sizes=None if table.sizes is None else np.vstack([table.sizes, np.full(len(rows), size)]),
    )


class Tolerance(NamedTuple):
    """Factors between a true coefficient and the assumed one at which the lever still holds.

    Attributes:
        low: Least factor, 0 if any smaller one will do; 1 if none.
        high: Greatest, possibly infinite.
    """

    low: float
    high: float


def tolerance(terms: GameTerms, incentives: Incentives, coefficient: str, *, threshold: float = 0.05) -> Tolerance:
    """How far off one true coefficient may be: the interval of factors around 1 in which every group is kept. Exact.

    Args:
        terms: a, C and S.
        incentives: The lever, as it was thought to be.
        coefficient: Which one is misestimated; above zero.
        threshold: Weight that every group shall have.

    Raises:
        InputError: Unknown coefficient or one at zero, a threshold out of range, or a lever that does not hold at all.

    >>> terms = GameTerms(np.array([0.5, 0.3, 0.2]), np.diag([0.3, 0.3, 0.6]), np.eye(3))
    >>> tolerance(terms, Incentives(2.6, 1.0, 1.0), "attractiveness")  # safe up to 3.25
    Tolerance(low=0.0, high=1.25)
    """
    intervals = safe_values(terms, incentives, coefficient, threshold)
    value = getattr(incentives, coefficient)
    if value <= 0:
        raise InputError(f"incentives.{coefficient}", value, "zero times any factor is zero: nothing to be wrong about")
    inside = [(low, high) for low, high in intervals if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]
    if not inside:
        raise InputError("incentives", incentives, f"at these some group is below {threshold:g} already")
    low, high = inside[0]
    return Tolerance(round(float(min(low / value, 1.0)), 10), round(float(max(high / value, 1.0)), 10))


def joint_tolerance(terms: GameTerms, incentives: Incentives, *, threshold: float = 0.05, points: int = 81) -> float:
    """The largest factor f such that the lever holds whenever each true coefficient is within 1/f and f of what it is.

    Whatever bA, at a fixed ratio bD / bI, in closed form; ratios are scanned at `points` places across the range.

    Args:
        terms: a, C and S.
        incentives: The lever; all coefficients above zero.
        threshold: Weight that every group shall have.
        points: Ratios that are tried.

    Returns:
        f, 1 if the lever bears no error; at most 1000.

    Raises:
        InputError: A coefficient at zero, or a threshold out of range.
    """
    checked_threshold(threshold, len(terms.attractiveness))
    pull, own, crowd = incentives.attractiveness, incentives.inconsistency, incentives.diversity
    if min(pull, own, crowd) <= 0:
        raise InputError("incentives", incentives, "expected all three above zero: factors of zero are zero")
    centred, unit = Centred.of(GameDraws.of([terms])), np.linspace(-2, 2, points)

    def good(error: float) -> bool:
        for ratio in error * unit:
            # With l_D - l_I = ratio, both within the error, l_A - l_I takes every value between these two.
            lowest, highest = -error - min(error, error - ratio), error - max(-error, -error - ratio)
            low, high = (float(each[0]) for each in levels_at(centred, own, crowd * float(np.exp(ratio)), threshold))
            if not (low <= pull * np.exp(lowest) and pull * np.exp(highest) <= high):
                return False
        return True

    low, high = 0.0, float(np.log(1000.0))
    if good(high):
        return 1000.0
    while high - low > 1e-7:
        middle = (low + high) / 2
        low, high = (middle, high) if good(middle) else (low, middle)
    return float(np.exp(low))


def _solved(terms: GameTerms, incentives: Incentives) -> Array:
    grid: dict[str, ArrayLike] = {
        "attractiveness": [incentives.attractiveness],
        "inconsistency": [incentives.inconsistency],
        "diversity": incentives.diversity,
    }
    mixture: Array = exclusion_map(**terms._asdict(), grid=grid).mixtures[0, 0]
    return mixture
