"""`equipolis induced log.csv`: from a file to its report, and every file it refuses."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from experiments.command import BAD_INPUT, run, spelled_out
from experiments.studies.induced.log_file import read_log
from sim.equilibrium import homogeneous_equilibrium

NAMES = (
    "the log tells the incentives",
    "payoffs are quadratic",
    "each account has one best mixture",
    "unseen rounds are predicted",
    "accounts are where they settle",
)


def induced(composed, file: Path, folder: Path, *overrides: str) -> tuple[int, str, Path]:
    """Exit status, what was printed, and the run directory."""
    console = Console(file=io.StringIO(), width=200, color_system=None)
    given = spelled_out(["induced", str(file), "study.draws=60", f"run.directory={folder}", *overrides])
    status = run(composed(*given), console)
    (path,) = folder.iterdir()
    return status, " ".join(console.file.getvalue().split()), path


def outcomes(path: Path) -> dict[str, str]:
    claims = json.loads((path / "findings.json").read_text(encoding="utf-8"))["claims"]
    return {claim["name"]: claim["outcome"] for claim in claims}


def test_a_log_becomes_a_report_with_the_platforms_equilibrium(
    composed, write_log: Callable[..., Path], platform_game, tmp_path: Path
) -> None:
    status, printed, path = induced(composed, write_log(), tmp_path / "runs")
    assert status == 0, printed
    found = outcomes(path)
    assert tuple(found) == NAMES
    # The log explores: it does not end where accounts would settle.
    assert found == {**dict.fromkeys(NAMES, "agrees"), "accounts are where they settle": "differs"}
    assert "All 400 rows are used." in printed
    groups = pd.read_csv(path / "groups.csv")
    assert list(groups["group"]) == ["north", "east", "south"]
    truth = homogeneous_equilibrium(platform_game).mixture
    assert ((groups["equilibrium low"] <= truth) & (truth <= groups["equilibrium high"])).all()
    slope = platform_game.gradients(np.full((5, 3), 1 / 3))[0]
    np.testing.assert_allclose(groups["bA a"], slope - slope.mean(), atol=0.03)
    assert (groups["bA a low"] < groups["bA a"]).all()
    assert (groups["bA a"] < groups["bA a high"]).all()
    pairs = pd.read_csv(path / "matrices.csv")
    assert len(pairs) == 9
    assert pairs.groupby("group")["bI C"].sum().abs().max() < 1e-9
    report = (path / "report.md").read_text(encoding="utf-8")
    assert "induced.png" in report
    assert "exploration() makes them" in report
    assert {"induced.png", "matrices.png", "log_health.csv", "DONE"} <= {file.name for file in path.iterdir()}


def test_payoffs_that_no_game_fits_are_found_out(composed, write_log: Callable[..., Path], tmp_path: Path) -> None:
    log = write_log(bonus=lambda mixtures: 0.6 * (mixtures[:, :, 0] > 0.5) * mixtures[:, :, 0])
    status, printed, path = induced(composed, log, tmp_path / "runs")
    assert status == 0, printed
    assert outcomes(path)["payoffs are quadratic"] == "differs"


def test_published_coefficients_are_held_against_the_log(
    composed, write_log: Callable[..., Path], tmp_path: Path
) -> None:
    """With an opinion table the published model is tested too: made from other shapes, it is beaten."""
    rows = [
        {"question": f"q{q}", "option": o, "group": g, "p": p, "group_share": s}
        for q, answers in enumerate(((0.9, 0.2, 0.5), (0.3, 0.6, 0.8)))
        for g, s, yes in zip(("south", "north", "east"), (0.2, 0.5, 0.3), answers, strict=True)
        for o, p in (("yes", yes), ("no", 1 - yes))
    ]
    survey = tmp_path / "survey.csv"
    pd.DataFrame(rows).to_csv(survey, index=False)
    given = ("data=own", f"data.path={survey}", "game.attractiveness=3", "game.diversity=0")
    status, printed, path = induced(composed, write_log(), tmp_path / "runs", *given)
    assert status == 0, printed
    found = outcomes(path)
    assert found["the published incentives are the induced ones"] == "differs"
    assert found["the fit beats what is published"] == "agrees"
    assert "(published 3)" in printed
    survey.write_text(survey.read_text().replace("south", "west"))
    status, printed, _ = induced(composed, write_log(), tmp_path / "other", *given)
    assert status == BAD_INPUT
    assert "groups of study.data" in printed
    assert "north, east, south" in printed


def test_gaps_are_counted_on_the_page(composed, write_log: Callable[..., Path], tmp_path: Path) -> None:
    def with_gaps(rows: pd.DataFrame) -> pd.DataFrame:
        rows.loc[3, "payoff"] = np.nan
        rows.loc[9, "weight_east"] = np.nan
        rows.loc[14, ["weight_north", "weight_east"]] = [0.9, 0.9]
        rows = rows[~rows["round"].isin([30, 31])]
        return pd.concat([rows[~((rows["round"] > 70) & (rows["account"] == "acc4"))], rows.iloc[[20]]])

    status, printed, path = induced(composed, write_log(with_gaps), tmp_path / "runs")
    assert status == 0, printed
    for words in (
        "Left out, the payoff is missing or not finite: 1.",
        "Left out, a weight is missing or not finite: 1.",
        "Left out, weights don't sum to 1 within 0.02: 1.",
        "Left out, the same row again: 1.",
        "2 rounds between the first and the last are missing.",
        "11 times an account of the log is absent from a round of the log.",
    ):
        assert words in printed, words
    health = pd.read_csv(path / "log_health.csv").set_index("what")["count"]
    assert health["rows given"] - health["rows used"] == sum(
        count for what, count in health.items() if str(what).startswith("left out")
    )
    assert "2 rounds between" in (path / "report.md").read_text(encoding="utf-8")


def test_parquet_and_neighbours_are_read(write_log: Callable[..., Path]) -> None:
    ring = {f"acc{m}": f"acc{(m + 1) % 5}; acc{(m - 1) % 5}" for m in range(5)}
    plain, _ = read_log(write_log(name="log.parquet"))
    log, source = read_log(
        write_log(lambda rows: rows.assign(neighbours=rows["account"].map(ring)), name="ring.parquet")
    )
    assert (plain.rows, log.rows, source.name) == (400, 400, "ring.parquet")
    np.testing.assert_allclose(log.others[0], (log.mixtures[1] + log.mixtures[4]) / 2)
    np.testing.assert_allclose(plain.others[0], plain.mixtures[1:5].mean(axis=0))


BAD = {
    "no payoff column": (lambda rows: rows.drop(columns="payoff"), ("'payoff'", "a row per round and account")),
    "one weight": (
        lambda rows: rows.drop(columns=["weight_east", "weight_south"]),
        ("1 weight columns", "weight_<group>"),
    ),
    "text for a payoff": (
        lambda rows: rows.astype({"payoff": object}).replace({"payoff": {rows["payoff"][4]: "lots"}}),
        ("payoff in row 6", "'lots'"),
    ),
    "fractional rounds": (lambda rows: rows.assign(round=rows["round"] / 2), ("rounds[5]", "0.5")),
    "one account": (lambda rows: rows[rows["account"] == "acc0"], ("none usable", "nobody else")),
    "constant payoff": (lambda rows: rows.assign(payoff=1.0), ("every used row earned the same",)),
    "no mixtures": (lambda rows: rows.assign(weight_east=5.0), ("none usable", "don't sum to 1")),
    "two rows for one payoff": (
        lambda rows: pd.concat([rows, rows.head(1).assign(payoff=9.0)]),
        ("account 'acc0' in round 0", "which differ"),
    ),
    "too short": (lambda rows: rows[rows["round"] < 2], ("log", "10 rows")),
    "accounts that never move": (
        lambda rows: rows.assign(weight_north=0.4, weight_east=0.3, weight_south=0.3),
        ("not told: attractiveness, inconsistency, crowding", "no account ever changed its mixture"),
    ),
    "names with spaces": (
        lambda rows: rows.assign(account=rows["account"] + " x", neighbours=""),
        ("account in row 2", "no spaces"),
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_logs_are_refused_by_name(name: str, composed, write_log: Callable[..., Path], tmp_path: Path) -> None:
    edit, words = BAD[name]
    status, printed, path = induced(composed, write_log(edit), tmp_path / "runs")
    assert status == BAD_INPUT, printed
    assert "bad input" in printed
    for word in words:
        assert word in printed, (word, printed)
    assert not (path / "DONE").exists()


def test_a_part_that_is_not_told_leaves_the_rest_standing(
    composed, write_log: Callable[..., Path], tmp_path: Path
) -> None:
    """Others that never move hide crowding: claims that need it can't be tested, and say why."""

    def still_others(rows: pd.DataFrame) -> pd.DataFrame:
        others = rows["account"] != "acc0"
        for column in ("weight_north", "weight_east", "weight_south"):
            rows.loc[others, column] = 1 / 3
        rows.loc[others, "payoff"] = np.nan
        return rows

    status, printed, path = induced(composed, write_log(still_others), tmp_path / "runs")
    assert status == 0, printed
    found = outcomes(path)
    assert found["the log tells the incentives"] == "differs"
    assert found["accounts are where they settle"] == "can't be tested"
    assert "the others' mixtures never varied" in printed


def test_the_command_without_a_file_says_how() -> None:
    with pytest.raises(SystemExit, match="equipolis induced FILE"):
        spelled_out(["induced"])


def test_bad_settings_are_named(composed, write_log: Callable[..., Path], tmp_path: Path) -> None:
    for number, (override, words) in enumerate(
        (("study.clusters=week", "clusters"), ("study.confidence=2", "study.confidence"), ("study.draws=3", "draws"))
    ):
        status, printed, _ = induced(composed, write_log(), tmp_path / f"runs{number}", override)
        assert status == BAD_INPUT
        assert words in printed
