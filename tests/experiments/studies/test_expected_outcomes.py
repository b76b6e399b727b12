"""Every study's experiment file names the outcome of each of its claims; on the published data they come out so."""

import pytest

ONE_SURVEY = ("fig1_exclusion_maps", "fig3_governance", "fig4_to_10_full", "boundary_equilibria", "reference_538")
SMALL = {
    "fig1_exclusion_maps": ("study.draws=6", "study.points=20"),
    "fig1_bigfive_people": ("study.draws=6", "study.points=20"),
    "fig2_middle_survives": ("study.draws=3", "study.shuffles=999", "study.points=41"),
    "fig3_governance": ("study.draws=12", "study.points=25"),
    "fig4_to_10_full": ("study.draws=8", "study.points=25"),
    "boundary_equilibria": ("study.draws=8", "study.points=30", "study.checked=20"),
    "reference_538": ("study.draws=40",),
    "robustness": ("study.points=15",),
    "diversity_can_exclude": ("study.draws=40",),
}


def surveys(folder):
    """Overrides that point an experiment file to the survey files in a folder."""
    raw = folder / "raw" / "fivethirtyeight_nonvoters_data.csv"
    tables = {
        "ces2018_side6": "ces2018_sample_side6.csv",
        "ces2018_ideology5": "ces2018_sample_ideology5.csv",
        "d3code_regions": "d3code_regions8_moralfoundations.csv",
    }
    many = [f"study.data.nonvoters_{grouping}.path={raw}" for grouping in ("party5", "side6")]
    for name, file in tables.items():
        many += [f"data@study.data.{name}=own", f"study.data.{name}.path={folder / file}"]
    return {
        **{name: [f"data.path={raw}"] for name in (*ONE_SURVEY, "robustness")},
        "fig1_bigfive_people": [],
        "fig2_middle_survives": many,
        "diversity_can_exclude": ["data=own", f"data.path={folder / tables['ces2018_side6']}"],
    }


LONG = {"fig2_middle_survives", "fig4_to_10_full"}
"""Above five seconds on a slow machine even so."""


@pytest.mark.slow
@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in LONG else n for n in SMALL])
def test_every_claim_comes_out_as_the_file_says_already_with_few_draws(name, study, data_folder, expected):
    finished = study(name, *surveys(data_folder)[name], *SMALL[name])
    assert finished.outcomes == expected(name)
    assert all((finished.path / picture).stat().st_size > 5_000 for picture in finished.path.glob("*.png"))


@pytest.mark.full
@pytest.mark.parametrize("name", SMALL)
def test_every_claim_comes_out_as_the_file_says(name, study, data_folder, expected):
    assert study(name, *surveys(data_folder)[name]).outcomes == expected(name)


def test_data_that_are_not_at_hand_are_named_and_left_out(study):
    """Surveys that only their users have are left out; the people of `bfi` are always there."""
    absent = [f"~study.data.{name}" for name in ("nonvoters_party5", "nonvoters_side6")]  # these would be downloaded
    finished = study("fig2_middle_survives", *absent, "study.draws=2", "study.shuffles=99", "study.points=21")
    assert "over 1 data sets" in finished.found["the middle survives"]
    report = (finished.path / "report.md").read_text(encoding="utf-8")
    for name in ("ces2018_side6", "ces2018_ideology5", "d3code_regions"):
        assert f"Not at hand: {name}." in report


def test_reference_values_are_refused_for_other_groups(composed, console, tmp_path):
    from experiments.command import BAD_INPUT, run

    config = composed("experiment=reference_538", "data=bigfive_people", "study.draws=2", f"run.directory={tmp_path}")
    assert run(config, console) == BAD_INPUT
    assert "data=nonvoters_party5" in " ".join(console.file.getvalue().split())


@pytest.mark.parametrize("name", ["fig3_governance", "boundary_equilibria", "diversity_can_exclude"])
def test_shares_alone_give_estimates_without_intervals(name, study, tmp_path_factory):
    """Where neither people nor their number are known nothing can be drawn again, and the report says so."""
    table = tmp_path_factory.mktemp("data") / "shares.csv"
    rows = [
        f"q{q},{option},{group},{0.5 + sign * lean * (q + 1) / 10},{share}"
        for q in range(3)
        for group, share, lean in (("few", 0.1, 1), ("some", 0.3, -1), ("many", 0.6, 0.5))
        for option, sign in (("yes", 1), ("no", -1))
    ]
    table.write_text("\n".join(["question,option,group,p,group_share", *rows]), encoding="utf-8")
    small = ["study.group=few"] if name == "diversity_can_exclude" else ["study.points=15"]
    finished = study(name, "data=own", f"data.path={table}", *small)
    assert "[" not in " ".join(finished.found.values())
    assert "nan" not in " ".join(finished.found.values())
    assert "point estimates only" in (finished.path / "report.md").read_text(encoding="utf-8")
