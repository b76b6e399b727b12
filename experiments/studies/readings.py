"""What each statement of the paper comes to under one reading of a, C and S."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from experiments.studies.evidence import axis
from experiments.studies.middle import correlation, middle_rank, two_slices
from sim.errors import InputError
from sim.estimation import GameTerms
from sim.maps import ExclusionMap, exclusion_map
from sim.maps.bands import exclusion_bands, plane_shares

ACROSS = 801
"""Values of attractiveness behind a share of cells with boundary equilibria."""
STATEMENTS = {
    "excludes": "some group is excluded by all",
    "contiguous": "exclusion regions are contiguous",
    "same group": "the same group is excluded most",
    "fewer black": "diversity shrinks the excluded region",
    "fewer out": "diversity leaves the group out less",
    "C suppressed": "inconsistency suppresses the largest C_dd",
    "a gains": "attractiveness concentrates on the largest a",
    "middle": "the middle survives (tau > 0)",
    "attractive": "the attractive survive (tau > 0)",
}
"""Short name -> statement."""


class Reading(NamedTuple):
    """One reading.

    Attributes:
        holds: By statement's short name, or None where it can't be tested.
        group: The group that is excluded most at bD = 1, or "".
        refused: Why the reading makes no game, or "".
    """

    holds: dict[str, bool | None]
    group: str
    refused: str


def read(
    terms: GameTerms, groups: tuple[str, ...], *, usual: str, crowd: float, points: int, threshold: float
) -> Reading:
    """Test every statement on one game.

    Args:
        terms: a, C and S.
        groups: Names of the groups.
        usual: The group that the default reading excludes most.
        crowd: Diversity that stands for bD = 1: M - 1 where crowding is summed over the others.
        points: Points along bI and along a slice.
        threshold: Weight below which a group counts as excluded.
    """
    try:
        return _tested(terms, groups, usual=usual, crowd=crowd, points=points, threshold=threshold)
    except InputError as error:
        return Reading(dict.fromkeys(STATEMENTS), "", str(error))


def _tested(
    terms: GameTerms, groups: tuple[str, ...], *, usual: str, crowd: float, points: int, threshold: float
) -> Reading:
    def solved(diversity: float) -> ExclusionMap:
        grid: dict[str, ArrayLike] = {
            "attractiveness": axis(ACROSS),
            "inconsistency": axis(points),
            "diversity": diversity,
        }
        return exclusion_map(**terms._asdict(), grid=grid, threshold=threshold, keep="areas", groups=groups)

    without, rewarded = solved(0.0), solved(crowd)
    before, black = (
        plane_shares(**terms._asdict(), diversity=level, threshold=threshold).excluded for level in (0.0, crowd)
    )
    focal = int(before.argmax())
    bands = exclusion_bands(**terms._asdict(), ratios=np.logspace(-4, 4, 801), threshold=threshold)
    parts = max(bands.pieces(d) for d in range(len(groups)))
    slices = two_slices(terms, axis(points), threshold)
    weights, own = slices.inconsistency.mixtures[-1], np.diag(terms.inconsistency)
    excluded = bool(black.max() > 0)
    most = groups[int(np.argmax(black))] if excluded else ""
    return Reading(
        {
            "excludes": excluded,
            "contiguous": parts == 1 if parts else None,
            "same group": most == usual if excluded else None,
            "fewer black": bool(black[focal] < before[focal]) if before[focal] > 0 else None,
            "fewer out": rewarded.unrepresented_area(focal) < without.unrepresented_area(focal),
            "C suppressed": int(weights.argmin()) == int(own.argmax()),
            "a gains": int(slices.attractiveness.mixtures[-1].argmax()) == int(terms.attractiveness.argmax()),
            "middle": correlation(middle_rank(terms), slices.survival) > 0,
            "attractive": correlation(terms.attractiveness, slices.survival) > 0,
        },
        most,
        "",
    )
