"""Files that an audit refuses: exit status 2, a message with row and column, and nothing that looks like a report."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from omegaconf import DictConfig
from rich.console import Console

from experiments.command import BAD_INPUT, run, spelled_out
from tests.surveys import COUNTS, PEOPLE, SHARES

BAD = {
    "no group column": (PEOPLE.replace("group,", "town,"), ("'group'", "q1")),
    "empty group": (PEOPLE.replace("b,1,1,1\n", ",1,1,1\n", 1), ("group in row 9", "empty")),
    "group without rows for a question": (
        SHARES.replace("q2,yes,c,0.4,0.2\nq2,no,c,0.6,0.2\n", ""),
        ("column group", "'q2'", "'c'"),
    ),
    "option missing for a group": (SHARES.replace("q1,no,b,0.6,0.3\n", ""), ("'no'", "'q1'", "'b'", "row")),
    "shares of options": (SHARES.replace("q1,no,b,0.6,", "q1,no,b,0.7,"), ("sum of p", "'q1'", "'b'", "row 4, row 5")),
    "percentages": (SHARES.replace(",0.4,", ",40,").replace(",0.6,", ",60,"), ("divide by 100", "row 2")),
    "shares of groups": (SHARES.replace(",0.5\n", ",0.6\n"), ("group_share", "1.1", "a 0.6")),
    "no shares of groups": (
        "".join(line.rsplit(",", 1)[0] + "\n" for line in SHARES.splitlines()),
        ("group_share", "missing"),
    ),
    "negative weight": (PEOPLE.replace("c,1,0,1\n", "c,-2,0,1\n", 1), ("weight in row", "-2")),
    "negative share": (SHARES.replace("q2,yes,a,0.4", "q2,yes,a,-0.4"), ("p in row", "-0.4")),
    "text for a number": (COUNTS.replace("b,30", "b,thirty", 1), ("n in row 4", "thirty")),
    "one respondent": (PEOPLE + "d,1,0,0\n", ("group 'd'", "row 20", "one respondent")),
    "one respondent by counts": (COUNTS + "q1,yes,d,1\nq1,no,d,0\n", ("group 'd'", "row 8", "one respondent")),
    "row twice": (SHARES + "q1,yes,a,0.4,0.5\n", ("'q1'", "'yes'", "'a'", "row 2", "row 14")),
    "column twice": (PEOPLE.replace("q1,q2", "q1,q1"), ("'q1'", "row 1")),
    "ragged": (PEOPLE + "a,1,0,0,0,0\n", ("rows of different lengths",)),
    "one group": ("group,q1\n" + "a,0\na,1\n" * 4, ("groups",)),
    "same answer": (PEOPLE.replace("q1", "q0").replace(",0,", ",1,"), ("column 'q0'", "same answer")),
    "empty": ("", ("empty",)),
    "header only": ("group,q1\n", ("no rows",)),
}


def audited(composed: Callable[..., DictConfig], file: Path, folder: Path) -> tuple[int, str, Path]:
    console = Console(file=io.StringIO(), width=200, color_system=None)
    small = ("study.draws=4", "study.points=9", "study.draw_points=3")
    status = run(composed(*spelled_out(["audit", str(file), *small, f"run.directory={folder}"])), console)
    (path,) = folder.iterdir()
    return status, " ".join(console.file.getvalue().split()), path


def leaves_nothing_that_looks_done(path: Path) -> bool:
    return {file.name for file in path.iterdir()} <= {"begun.json", "status.json", ".lock"} and "failed" in (
        path / "status.json"
    ).read_text()


@pytest.mark.parametrize("name", BAD)
def test_refused_with_row_and_column(name: str, composed: Callable[..., DictConfig], tmp_path: Path) -> None:
    text, words = BAD[name]
    file = tmp_path / "data.csv"
    file.write_text(text)
    status, printed, path = audited(composed, file, tmp_path / "runs")
    assert status == BAD_INPUT, printed
    for word in words:
        assert word in printed, f"{word!r} is not in: {printed}"
    assert leaves_nothing_that_looks_done(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("group,q1\nZürich,0\nBern,1\n".encode("latin-1"), ("encoding of data.csv", "row 2", "encoding='latin-1'")),
        ("group,q1\na,0\n".encode("utf-16-le"), ("UTF-16",)),
        (b"PK\x03\x04 and so on", ("spreadsheet",)),
    ],
)
def test_wrong_encodings(
    content: bytes, words: tuple[str, ...], composed: Callable[..., DictConfig], tmp_path: Path
) -> None:
    file = tmp_path / "data.csv"
    file.write_bytes(content)
    status, printed, path = audited(composed, file, tmp_path / "runs")
    assert status == BAD_INPUT, printed
    for word in words:
        assert word in printed, f"{word!r} is not in: {printed}"
    assert leaves_nothing_that_looks_done(path)


def test_a_file_that_went_bad_takes_the_old_report_away(composed: Callable[..., DictConfig], tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text(PEOPLE)
    status, printed, path = audited(composed, file, tmp_path / "runs")
    assert status == 0, printed
    assert (path / "report.html").exists()
    file.write_text(BAD["negative weight"][0])
    status, printed, path = audited(composed, file, tmp_path / "runs")
    assert status == BAD_INPUT
    assert leaves_nothing_that_looks_done(path)


@pytest.mark.slow
def test_the_command_spells_out_any_file_name() -> None:
    for name in ("data.csv", "my data.csv", "it's, [odd] = ${name}.csv", "back\\slash\\'.csv", "end\\"):
        overrides = spelled_out(["audit", name, "game.diversity=0"])
        from hydra import compose, initialize_config_module

        with initialize_config_module("conf", version_base="1.3"):
            config = compose("config", overrides)
        assert config.data.path == name
        assert config.game.diversity == 0
    assert spelled_out(["experiment=synthetic"]) == ["experiment=synthetic"]


@pytest.mark.slow
def test_the_command_itself_stops_with_status_two(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text(BAD["negative weight"][0])
    command = [sys.executable, "-m", "experiments.command", "audit", str(file), f"run.directory={tmp_path}"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == BAD_INPUT
    assert "weight in row" in " ".join(ended.stdout.split())
    without = subprocess.run(command[:4], capture_output=True, text=True, check=False)
    assert without.returncode == 1
    assert "equipolis audit FILE" in without.stderr
