"""A study leaves findings, a report and DONE; a finished one is shown again unless its data changed."""

import json
import shutil
from functools import partial

import pandas as pd
import pytest

from experiments.command import BAD_INPUT, run

GROUPS = "Red|s", "<script>alert(1)</script>", "Blue"
PEOPLE = 40


@pytest.fixture
def survey(tmp_path):
    """People of three groups, one of them with a name that is not text to a browser."""
    rows = [
        {"group": group, "q1": (n * (g + 1)) % 3, "q2": (n // (g + 1)) % 2}
        for g, group in enumerate(GROUPS)
        for n in range(PEOPLE - 10 * g)
    ]
    path = tmp_path / "survey.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


@pytest.fixture
def small(composed, survey, tmp_path):
    """Settings of a small study of the survey; overrides may be added."""
    settings = ("data=own", "study.points=12", "study.draws=8", f"data.path={survey}")
    return partial(composed, "experiment=fig1_exclusion_maps", *settings, f"run.directory={tmp_path / 'runs'}")


@pytest.fixture
def config(small):
    return small()


def only_run(tmp_path):
    (path,) = (tmp_path / "runs").iterdir()
    return path


@pytest.mark.slow
def test_a_study_leaves_findings_report_tables_pictures_and_done(config, console, tmp_path):
    assert run(config, console) == 0, console.file.getvalue()
    path = only_run(tmp_path)
    findings = json.loads((path / "findings.json").read_text())
    assert {claim["outcome"] for claim in findings["claims"]} <= {"agrees", "differs", "can't be tested"}
    for claim in findings["claims"]:
        assert claim["name"].split()[0] in console.file.getvalue()
    assert list(pd.read_csv(path / "areas.csv")["group"].unique()) == list(GROUPS)
    assert all((path / figure["path"]).read_bytes().startswith(b"\x89PNG") for figure in findings["figures"])
    manifest = json.loads((path / "manifest.json").read_text())
    assert manifest["data"][0]["sha256"] in manifest["files"].values()
    assert (path / "DONE").exists()


def test_names_from_data_are_inert_in_both_reports(config, console, tmp_path):
    assert run(config, console) == 0
    for name in ("report.html", "report.md"):
        text = (only_run(tmp_path) / name).read_text()
        assert "<script>" not in text
        assert "&lt;script>" in text.replace("&gt;", ">")
    page = (only_run(tmp_path) / "report.html").read_text()
    assert "data:image/png;base64," in page
    assert "Red\\|s" in (only_run(tmp_path) / "report.md").read_text()


@pytest.mark.slow
def test_the_same_again_is_shown_and_new_data_are_studied(config, console, survey, tmp_path):
    assert run(config, console) == 0
    stamp = (only_run(tmp_path) / "findings.json").stat().st_mtime_ns
    assert run(config, console) == 0
    assert "already done" in console.file.getvalue()
    assert (only_run(tmp_path) / "findings.json").stat().st_mtime_ns == stamp

    with survey.open("a") as file:
        file.write("Blue,0,1\n")
    assert run(config, console) == 0
    assert "changed since this run began" in console.file.getvalue()
    assert (only_run(tmp_path) / "findings.json").stat().st_mtime_ns > stamp


@pytest.mark.slow
def test_the_same_study_gives_the_same_numbers(config, console, tmp_path):
    assert run(config, console) == 0
    first = (only_run(tmp_path) / "areas.csv").read_bytes()
    shutil.rmtree(only_run(tmp_path))
    assert run(config, console) == 0
    assert (only_run(tmp_path) / "areas.csv").read_bytes() == first


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ("data.path=nowhere.csv", "no such file"),
        ("study.draws=1", "study.draws"),
        ("study.points=1", "study.points"),
        ("study.threshold=0", "study.threshold"),
        ("study.threshold=0.5", "threshold"),
        ("data.group=party", "party"),
    ],
)
def test_what_a_study_cannot_use_is_named(small, console, tmp_path, override, named):
    assert run(small(override), console) == BAD_INPUT
    assert named in " ".join(console.file.getvalue().split())
    path = only_run(tmp_path)
    assert not (path / "DONE").exists()
    assert not (path / "findings.json").exists()
    assert json.loads((path / "status.json").read_text())["state"] == "failed"
