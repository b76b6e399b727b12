"""Studies of solvers and auditors that learn: each comes out as its file says, already at a smaller size."""

import numpy as np
import pandas as pd
import pytest

from experiments.command import BAD_INPUT, run
from experiments.studies.oversight.parametric_rows import BY_PULLS, DEFAULT, PROTOTYPE, THOMPSON, UNIFORM, pulls
from experiments.studies.oversight.parametric_setting import ARMS, RIGHT_OR_WRONG, span
from sim.oversight.events import Event

SMALL = {
    "averaging": (
        "study.visits=[1.0,2.0,5.0,22.5]",
        "study.horizon=200",
        "study.step=0.1",
        "study.fitted=5",
        "study.pool.rates.count=24",
        "study.seeds=3",
    ),
    "heterogeneity_damps": (
        "study.spreads=[0.0,0.5,1.0]",
        "study.tasks=40",
        "study.cycles=2",
        "study.phase=10",
        "study.seeds=3",
    ),
    "frozen_controller": ("study.rounds=50", "study.after=50", "study.seeds=5"),
    "controllers_table": ("study.rounds=50", "study.seeds=5", "study.rates=[0.03,1.0]"),
}
SLOW = {"frozen_controller", "controllers_table"}
TINY = (
    "study.rounds=4",
    "study.last=2",
    "study.steps=5",
    "study.seeds=2",
    "study.rates=[0.1,1.0]",
    "study.pool.rates.count=20",
    "~study.searches.Optuna",  # the slow test has it
    "study.unswept=[]",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in SMALL])
def test_every_claim_comes_out_as_the_file_says(name, study, expected):
    finished = study(name, *SMALL[name])
    assert finished.outcomes == expected(name), finished.found
    assert all((finished.path / picture).stat().st_size > 5_000 for picture in finished.path.glob("*.png"))


@pytest.mark.full
@pytest.mark.parametrize("name", SMALL)
def test_every_claim_comes_out_as_the_file_says_at_full_size(name, study, expected):
    assert study(name).outcomes == expected(name)


def test_the_table_holds_every_row_and_every_run(study):
    finished = study("controllers_table", *TINY)
    table = pd.read_csv(finished.path / "rows.csv")
    needed = {"Thompson sampling", "UCB1", "EXP3", "uniform switching", "SPSA", "one point", "state feedback"}
    assert needed | set(PROTOTYPE) | {BY_PULLS, "principal's value as reward"} <= set(table["row"])
    assert table["row"].str.startswith("fixed: ").sum() == 8 + 4
    assert table["value"].is_monotonic_decreasing
    own = table.set_index("row")
    assert own.loc[DEFAULT, f"value above {DEFAULT}"] == "0.000 [0.000, 0.000]"
    counted = pd.read_csv(finished.path / "pulls.csv")
    arms = [column for column in counted.columns if column.startswith("arm")]
    assert (counted[arms].sum(axis=1) == 4).all()
    assert {THOMPSON, UNIFORM, "UCB1", "EXP3"} <= set(counted["row"])


def test_intervals_are_students():
    one = span(np.array([1.0, 2.0, 4.0, 5.0]), 0.95)
    half = 3.182446 * np.std([1, 2, 4, 5], ddof=1) / 2
    assert one == pytest.approx((3.0, 3.0 - half, 3.0 + half), abs=1e-5)
    assert span(np.array([1.0, 2.0, 4.0, 5.0]), 0.95, at_once=8).low < one.low


def test_pulls_are_counted_by_arm():
    assert pulls(ARMS[[2, 2, 5]]).tolist() == [0, 0, 2, 0, 0, 1, 0, 0]


def test_rewards_of_0_or_1_are_for_being_right():
    solver, auditor = RIGHT_OR_WRONG
    assert solver[[Event.RIGHT_FLAGGED, Event.WRONG_UNAUDITED, Event.ABSTAINED]].tolist() == [1, 0, 0]
    right = [Event.WRONG_CAUGHT, Event.RIGHT_UNAUDITED, Event.RIGHT_CLEARED]
    wrong = [Event.WRONG_UNAUDITED, Event.RIGHT_FLAGGED, Event.WRONG_CLEARED, Event.WRONG_INVALID]
    assert auditor[right].tolist() == [1, 1, 1]
    assert auditor[wrong].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("name", "override", "field"),
    [
        ("controllers_table", "study.rates=[0.3]", "rates"),
        ("controllers_table", "study.seeds=1", "seeds"),
        ("averaging", "study.visits=[1.0,5.0,2.0]", "visits"),
        ("averaging", "study.horizon=10", "horizon"),
        ("heterogeneity_damps", "study.spreads=[0.2,0.5,1.0]", "spreads"),
        ("heterogeneity_damps", "study.profile.solver_uncaught_reward=-3", "profile"),
        ("frozen_controller", "study.audits.catch=2", "catch"),
    ],
)
def test_bad_settings_are_named(name, override, field, composed, console, tmp_path):  # noqa: PLR0917
    assert run(composed(f"experiment={name}", override, f"run.directory={tmp_path}"), console) == BAD_INPUT
    assert field in console.file.getvalue()
