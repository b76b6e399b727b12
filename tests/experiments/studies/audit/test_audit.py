"""An audit from a file to its report: numbers against an independent computation, words, pictures, odd settings."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from omegaconf import DictConfig
from rich.console import Console

from agents.subpopulations.sources import user_file
from experiments.command import BAD_INPUT, run, spelled_out
from sim.alignment_game import Incentives
from sim.equilibrium import homogeneous_equilibrium
from sim.estimation import bhattacharyya, estimate_game

Composed = Callable[..., DictConfig]
SMALL = ("study.draws=40", "study.points=41", "study.draw_points=9")


def audited(composed: Composed, file: Path, folder: Path, *overrides: str) -> tuple[int, str, Path]:
    """Exit status, what was printed, and the run directory."""
    console = Console(file=io.StringIO(), width=200, color_system=None)
    given = spelled_out(["audit", str(file), *SMALL, f"run.directory={folder}", *overrides])
    status = run(composed(*given), console)
    (path,) = folder.iterdir()
    return status, " ".join(console.file.getvalue().split()), path


@pytest.fixture(scope="module")
def finished(composed: Composed, eight: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What one audit of the survey printed, and its run directory."""
    status, printed, path = audited(composed, eight, tmp_path_factory.mktemp("audit"))
    assert status == 0, printed
    return printed, path


def test_report_goes_through_the_seven_steps(finished: tuple[str, Path]) -> None:
    _, path = finished
    assert (path / "DONE").exists()
    for report in ("report.html", "report.md"):
        text = (path / report).read_text(encoding="utf-8")
        places = [
            text.index(f"{n} {word}")
            for n, word in enumerate(
                ("Define", "Model", "Attractiveness", "Inconsistency", "Competition", "Sweep", "Tune"), start=1
            )
        ]
        assert places == sorted(places)
        for group in ("Harbour", "Night shift"):
            assert group in text
        for words in (
            "2,000 respondents",
            "effective number of represented groups",
            "units of the estimators",
            "SHA-256",
        ):
            assert words in text, words


def test_page_needs_no_other_file(finished: tuple[str, Path]) -> None:
    page = (finished[1] / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 4
    assert 'src="http' not in page
    assert "<link" not in page
    assert "<script" not in page


def test_the_terminal_names_who_is_left_out(finished: tuple[str, Path]) -> None:
    printed, path = finished
    groups = pd.read_csv(path / "groups.csv")
    out = groups[groups["status"] == "left out"]["group"]
    assert 0 < len(out) < 8
    for group in out:
        assert group in printed
    assert "differs" in printed


def test_weights_and_effective_numbers_are_those_of_the_equilibrium(finished: tuple[str, Path], eight: Path) -> None:
    _, path = finished
    table = user_file.load(eight).table
    game = estimate_game(table, incentives=Incentives(1, 1, 1), accounts=8, similarity=bhattacharyya)
    mixture = homogeneous_equilibrium(game).mixture
    groups = pd.read_csv(path / "groups.csv").set_index("group").loc[list(table.groups)]
    np.testing.assert_allclose(groups["weight"], mixture, atol=1e-9)
    np.testing.assert_allclose(groups["share"], table.shares)
    assert (groups["weight low"] <= groups["weight high"]).all()
    assert groups["chance below threshold"].between(0, 1).all()
    now = pd.read_csv(path / "levers.csv").iloc[0]
    present = mixture[mixture > 0]
    assert now["effective groups (entropy)"] == pytest.approx(np.exp(-present @ np.log(present)))
    assert now["effective groups (Simpson)"] == pytest.approx(1 / (mixture @ mixture))


def test_changes_do_what_the_report_says(finished: tuple[str, Path], eight: Path) -> None:
    """Every row of levers.csv solved anew from the file: each group has the threshold, the price is as stated."""
    levers = pd.read_csv(finished[1] / "levers.csv")
    table = user_file.load(eight).table
    changed = levers.iloc[1:]
    assert {"all together", "inconsistency alone"} <= set(changed["lever"])
    for _, row in levers.iterrows():
        game = estimate_game(
            table, incentives=Incentives(row["bA"], row["bI"], row["bD"]), accounts=8, similarity=bhattacharyya
        )
        mixture = homogeneous_equilibrium(game).mixture
        assert mixture.min() == pytest.approx(row["least weight"], abs=1e-9)
        total = row["utility of attractiveness"] + row["utility of inconsistency"] + row["utility of diversity"]
        assert game.payoffs(np.tile(mixture, (8, 1)))[0] == pytest.approx(total)
        if row["for"] == "estimate":
            assert mixture.min() >= 0.05
        elif str(row["for"]).endswith("of draws"):
            assert row["every group kept"] >= 0.95
    together, alone = (
        changed[changed["lever"] == name]["size"].iloc[0] for name in ("all together", "inconsistency alone")
    )
    assert together <= alone * 1.01


@pytest.mark.slow
def test_same_seed_same_numbers(finished: tuple[str, Path], composed: Composed, eight: Path, tmp_path: Path) -> None:
    status, _, path = audited(composed, eight, tmp_path)
    assert status == 0
    for name in ("groups.csv", "levers.csv", "maps.png"):
        assert (path / name).read_bytes() == (finished[1] / name).read_bytes()


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Path]:
    """Writer of a survey of three groups with 60, 30 and 12 people, two questions."""

    def write(names: tuple[str, str, str] = ("North", "East", "West")) -> Path:
        rng = np.random.default_rng(2)
        rows = [
            {"group": name, "q1": int(rng.random() < chance), "q2": int(rng.integers(3))}
            for name, count, chance in zip(names, (60, 30, 12), (0.5, 0.2, 0.9), strict=True)
            for _ in range(count)
        ]
        path = tmp_path / "small.csv"
        pd.DataFrame(rows).to_csv(path, index=False)
        return path

    return write


@pytest.mark.slow
def test_names_from_data_are_inert(composed: Composed, small: Callable[..., Path], tmp_path: Path) -> None:
    file = small(("<script>alert('x')</script>", "cost $a and $b | `c`", "A" * 90))
    status, printed, path = audited(composed, file, tmp_path / "runs")
    assert status == 0, printed
    assert "<script>alert" in printed
    for report in ("report.html", "report.md"):
        text = (path / report).read_text(encoding="utf-8")
        assert "<script" not in text
        assert "&lt;script" in text
    assert r"cost $a and $b \| `c`" in (path / "report.md").read_text(encoding="utf-8")


def long_form(path: Path, value: str) -> Path:
    rows = []
    for question, chances in {"q1": (0.8, 0.5, 0.3), "q2": (0.3, 0.6, 0.5), "q3": (0.5, 0.4, 0.9)}.items():
        for group, chance, size in zip(("a", "b", "c"), chances, (500, 300, 200), strict=True):
            for option, share in (("yes", chance), ("no", 1 - chance)):
                cell = round(share * size) if value == "n" else round(share, 4)
                rows.append({"question": question, "option": option, "group": group, value: cell})
                if value == "p":
                    rows[-1]["group_share"] = size / 1000
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


@pytest.mark.slow
def test_shares_without_numbers_of_people_give_no_probabilities(composed: Composed, tmp_path: Path) -> None:
    status, printed, path = audited(composed, long_form(tmp_path / "p.csv", "p"), tmp_path / "runs")
    assert status == 0, printed
    found = json.loads((path / "findings.json").read_text())
    assert {claim["name"]: claim["holds"] for claim in found["claims"]}["it holds beyond this sample"] is None
    assert "point estimates only" in found["limits"][0]
    assert "P(below" not in (path / "report.md").read_text()
    assert "chance below threshold" not in pd.read_csv(path / "groups.csv").columns


@pytest.mark.slow
def test_numbers_of_people_give_probabilities(composed: Composed, tmp_path: Path) -> None:
    status, printed, path = audited(composed, long_form(tmp_path / "n.csv", "n"), tmp_path / "runs")
    assert status == 0, printed
    assert "draws of answers" in printed
    groups = pd.read_csv(path / "groups.csv")
    assert (groups["weight low"] < groups["weight high"]).any()


@pytest.mark.slow
@pytest.mark.parametrize(
    "overrides",
    [
        ("game.diversity=0",),
        ("game.attractiveness=0",),
        ("game.inconsistency=0", "estimate/similarity=identity"),
        ("estimate=paper", "game.diversity=40"),
        ("study.threshold=0.2", "study.confidence=0.8"),
        ("estimate/normalisation=unit_size", "estimate.inconsistency.debias=true"),
    ],
    ids=" ".join,
)
def test_corners_reach_a_report(
    overrides: tuple[str, ...], composed: Composed, small: Callable[..., Path], tmp_path: Path
) -> None:
    status, printed, path = audited(composed, small(), tmp_path / "runs", *overrides)
    assert status == 0, printed
    assert (path / "report.html").exists()


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (("game.diversity=0", "game.inconsistency=0"), "game.inconsistency and game.diversity"),
        (("study.threshold=0.4",), "study.threshold"),
        (("study.threshold=0",), "study.threshold"),
        (("study.confidence=0.4",), "study.confidence"),
        (("study.draws=1",), "study.draws"),
    ],
)
def test_settings_that_cannot_be_used(
    overrides: tuple[str, ...], words: str, composed: Composed, small: Callable[..., Path], tmp_path: Path
) -> None:
    status, printed, path = audited(composed, small(), tmp_path / "runs", *overrides)
    assert status == BAD_INPUT
    assert words in printed
    assert not (path / "DONE").exists()
