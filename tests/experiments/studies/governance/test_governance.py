"""Levers and their stress tests on the published survey: every claim comes out as the experiment files say."""

import numpy as np
import pandas as pd
import pytest

from experiments.command import BAD_INPUT, run


@pytest.mark.full
@pytest.mark.parametrize("name", ["governance", "stress_tests"])
def test_every_claim_comes_out_as_the_file_says(name, study, nonvoters, expected):
    assert study(name, nonvoters).outcomes == expected(name)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Shares of answers of three groups: the one in the middle is small and resembles both others."""
    path = tmp_path_factory.mktemp("data") / "shares.csv"
    rows = [
        f"q{q},{option},{group},{0.5 + sign * lean * (q + 1) / 10},{share}"
        for q in range(4)
        for group, share, lean in (("left", 0.5, 1.0), ("middle", 0.08, 0.0), ("right", 0.42, -1.0))
        for option, sign in (("yes", 1), ("no", -1))
    ]
    path.write_text("\n".join(["question,option,group,p,group_share", *rows]), encoding="utf-8")
    return path


@pytest.mark.slow
def test_levers_of_a_small_table(study, table):
    """Without draws, with one quick controller beside the baseline: numbers of the table are those of the claims."""
    quick = [f"~study.feedback.{name}" for name in ("UCB1", "one_point", "two_points", "Optuna")]
    finished = study(
        "governance", "data=own", f"data.path={table}", *quick, "study.rounds=25", "study.seeds=1", "study.points=8"
    )
    outcomes = finished.outcomes
    assert outcomes["some group is left out"] == "agrees"
    assert outcomes["a change of incentives keeps every group"] == "agrees"
    assert outcomes["the derivative finds the smallest change"] == "agrees"
    assert outcomes["representation costs engagement"] == "agrees"
    assert "nan" not in " ".join(finished.found.values())
    assert "middle (" in finished.found["some group is left out"]
    levers = pd.read_csv(finished.path / "levers.csv").set_index("method")
    assert levers.loc["nothing", "holds"] == "0 of 1"
    assert levers.loc["nothing", "price"] == pytest.approx(0, abs=1e-9)
    known = levers[levers["sees"] == "the game"].dropna(subset=["price"])
    assert (known["least weight"] >= 0.05 - 1e-9).all()
    assert levers.loc["smallest change of all", "size"] <= known["size"].min() + 1e-4
    assert levers.loc["least price, any change", "price"] <= known["price"].min() + 1e-6
    front = pd.read_csv(finished.path / "front.csv")
    assert (np.diff(front["engagement"]) < 0).all()
    assert all((finished.path / picture).stat().st_size > 5_000 for picture in finished.path.glob("*.png"))


@pytest.mark.slow
def test_stress_tests_of_a_small_table(study, table):
    finished = study(
        "stress_tests", "data=own", f"data.path={table}", "platform.accounts=10", "study.margins=[1.0,1.5,2.0]"
    )
    stress = pd.read_csv(finished.path / "stress.csv")
    assert stress["lever"].tolist() == ["smallest change", "margin 1.5", "margin 2", "least price, margin 1.5"]
    for column in ("price", "all off by", "hostile accounts"):
        assert (np.diff(stress[column][:3]) >= 0).all(), column
    assert stress["all off by"][0] < 1.01 < stress["all off by"][2]
    assert stress["price"][3] <= stress["price"][1] + 1e-6
    newcomers = pd.read_csv(finished.path / "newcomers.csv")
    assert set(newcomers["newcomer"]) <= {"left", "middle", "right"}
    assert (newcomers["every group kept"] == (newcomers["smallest after"] >= 0.05)).all()
    assert finished.outcomes["the smallest lever bears errors"] == "differs"


@pytest.mark.parametrize(
    ("overrides", "field"),
    [
        (("stress_tests", "study.margins=[1.5]"), "study.margins"),
        (("stress_tests", "study.margins=[1.0,9.0]"), "study.margins"),
        (("governance", "study.seeds=0"), "study.seeds"),
    ],
)
def test_bad_settings_are_named(refused, table, overrides, field):
    name, *rest = overrides
    assert field in refused(f"experiment={name}", "data=own", f"data.path={table}", *rest)


@pytest.fixture
def refused(composed, console, tmp_path):
    """Run what must be refused as bad input; what it printed."""

    def printed(*overrides):
        assert run(composed(*overrides, f"run.directory={tmp_path}"), console) == BAD_INPUT
        return " ".join(console.file.getvalue().split())

    return printed
