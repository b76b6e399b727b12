"""The command: a result or a clear message, never a run directory that pretends to be done."""

import json
import os
import resource
import signal
import subprocess
import sys
import time

import pyarrow.parquet as pq
import pytest

from agents.language.protocol import LanguageModelError
from experiments.command import BACKEND_FAILED, BAD_INPUT, INTERRUPTED, SYSTEM_FAILED, run
from experiments.progress import rounds_kept, so_far

SMALL = ("experiment=synthetic", "run.seeds=2", "platform.rounds=40", "platform.accounts=3")


def printed(console):
    return " ".join(console.file.getvalue().split())


def only_run(directory):
    (path,) = [child for child in directory.iterdir() if child.is_dir()]
    return path


def status_of(path):
    return json.loads((path / "status.json").read_text())


@pytest.fixture
def small(composed, tmp_path):
    return composed(*SMALL, f"run.directory={tmp_path}")


def test_a_run_leaves_verdict_tables_report_and_done(small, console, tmp_path):
    assert run(small, console) == 0
    path = only_run(tmp_path)
    assert {"DONE", "verdict.json", "report.html", "manifest.json", "opinions.parquet"} <= set(os.listdir(path))
    verdict = json.loads((path / "verdict.json").read_text())
    assert f"Verdict: {verdict['verdict']['kind']}" in printed(console)
    rounds, posts = (pq.read_table(path / name).to_pandas() for name in ("rounds.parquet", "posts.parquet"))
    assert len(rounds) == 2 * 40 * 3
    assert len(posts) == 2 * 40 * 3 * 4
    weights = rounds.filter(like="played ").sum(axis=1)
    assert weights.sub(1).abs().max() < 1e-9
    page = (path / "report.html").read_text()
    assert "data:image/png;base64," in page
    assert "http://" not in page
    assert "https://" not in page
    manifest = json.loads((path / "manifest.json").read_text())
    assert manifest["config"]["platform"]["accounts"] == 3
    assert manifest["packages"]["numpy"]


@pytest.mark.slow
def test_a_finished_run_is_shown_not_repeated(small, console, tmp_path):
    assert run(small, console) == 0
    stamp = (only_run(tmp_path) / "verdict.json").stat().st_mtime_ns
    assert run(small, console) == 0
    assert "already done" in printed(console)
    assert (only_run(tmp_path) / "verdict.json").stat().st_mtime_ns == stamp


@pytest.mark.slow
def test_same_config_gives_the_same_tables_byte_for_byte(composed, console, tmp_path):
    tables = []
    for name in ("one", "two"):
        assert run(composed(*SMALL, f"run.directory={tmp_path / name}"), console) == 0
        path = only_run(tmp_path / name)
        tables.append([(path / f"{table}.parquet").read_bytes() for table in ("opinions", "rounds", "posts")])
    assert tables[0] == tables[1]


@pytest.mark.slow
def test_another_config_or_seed_gets_another_directory(composed, console, tmp_path):
    for extra in ("run.seed=0", "run.seed=5", "game.diversity=0.7"):
        assert run(composed(*SMALL, f"run.directory={tmp_path}", extra), console) == 0
    assert len(list(tmp_path.iterdir())) == 3


def test_bad_values_stop_before_anything_starts(composed, console, tmp_path):
    assert run(composed(*SMALL, f"run.directory={tmp_path}", "platform.floor=0.9"), console) == BAD_INPUT
    assert "floor" in printed(console)
    assert not (only_run(tmp_path) / "DONE").exists()
    assert status_of(only_run(tmp_path))["state"] == "failed"


def test_a_name_cannot_leave_the_directory_of_runs(composed, console, tmp_path):
    inside = tmp_path / "runs"
    assert run(composed(*SMALL, f"run.directory={inside}", "run.name=../elsewhere"), console) == BAD_INPUT
    assert "run.name" in printed(console)
    assert not list(tmp_path.iterdir())


def test_what_a_maker_complains_of_keeps_its_own_exit_status(composed, console, tmp_path, monkeypatch):
    def unavailable(**_):
        raise LanguageModelError("no model today")

    monkeypatch.setattr("experiments.backends.synthetic", unavailable)
    monkeypatch.setenv("EQUIPOLIS_MODULES", __name__)  # where this maker is defined
    assert run(composed(*SMALL, f"run.directory={tmp_path}"), console) == BACKEND_FAILED
    assert "language model: no model today" in printed(console)


def test_an_unwritable_directory_is_named(composed, console, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    assert run(composed(*SMALL, f"run.directory={tmp_path / 'file'}"), console) == BAD_INPUT
    assert "run.directory" in printed(console)


@pytest.mark.slow
def test_a_server_that_is_not_there_is_a_clear_failure(composed, console, tmp_path, monkeypatch):
    monkeypatch.setenv("EQUIPOLIS_API_KEY", "secret-key-of-the-test")
    config = composed(
        "subpopulations=bigfive_personas",
        "language=endpoint",
        "language.base_url=[http://127.0.0.1:9/v1]",
        "language.served_model=nobody",
        f"run.directory={tmp_path}",
    )
    assert run(config, console) == BACKEND_FAILED
    assert "127.0.0.1:9" in printed(console)
    path = only_run(tmp_path)
    assert status_of(path)["state"] == "failed"
    assert not (path / "DONE").exists()
    for file in path.iterdir():
        assert b"secret-key-of-the-test" not in file.read_bytes()


def rounds_were_played(directory):
    return any("rounds played" in file.read_text(encoding="utf-8") for file in directory.glob("*/status.json"))


def command(*overrides, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "experiments.command", *overrides],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


@pytest.mark.slow
def test_a_full_disk_is_a_clear_failure(tmp_path):
    def no_file_above_20_kb():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    process = command(*SMALL, f"run.directory={tmp_path}", preexec_fn=no_file_above_20_kb)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == SYSTEM_FAILED, output
    assert "free some space" in output
    assert "Traceback" not in output
    path = only_run(tmp_path)
    assert not (path / "DONE").exists()
    assert not list(path.glob(".*partial"))
    assert status_of(path)["state"] == "failed"


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_keeps_the_rounds_and_marks_the_run_interrupted(tmp_path, sent):
    def as_in_a_terminal():
        # A test run in the background may ignore Ctrl-C, and its children would too.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    process = command(*SMALL, "platform.rounds=100000", f"run.directory={tmp_path}", preexec_fn=as_in_a_terminal)
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and process.poll() is None and not rounds_were_played(tmp_path):
        time.sleep(0.2)
    process.send_signal(sent)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED, output
    assert "Traceback" not in output
    path = only_run(tmp_path)
    left = status_of(path)
    assert left["state"] == "interrupted"
    assert "run again to go on" in left["message"]
    assert left["rounds_played"] == rounds_kept(path) > 0
    assert not (path / "DONE").exists()
    assert so_far(path, "rounds").num_rows == 2 * 3 * left["rounds_played"]


@pytest.mark.slow
def test_an_unknown_key_on_the_command_line_is_named(tmp_path):
    process = command("platfrom.rounds=3", f"run.directory={tmp_path}")
    output, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "platfrom" in output
    assert not list(tmp_path.iterdir())
