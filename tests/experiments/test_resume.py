"""An interrupted run goes on where it was left, says what is no longer as it was, and refuses to end otherwise."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from experiments.command import BAD_INPUT, INTERRUPTED, run
from experiments.progress import rounds_kept, so_far
from experiments.provenance import package_versions
from experiments.run_directory import RunDirectory
from platforms.social.platform import SocialPlatform

SMALL = ("experiment=synthetic", "run.seeds=2", "platform.rounds=12", "platform.accounts=2", "verdict.window=0.8")
TABLES = ("opinions.parquet", "rounds.parquet", "posts.parquet", "verdict.json")


@pytest.fixture
def interrupted(composed, console, tmp_path, monkeypatch):
    """A run that Ctrl-C stopped in its sixth round, and its configuration."""
    config = composed(*SMALL, f"run.directory={tmp_path}")
    played = SocialPlatform.play_round
    calls = 0

    def stops(platform, posts):
        nonlocal calls
        calls += 1
        if calls == 12:
            raise KeyboardInterrupt
        return played(platform, posts)

    monkeypatch.setattr(SocialPlatform, "play_round", stops)
    assert run(config, console) == INTERRUPTED
    monkeypatch.undo()
    return config, RunDirectory(config).path


def printed(console):
    return " ".join(console.file.getvalue().split())


@pytest.mark.slow
def test_whole_rounds_are_kept_and_the_rest_is_played(interrupted, composed, console, tmp_path):
    config, path = interrupted
    assert rounds_kept(path) == 5
    assert json.loads((path / "status.json").read_text())["rounds_played"] == 5
    posts, rounds = so_far(path, "posts"), so_far(path, "rounds")
    assert (rounds.num_rows, posts.num_rows) == (5 * 2 * 2, 5 * 2 * 2 * 4)
    assert run(config, console) == 0
    assert "resuming: 5 of 12 rounds were played" in printed(console)
    assert so_far(path, "rounds").slice(0, rounds.num_rows).equals(rounds)
    assert so_far(path, "posts").slice(0, posts.num_rows).equals(posts)
    assert not (path / "progress").exists()
    elsewhere = composed(*SMALL, f"run.directory={tmp_path / 'whole'}")
    assert run(elsewhere, console) == 0
    for name in TABLES:
        assert (path / name).read_bytes() == (RunDirectory(elsewhere).path / name).read_bytes(), name


def test_a_round_that_comes_out_otherwise_stops_the_run(interrupted, console):
    config, path = interrupted
    part = path / "progress" / "rounds-000003.parquet"
    table = pq.read_table(part)
    column = table.column_names.index("payoffs")
    other = np.nextafter(table["payoffs"].to_numpy(), np.inf)
    pq.write_table(table.set_column(column, "payoffs", [other]), part, compression="zstd")
    assert run(config, console) == BAD_INPUT
    assert "rounds-000003.parquet = another table than before" in printed(console)
    assert "run.force=true" in printed(console)
    assert not (path / "DONE").exists()


def test_another_configuration_is_not_taken_up(interrupted, console):
    config, path = interrupted
    begun = json.loads((path / "begun.json").read_text())
    begun["config"]["game"]["diversity"] = 0.25
    (path / "begun.json").write_text(json.dumps(begun))
    assert run(config, console) == BAD_INPUT
    assert "game.diversity: 0.25 -> " in printed(console)
    assert rounds_kept(path) == 5


@pytest.mark.parametrize("content", ["", "{", "[]", '{"config": 1}', "\udcff"])
def test_a_damaged_beginning_is_named(interrupted, console, content):
    config, path = interrupted
    (path / "begun.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    assert run(config, console) == BAD_INPUT
    assert "begun.json = damaged" in printed(console)
    assert rounds_kept(path) == 5


def begun(config):
    """Lines that a new beginning of a run says."""
    lines = []
    RunDirectory(config).begin(lines.append)
    return lines


def test_other_code_and_packages_are_said(interrupted):
    config, path = interrupted
    known = json.loads((path / "begun.json").read_text())
    known["made_by"] |= {"git": "0" * 40}
    known["made_by"]["packages"]["numpy"] = "1.0"
    (path / "begun.json").write_text(json.dumps(known))
    git, numpy = begun(config)
    assert git.startswith("not as when this run began: git: 000")
    assert numpy == f"not as when this run began: packages.numpy: 1.0 -> {package_versions()['numpy']}"
    assert rounds_kept(path) == 5


def test_what_a_killed_write_left_is_removed(interrupted):
    config, path = interrupted
    for name in (".verdict.json.partial", "progress/.rounds-000005.parquet.partial", ".language.parquet.7.partial"):
        (path / name).write_bytes(b"PAR")
    assert not begun(config)
    assert not list(path.rglob("*partial*"))
    assert rounds_kept(path) == 5


def test_a_forced_run_takes_up_nothing_nor_does_one_that_was_killed_while_it_cleared(interrupted):
    config, path = interrupted
    (path / "begun.json").unlink()
    assert not begun(config)
    assert rounds_kept(path) == 0
    (path / "progress").mkdir()
    (path / "progress" / "rounds-000000.parquet").touch()
    config.run.force = True
    assert not begun(config)
    assert rounds_kept(path) == 0
