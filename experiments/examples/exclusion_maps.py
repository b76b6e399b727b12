"""Who is left out under which incentives: writes docs/images/exclusion_maps.png.

Five groups shaped like the parties of a 2020 survey of American voters: one small, slightly inconsistent group between
two large camps. Run it with: python -m experiments.examples.exclusion_maps
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from experiments.report.figures import png
from experiments.report.map_figure import fixed_title, map_figure
from sim.maps import ExclusionMap, exclusion_map, three_planes

GROUPS = ("Democrat", "lean Democrat", "Unaligned", "lean Republican", "Republican")
ATTRACTIVENESS = np.array([0.320, 0.180, 0.051, 0.162, 0.287])
INCONSISTENCY = np.diag([0.297, 0.310, 0.328, 0.306, 0.292])
SIMILARITY = np.eye(5)
CAPTION = (
    "Five groups; attractiveness .320 .180 .051 .162 .287 and own inconsistency .297 .310 .328 .306 .292 as in the"
    " FiveThirtyEight non-voter survey of 2020, no inconsistency between groups, similarity = overlap of mixtures."
    " Homogeneous equilibrium, {points} x {points} points a map (experiments/examples/exclusion_maps.py)."
)
PICTURE = Path(__file__).parents[2] / "docs" / "images" / "exclusion_maps.png"


def maps(points: int = 200) -> dict[str, ExclusionMap]:
    """The three planes through (1, 1, 1), and the plane of attractiveness and inconsistency without diversity."""
    axis = np.logspace(-2, 2, points)
    planes = three_planes(
        attractiveness=ATTRACTIVENESS,
        inconsistency=INCONSISTENCY,
        similarity=SIMILARITY,
        values=axis,
        groups=GROUPS,
    )
    undiversified = exclusion_map(
        attractiveness=ATTRACTIVENESS,
        inconsistency=INCONSISTENCY,
        similarity=SIMILARITY,
        grid={"attractiveness": axis, "inconsistency": axis, "diversity": 0.0},
        groups=GROUPS,
    )
    chosen = (undiversified, planes.fixed_diversity, planes.fixed_inconsistency, planes.fixed_attractiveness)
    return {fixed_title(found): found for found in chosen}


def main() -> None:
    """Draw and write the picture."""
    figure = map_figure(maps(), "Unaligned", caption=CAPTION.format(points=200))
    PICTURE.write_bytes(png(figure))


if __name__ == "__main__":
    main()
