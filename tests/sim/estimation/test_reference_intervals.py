"""From the answers of people: theory.md's rows, the areas of its map, and how sure they are."""

import numpy as np
import pytest

from agents.subpopulations.sources import fivethirtyeight, long_form
from sim.alignment_game import Incentives
from sim.equilibrium import homogeneous_equilibrium
from sim.estimation import (
    GameEstimator,
    bhattacharyya,
    bootstrap_counts,
    bootstrap_respondents,
    estimate_game,
    percentile_interval,
)
from sim.maps import exclusion_map, point_risk, risk_map

ESTIMATOR = GameEstimator(similarity=bhattacharyya)
AXIS = np.logspace(-2, 2, 25)
GRID = {"attractiveness": AXIS, "inconsistency": AXIS, "diversity": 1.0}
RAW = "raw/fivethirtyeight_nonvoters_data.csv"
ROWS = [
    ((1, 1, 0), (0.394, 0.141, 0, 0.114, 0.351), -0.052),
    ((1, 1, 1), (0.395, 0.137, 0, 0.108, 0.360), -0.039),
    ((0.5, 1, 0), (0.310, 0.175, 0.064, 0.161, 0.290), None),
    ((1, 5, 1), (0.254, 0.186, 0.134, 0.178, 0.248), None),
    # Printed .584 and .417; unrounded people give .58347 and .41653.
    ((5, 1, 5), (0.5835, 0, 0, 0, 0.4165), -0.696),
]


@pytest.fixture
def people(data_folder):
    if not (data_folder / RAW).is_file():
        pytest.skip(f"{RAW} not found in {data_folder}")
    return fivethirtyeight.load(data_folder / RAW).respondents


@pytest.fixture
def side(data_folder):
    return long_form.load(data_folder / "ces2018_sample_side6.csv").table


@pytest.mark.parametrize(("incentives", "expected", "lowest"), ROWS)
def test_rows_from_the_raw_answers(people, incentives, expected, lowest):
    game = estimate_game(
        people.opinion_table(), incentives=Incentives(*incentives), accounts=10, similarity=bhattacharyya
    )
    found = homogeneous_equilibrium(game)
    assert np.abs(found.mixture - expected).max() <= 0.00051
    assert found.interior == (lowest is None)
    if lowest is not None:
        assert found.relaxed.min() == pytest.approx(lowest, abs=0.00051)


def test_map_of_the_people_and_its_intervals(people):
    terms = ESTIMATOR(people.opinion_table())
    whole = exclusion_map(
        attractiveness=terms.attractiveness,
        inconsistency=terms.inconsistency,
        similarity=terms.similarity,
        grid=GRID,
        groups=people.groups,
    )
    some = np.any([whole.excluded(group) for group in people.groups], axis=0)
    assert whole.white_area == pytest.approx(0.531, abs=0.0005)
    assert some.mean() == pytest.approx(0.0384, abs=0.00005)  # whichever group it is
    assert some.sum() / whole.interior.sum() == pytest.approx(0.082, abs=0.0005)
    assert whole.area("Unaligned") == pytest.approx(0.0304, abs=0.00005)

    draws = bootstrap_respondents(people, draws=200, seed=1, estimator=ESTIMATOR)
    risk = risk_map(draws, grid=GRID, connectivity=8)
    # Printed: 52.5 to 53.6 and 3.5 to 4.0. A cell is 0.16%.
    low, high = percentile_interval(risk.white_areas)
    assert low == pytest.approx(0.525, abs=0.0016)
    assert high == pytest.approx(0.536, abs=0.0016)
    low, high = percentile_interval(risk.some_areas)
    assert low == pytest.approx(0.035, abs=0.0016)
    assert high == pytest.approx(0.040, abs=0.0016)
    low, high = percentile_interval(risk.some_conditional_areas)
    assert low < 0.082 < high
    assert (risk.components[:, people.groups.index("Unaligned")] >= 1).all()

    point = point_risk(draws, Incentives(1, 1, 1))
    unaligned = people.groups.index("Unaligned")
    assert point.below[unaligned] == 1
    assert point.no_interior == 1
    assert (point.interval.low <= ROWS[1][1]).all()
    assert (point.interval.high >= ROWS[1][1]).all()


@pytest.mark.slow
def test_center_social_is_left_out_in_every_draw(side):
    draws = bootstrap_counts(side, draws=300, seed=0, estimator=ESTIMATOR)
    risk = point_risk(draws, Incentives(1, 1, 1))
    excluded = side.groups.index("Center / social")
    assert risk.below[excluded] == 1
    assert risk.mixtures[:, excluded].max() < 0.045
    others = [g for g in range(6) if g != excluded]
    assert risk.below[others].max() < 0.05


def test_more_diversity_excludes_where_similar_groups_crowd_each_other(side):
    """With a Gram S the counter-example to "more diversity is safer": a group that was in is driven out."""
    excluded = side.groups.index("Center / social")
    draws = bootstrap_counts(side, draws=200, seed=0, estimator=ESTIMATOR, draw_shares=False)
    weights = [point_risk(draws, Incentives(0.5, 1, diversity)) for diversity in (0, 1, 5)]
    assert [risk.below[excluded] for risk in weights] == [0, 1, 1]
    assert [risk.no_interior for risk in weights] == [0, 0, 1]
    assert (weights[0].mixtures[:, excluded] > weights[1].mixtures[:, excluded]).all()
    safe = bootstrap_counts(side, draws=50, seed=0, draw_shares=False)  # S = I
    fairer = [point_risk(safe, Incentives(0.5, 1, diversity)).mixtures[:, excluded] for diversity in (0, 1, 5)]
    assert (fairer[0] < fairer[1]).all()
    assert (fairer[1] < fairer[2]).all()
