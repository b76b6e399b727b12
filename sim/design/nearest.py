"""The nearest incentives that are safe in enough draws: along one coefficient, or by all together.

Only ratios of the coefficients matter, so a change is measured by the logarithms of its factors with a common factor
left free: size^2 = sum_i (l_i - mean l)^2 over the coefficients above zero, l_i = log(new_i / old_i). The gauge is the
one in which their geometric mean stays.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.alignment_game import Incentives
from sim.arrays import Array
from sim.design.closed_form import COEFFICIENTS, Centred, levels_at
from sim.design.safe import intervals_of

WIDEST = 1e6
"""Factor up to which the ratio of diversity to inconsistency is searched, up and down."""
_COARSE, _FINE, _ROUNDS = 321, 41, 5


def size_of(new: Incentives, old: Incentives) -> float:
    """Size of a change, as the module says; infinite where a coefficient comes from zero or goes there.

    >>> round(size_of(Incentives(2.0, 2.0, 4.0), Incentives(1.0, 1.0, 1.0)), 3)  # the same as doubling diversity alone
    0.566
    """
    before, after = (np.array([getattr(each, name) for name in COEFFICIENTS]) for each in (old, new))
    if ((before > 0) != (after > 0)).any():
        return float("inf")
    logs = np.log(after[before > 0] / before[before > 0])
    return float(np.linalg.norm(logs - logs.mean())) if logs.size else 0.0


def alone(centred: Centred, incentives: Incentives, name: str, threshold: float, need: int) -> Incentives | None:
    """The nearest value of one coefficient that is safe in `need` draws."""
    present = getattr(incentives, name)
    found = np.concatenate(
        [intervals_of(centred, draw, incentives, name, threshold) for draw in range(len(centred.attractiveness))]
    )
    # With a present value above zero nearness is in logarithms, from zero it is in the value itself.
    scaled = _log(found / present) if present > 0 else found
    nearest = _nearest_covered(scaled[:, 0], scaled[:, 1], 0.0, need)
    if nearest is None or not np.isfinite(nearest):
        return None
    return _with(incentives, **{name: present * float(np.exp(nearest)) if present > 0 else nearest})


def together(centred: Centred, incentives: Incentives, threshold: float, need: int) -> Incentives | None:
    """The nearest point by all coefficients that are above zero, in `need` draws."""
    pull, own, crowd = (getattr(incentives, name) for name in COEFFICIENTS)
    count = sum(price > 0 for price in (pull, own, crowd))
    both = own > 0 and crowd > 0

    def cost(ratio: float) -> tuple[float, float]:
        """Squared size of the least change in bA (a log) for a log change of bD / bI; and that change."""
        # Only the ratio counts here; dividing bI keeps numbers moderate where the ratio grows.
        scale = np.exp(max(ratio, 0.0))
        low, high = levels_at(centred, own / scale, crowd * np.exp(ratio) / scale, threshold)
        if pull == 0:
            held = int(np.sum(low <= 0))
            return (ratio**2 * (1 - 1 / count), 0.0) if held >= need else (np.inf, 0.0)
        best = ratio / (count - 1) if both else 0.0
        low, high = (_log(levels * scale / pull) for levels in (low, high))
        level = _nearest_covered(low, high, best, need)
        if level is None or not np.isfinite(level):
            return np.inf, 0.0
        return level**2 + ratio**2 - (level + ratio) ** 2 / count, level

    if not both:
        found = (0.0, *cost(0.0)) if own > 0 or crowd > 0 else (0.0, np.inf, 0.0)
    else:
        found = _scanned(cost, _widest(centred, incentives, threshold, need))
    ratio, squared, level = found
    if not np.isfinite(squared):
        return None
    mean = (level + ratio) / count
    return Incentives(
        pull * float(np.exp(level - mean)) if pull > 0 else 0.0,
        own * float(np.exp(-mean)),
        crowd * float(np.exp(ratio - mean)),
    )


def _widest(centred: Centred, incentives: Incentives, threshold: float, need: int) -> float:
    """How far log(bD / bI) needs to be searched: any change by one coefficient bounds the best one by all."""
    single = [alone(centred, incentives, name, threshold, need) for name in COEFFICIENTS]
    sizes = [size_of(point, incentives) for point in single if point is not None]
    # size^2 >= ratio^2 / 2, whatever bA does.
    return min(float(np.sqrt(2)) * min(sizes, default=np.inf) * 1.01 + 1e-9, float(np.log(WIDEST)))


def _scanned(cost: Callable[[float], tuple[float, float]], widest: float) -> tuple[float, float, float]:
    """The least cost on a grid of ratios, then on ever finer ones around the best: (ratio, cost, level)."""
    best, middle, points = (0.0, np.inf, 0.0), 0.0, _COARSE
    for _ in range(1 + _ROUNDS):
        step = 2 * widest / (points - 1)
        for ratio in middle + np.linspace(-widest, widest, points):
            squared, level = cost(float(ratio))
            if squared < best[1]:
                best = (float(ratio), squared, level)
        if not np.isfinite(best[1]):
            return best
        middle, widest, points = best[0], 1.5 * step, _FINE
    return best


def _nearest_covered(low: Array, high: Array, target: float, need: int) -> float | None:
    """The point nearest to `target` in at least `need` of the intervals [low, high]; None if there is none."""
    some = low <= high
    starts, ends = np.sort(low[some]), np.sort(high[some])
    points = np.concatenate([[target], starts, ends])
    covered = np.searchsorted(starts, points, "right") - np.searchsorted(ends, points, "left")
    points = points[(covered >= need) & np.isfinite(points)]
    return float(points[np.abs(points - target).argmin()]) if points.size else None


def _with(incentives: Incentives, **changes: float) -> Incentives:
    values = {name: getattr(incentives, name) for name in COEFFICIENTS}
    return Incentives(**{**values, **changes})


def _log(values: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        logs: Array = np.log(np.maximum(values, 0.0))
    return logs
