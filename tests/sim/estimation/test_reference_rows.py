"""The published survey tables give the reference values of theory.md, section 7, to the printed digits."""

import numpy as np
import pytest

from agents.subpopulations.sources import long_form
from sim.alignment_game import Incentives
from sim.equilibrium import homogeneous_equilibrium
from sim.estimation import bhattacharyya, estimate_game

PARTY, SIDE, IDEOLOGY = (
    "fivethirtyeight_nonvoters_party5",
    "ces2018_sample_side6",
    "ces2018_sample_ideology5",
)
NAMES = {
    PARTY: ("Democrat", "Lean Democrat", "Unaligned", "Lean Republican", "Republican"),
    SIDE: ("Left / news", "Left / social", "Center / news", "Center / social", "Right / news", "Right / social"),
    IDEOLOGY: ("Very liberal", "Liberal", "Moderate", "Conservative", "Very conservative"),
}
ROWS = [
    (PARTY, (1, 1, 0), (0.394, 0.141, 0, 0.114, 0.351), -0.052),
    (PARTY, (1, 1, 1), (0.395, 0.137, 0, 0.108, 0.360), -0.039),
    (PARTY, (0.5, 1, 0), (0.310, 0.175, 0.064, 0.161, 0.290), None),
    (PARTY, (1, 5, 1), (0.254, 0.186, 0.134, 0.178, 0.248), None),
    # Printed .584: the table is rounded to five digits, from which .58346 follows.
    (PARTY, (5, 1, 5), (0.5835, 0, 0, 0, 0.4165), -0.696),
    (SIDE, (1, 1, 0), (0.189, 0.120, 0.201, 0.021, 0.371, 0.099), None),
    (SIDE, (1, 5, 1), (0.178, 0.177, 0.144, 0.105, 0.217, 0.179), None),
    (IDEOLOGY, (1, 1, 0), (0.054, 0.187, 0.362, 0.286, 0.111), None),
    (IDEOLOGY, (1, 1, 1), (0.120, 0.184, 0.289, 0.274, 0.133), None),
]


def survey_game(folder, name, incentives):
    table = long_form.load(folder / f"{name}.csv").table
    game = estimate_game(table, incentives=Incentives(*incentives), accounts=10, similarity=bhattacharyya)
    return game, [table.groups.index(group) for group in NAMES[name]]


@pytest.mark.parametrize(("name", "incentives", "expected", "lowest"), ROWS)
def test_equilibrium(data_folder, name, incentives, expected, lowest):
    game, order = survey_game(data_folder, name, incentives)
    found = homogeneous_equilibrium(game)
    assert np.abs(found.mixture[order] - expected).max() <= 0.00051
    assert found.interior == (lowest is None)
    if lowest is not None:
        assert found.relaxed.min() == pytest.approx(lowest, abs=0.00051)
    assert found.exploitability <= 1e-12


def test_party_shares_and_inconsistency(data_folder):
    game, order = survey_game(data_folder, PARTY, (1, 1, 1))
    assert np.abs(game.attractiveness[order] - [0.320, 0.180, 0.051, 0.162, 0.287]).max() <= 0.00051
    assert np.abs(np.diag(game.inconsistency)[order] - [0.297, 0.310, 0.328, 0.306, 0.292]).max() <= 0.00051


def largest_attraction(game):
    """Largest bA with an interior equilibrium, by bisection; 0 if there is none for any."""
    low, high = 0.0, 5.0
    for _ in range(30):
        middle = (low + high) / 2
        interior = homogeneous_equilibrium(game.with_incentives(attractiveness=middle)).interior
        low, high = (middle, high) if interior else (low, middle)
    return low


@pytest.mark.parametrize(
    ("name", "diversity", "expected"),
    [
        (PARTY, 0, 0.78),
        (PARTY, 1, 0.82),
        (PARTY, 5, 1.03),
        (SIDE, 0, 1.17),
        (SIDE, 1, 0.72),
        (SIDE, 5, 0.0),
    ],
)
def test_largest_attraction_with_an_interior_equilibrium(data_folder, name, diversity, expected):
    game, _ = survey_game(data_folder, name, (1, 1, diversity))
    assert largest_attraction(game) == pytest.approx(expected, abs=0.0051)
