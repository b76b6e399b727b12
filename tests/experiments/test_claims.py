"""Every experiment file states a claim and an expected outcome; running it must give that outcome."""

import json
import re
from pathlib import Path

import pytest

import conf
from experiments.command import BAD_INPUT, run
from experiments.console import STYLES

FILES = sorted((Path(conf.__file__).parent / "experiment").glob("*.yaml"))
EXPECTED = {file.stem: re.search(r"Expected: (.+)\.", file.read_text(encoding="utf-8")) for file in FILES}
AT_THE_GATE = "stopped at the gate"
PLAYS = [name for name, found in EXPECTED.items() if found and found[1] in (*STYLES, AT_THE_GATE)]
"""A play ends in a verdict; studies have their claims tested in tests/experiments/studies."""


def test_every_file_states_its_claim_and_what_is_expected():
    for file in FILES:
        assert re.search(r"^# Claim: ", file.read_text(encoding="utf-8"), re.MULTILINE), file.name
        assert EXPECTED[file.stem], file.name


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_expects_a_verdict_unless_it_is_a_study(name, composed):
    assert (name in PLAYS) == (composed(f"experiment={name}").study is None)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in PLAYS if EXPECTED[name][1] != AT_THE_GATE])
def test_the_verdict_is_the_expected_one(name, composed, console, tmp_path):
    assert run(composed(f"experiment={name}", f"run.directory={tmp_path}"), console) == 0
    (path,) = tmp_path.iterdir()
    assert json.loads((path / "verdict.json").read_text())["verdict"]["kind"] == EXPECTED[name][1]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in PLAYS if EXPECTED[name][1] == AT_THE_GATE])
def test_voices_that_do_not_carry_are_stopped_at_the_gate(name, composed, console, tmp_path):
    config = composed(f"experiment={name}", "language=transformers", f"run.directory={tmp_path}")
    assert run(config, console) == BAD_INPUT
    assert "held-out margin" in " ".join(console.file.getvalue().split())
    (path,) = tmp_path.iterdir()
    assert not (path / "DONE").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "overrides",
    [
        ("game.attractiveness=30",),
        ("platform.accounts=1",),
        ("platform.floor=0.15",),
        ("game.inconsistency=0", "game.attractiveness=0.1"),
        ("dynamics=sequential_best_response",),
        ("game.crowding=sum",),
        ("attractiveness@payoffs.attractiveness=reach", "similarity@payoffs.similarity=agreement"),
        ("inconsistency@payoffs.inconsistency=gram",),
        ("language.clarity=0.7",),
    ],
    ids=" ".join,
)
def test_corners_of_the_configuration_reach_a_report(overrides, composed, console, tmp_path):
    small = ("experiment=synthetic", "run.seeds=2", "platform.rounds=40")
    assert run(composed(*small, *overrides, f"run.directory={tmp_path}"), console) == 0, console.file.getvalue()
    (path,) = tmp_path.iterdir()
    assert {"DONE", "verdict.json", "report.html"} <= {file.name for file in path.iterdir()}


def test_two_runs_of_one_configuration_do_not_share_a_directory(composed, console, tmp_path):
    from experiments.run_directory import RunDirectory

    config = composed("experiment=synthetic", f"run.directory={tmp_path}")
    with RunDirectory(config).locked():
        assert run(config, console) == BAD_INPUT
    assert "another run is writing it" in " ".join(console.file.getvalue().split())
