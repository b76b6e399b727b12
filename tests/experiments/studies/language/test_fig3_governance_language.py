"""Diversity against exclusion: the measures are those of the maps, and the claim can fail."""

import numpy as np
import pandas as pd
import pytest

from experiments.command import BAD_INPUT, run
from experiments.studies.language.fig3_governance_language import WITH, WITHOUT, measures, mitigates, rows
from sim.maps import exclusion_map

AXIS = np.logspace(-2, 2, 40)
GAME = {
    "attractiveness": [0.5, 0.4, 0.1],
    "inconsistency": np.diag([0.3, 0.3, 0.3]),
    "similarity": np.eye(3),
    "groups": ("Red", "Blue", "Green"),
}


def at(diversity, **changed):
    grid = {"attractiveness": AXIS, "inconsistency": AXIS, "diversity": diversity}
    return exclusion_map(**(GAME | changed), grid=grid)


def drawn(found, width):
    """Draws around a map's measures."""
    steps = np.linspace(-width, width, 21)
    return pd.DataFrame([{name: value + step for name, value in measures(found, "Green").items()} for step in steps])


@pytest.fixture(scope="module")
def maps():
    return {level: at(level) for level in (WITHOUT, WITH)}


def test_measures_are_shares_of_cells(maps):
    found = maps[WITH]
    one = measures(found, "Green")
    assert one["excluded"] == pytest.approx(found.excluded("Green").mean())
    assert one["below the threshold"] == pytest.approx((found.mixtures[..., 2] < 0.05).mean())
    assert one["no interior"] == pytest.approx(1 - found.interior.mean())


def test_diversity_keeps_the_least_attractive_group_in_more_cells(maps):
    sure = {level: drawn(found, 1e-6) for level, found in maps.items()}
    found = {claim.name: claim for claim in mitigates("Green", maps, sure)}
    assert found["diversity keeps the group"].holds is True
    assert found["diversity makes equilibria interior"].holds is True
    table = rows("Green", maps, sure)
    assert len(table) == 6
    assert (table["low"] <= table["estimate"]).all()


def test_the_other_way_round_the_claim_differs_and_wide_draws_leave_it_open(maps):
    swapped = {WITHOUT: maps[WITH], WITH: maps[WITHOUT]}
    sure = {level: drawn(found, 1e-6) for level, found in swapped.items()}
    found = {claim.name: claim.holds for claim in mitigates("Green", swapped, sure)}
    assert found["diversity keeps the group"] is False
    wide = {WITHOUT: drawn(maps[WITHOUT], 0.5), WITH: drawn(maps[WITH], -0.5)}
    open_ = {claim.name: claim for claim in mitigates("Green", maps, wide)}
    assert open_["diversity keeps the group"].holds is None
    assert "within the interval" in open_["diversity keeps the group"].found


def test_a_threshold_of_nothing_is_refused_before_any_model_starts(composed, console, tmp_path):
    config = composed("experiment=fig3_governance_language", "study.threshold=0", f"run.directory={tmp_path}")
    assert run(config, console) == BAD_INPUT
    assert "study.threshold" in console.file.getvalue()
