"""Which values of one coefficient keep every group at or above a threshold: all of them, exactly."""

from __future__ import annotations

import numpy as np

from sim.alignment_game import Incentives
from sim.arrays import Array, positive, read_only, shorten
from sim.design.closed_form import COEFFICIENTS, Centred
from sim.design.line import Line
from sim.errors import InputError
from sim.estimation.draws import GameDraws
from sim.estimation.estimator import GameTerms


def safe_values(terms: GameTerms, incentives: Incentives, coefficient: str, threshold: float) -> Array:
    """All values of one coefficient, the others held, at which every group reaches the threshold.

    Crowding is averaged over the other accounts, as in maps. w_d(t) = threshold is a linear eigenvalue problem in the
    coefficient t, so every crossing is found, and what holds between two of them is read off in between. Each end is
    then found by bisection, to 12 digits, from inside.

    Args:
        terms: a, C and S.
        incentives: The present coefficients; that of `coefficient` doesn't matter.
        coefficient: "attractiveness", "inconsistency" or "diversity".
        threshold: Weight that every group shall have, above 0 and below 1/D.

    Returns:
        Intervals [from, to], ascending, (K, 2); `to` may be infinite. K = 0: no value does it.

    Raises:
        InputError: Unknown coefficient, or a threshold out of range.

    >>> terms = GameTerms(np.array([0.5, 0.3, 0.2]), np.diag([0.3, 0.3, 0.6]), np.eye(3))
    >>> safe_values(terms, Incentives(5.0, 1.0, 1.0), "attractiveness", 0.05).round(4).tolist()
    [[0.0, 3.25]]
    >>> safe_values(terms, Incentives(5.0, 1.0, 1.0), "diversity", 0.05).round(4).tolist()
    [[1.8235, inf]]
    """
    checked_threshold(threshold, len(terms.attractiveness))
    return intervals_of(Centred.of(GameDraws.of([terms])), 0, incentives, checked_coefficient(coefficient), threshold)


def intervals_of(centred: Centred, draw: int, incentives: Incentives, coefficient: str, threshold: float) -> Array:
    """`safe_values` of one draw, unchecked."""
    line = Line.of(centred, draw, incentives, coefficient)
    crossings = line.crossings(threshold)
    inner = np.sqrt(crossings[:-1] * crossings[1:])
    between = np.concatenate([[0.0], crossings[:1] / 2, inner, crossings[-1:] * 2])
    if crossings.size == 0:
        between = np.array([0.0, line.unit])
    good = [line.safe(value, threshold) for value in between]
    found: list[list[float]] = []
    for k in np.flatnonzero(good):
        if k > 0 and good[k - 1]:
            continue
        last = int(k)
        while last + 1 < len(good) and good[last + 1]:
            last += 1
        low = 0.0 if k == 0 else line.edge(between[k - 1], between[k], threshold)
        high = np.inf if last == len(good) - 1 else line.edge(between[last + 1], between[last], threshold)
        found.append([low, high])
    return read_only(np.array(found).reshape(-1, 2))


def checked_threshold(threshold: float, dimension: int) -> None:
    """Refuse a threshold that is not above zero and below 1/D.

    Raises:
        InputError: It is not.
    """
    if positive("threshold", threshold) >= 1 / dimension:
        remedy = f"{dimension} groups cannot all have it; ask for less than {1 / dimension:.6g}"
        raise InputError("threshold", threshold, remedy)


def checked_coefficient(name: str) -> str:
    """Refuse a name that is no coefficient.

    Raises:
        InputError: It is none.
    """
    if name not in COEFFICIENTS:
        raise InputError("coefficient", shorten(name), f"expected one of {', '.join(COEFFICIENTS)}")
    return name
