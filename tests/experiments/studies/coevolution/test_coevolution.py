"""Studies of platforms that push back: on a small table of one's own, on the published survey, on bad settings."""

import pandas as pd
import pytest

from experiments.command import BAD_INPUT, run

QUICK = {
    "tipping_point": (
        "study.searched=[0.5]",
        "study.starts_per_search=4",
        "study.rounds=[200,400,800,1600]",
        "study.members=2000",
        "study.member_rounds=200",
        "study.seeds=3",
        "study.high=3",
    ),
    "coevolution": ("study.points=4", "study.searched=[0.4]", "study.starts_per_search=3"),
}
SURVEY = {
    "tipping_point": (
        "study.searched=[0.8]",
        "study.rounds=[500,1000,2000,4000]",
        "study.member_rounds=500",
        "study.seeds=4",
    ),
    "coevolution": ("study.points=15", "study.searched=[0.3]", "study.starts_per_search=4"),
}


@pytest.fixture
def own(tmp_path_factory):
    """Overrides that point to a small table: three groups, the smallest a tenth."""
    table = tmp_path_factory.mktemp("data") / "shares.csv"
    rows = [
        f"q{q},{option},{group},{0.5 + sign * lean * (q + 1) / 10},{share}"
        for q in range(3)
        for group, share, lean in (("few", 0.15, 1), ("some", 0.35, -1), ("many", 0.5, 0.5))
        for option, sign in (("yes", 1), ("no", -1))
    ]
    table.write_text("\n".join(["question,option,group,p,group_share", *rows]), encoding="utf-8")
    return ("data=own", f"data.path={table}")


@pytest.mark.slow
def test_static_beside_dynamic_on_a_table_of_one_s_own(study, own):
    finished = study("coevolution", *own, *QUICK["coevolution"])
    assert finished.outcomes["with nothing moving it is the static equilibrium"] == "agrees"
    assert finished.outcomes["stability verdicts are borne out"] == "agrees"
    rows = pd.read_csv(finished.path / "static_and_dynamic.csv")
    assert len(rows) == 4 * 3
    totals = rows.groupby(rows.columns[0])[["static", "full house"]].sum()
    assert totals.to_numpy() == pytest.approx(1.0, abs=1e-9)
    assert (finished.path / "static_and_dynamic.png").stat().st_size > 5_000


@pytest.mark.slow
def test_a_tipping_point_on_a_table_of_one_s_own(study, own):
    finished = study("tipping_point", *own, *QUICK["tipping_point"])
    assert finished.outcomes["a group that left is won back only further back"] == "agrees"
    assert finished.outcomes["stability verdicts are borne out"] == "agrees"
    assert set(pd.read_csv(finished.path / "events.csv")["event"]) & {"fold", "border fold"}
    assert all((finished.path / name).stat().st_size > 5_000 for name in ("bifurcation.png", "loop.png"))


@pytest.mark.full
@pytest.mark.parametrize("name", SURVEY)
def test_every_claim_comes_out_as_the_file_says_on_the_published_survey(name, study, nonvoters, expected):
    assert study(name, nonvoters, *SURVEY[name]).outcomes == expected(name)


@pytest.mark.parametrize(
    "case",
    [
        ("study.high=0.2", "study.low = 0.3"),
        ("study.temperature=2", "no tipping point within the range"),
        ("study.openness=2", "study.openness"),
        ("study.parameter=colour", "expected one of attractiveness"),
        ("study.rates.audience=0", "nothing moves"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_by_name(case, composed, console, tmp_path, own):
    override, words = case
    config = composed("experiment=tipping_point", *own, *QUICK["tipping_point"], override, f"run.directory={tmp_path}")
    assert run(config, console) == BAD_INPUT
    assert words in " ".join(console.file.getvalue().split())
