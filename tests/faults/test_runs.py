"""Faults in the middle of a run: the message and the exit status, no DONE, no lock left, and the next start goes on."""

import io
import json
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from omegaconf import OmegaConf
from rich.console import Console

from agents.language.openai_endpoint import EndpointUnavailable
from agents.language.synthetic import SyntheticLanguageModel
from experiments.command import BACKEND_FAILED, BAD_INPUT, SYSTEM_FAILED, main, run
from experiments.run_directory import DONE, RunDirectory
from tests.experiments.live_model import SHIPPED
from tests.faults.server import babbles, breaks_off, changes, hangs, says, trickles

SMALL = ("experiment=synthetic", "run.seeds=1", "platform.rounds=10", "platform.accounts=2", "verdict.window=0.8")
MOUNT = str(shutil.which("mount"))
TABLES = ("opinions.parquet", "rounds.parquet", "posts.parquet", "verdict.json")


def only_run(directory):
    (path,) = [child for child in directory.iterdir() if child.is_dir()]
    return path


def said(console):
    text = " ".join(console.file.getvalue().split())
    console.file.truncate(0)
    console.file.seek(0)
    return text


def assert_stopped(path):
    """Nothing that looks finished, a status in words, no write left half done."""
    assert json.loads((path / "status.json").read_text())["state"] == "failed"
    assert not (path / "DONE").exists()
    assert not list(path.rglob(".*partial"))


def tables(path):
    return {name: (path / name).read_bytes() for name in TABLES}


@pytest.fixture(scope="module")
def undisturbed(composed, tmp_path_factory):
    """Tables of a run that nothing befell."""
    home = tmp_path_factory.mktemp("undisturbed")
    assert run(composed(*SMALL, f"run.directory={home}"), Console(file=io.StringIO())) == 0
    return tables(only_run(home))


FAULTS = {
    "server errors": (says(500), 1, "failed 2 times"),
    "too many requests": (says(429), 1, "failed 2 times"),
    "truncated JSON": (changes(lambda right: right[:-9]), 2, "no JSON"),
    "no HTTP": (babbles, 3, "failed 2 times"),
    "NaN": (changes(lambda right: right.replace('"logprob": ', '"logprob": NaN, "was": ')), 4, "is nan, not <= 0"),
    "infinity": (changes(lambda right: right.replace('"logprob": ', '"logprob": -Infinity, "x": ')), 9, "is -inf"),
    "broken connection": (breaks_off, 14, "failed 2 times"),
    "no answer": (hangs, 20, "no answer within 4 s"),
    "an answer that trickles": (trickles, 6, "no answer within 4 s"),
}
"""Name -> what the server does from which request of a start on, and the words of the error."""


@pytest.mark.slow
def test_a_run_whose_server_fails_in_every_way_in_turn_ends_as_if_it_had_not(
    recorded_server, composed, console, tmp_path, monkeypatch
):
    monkeypatch.setenv("EQUIPOLIS_API_KEY", "key-of-the-test")
    config = composed(
        *("platform.accounts=2", "platform.rounds=10", "platform.max_tokens=12", "platform.heard_share=0.5"),
        *("verdict.window=0.8", "run.seeds=2", "run.name=faults", f"run.directory={tmp_path}", "language=endpoint"),
        *(f"language.base_url=[{recorded_server.url}]", "language.served_model=base"),
        *("language.timeout=4", "language.retries=1"),
    )
    for name, (fault, first, words) in FAULTS.items():
        recorded_server.asked = 0
        recorded_server.faulty = lambda number, fault=fault, first=first: fault if number >= first else None
        assert run(config, console) == BACKEND_FAILED, name
        printed = said(console)
        assert words in printed, (name, printed[-500:])
        assert "language model: endpoint:base@http://127.0.0.1" in printed
        assert_stopped(only_run(tmp_path))
    recorded_server.faulty = lambda _: None
    recorded_server.asked = 0
    assert run(config, console) == 0, said(console)
    path = only_run(tmp_path)
    assert (path / "DONE").exists()
    posts, shipped = (pd.read_parquet(folder / "posts.parquet") for folder in (path, SHIPPED))
    pd.testing.assert_frame_equal(posts, shipped, rtol=1e-9)
    verdicts = [json.loads((folder / "verdict.json").read_text()) for folder in (path, SHIPPED)]
    assert verdicts[0]["verdict"]["kind"] == verdicts[1]["verdict"]["kind"]
    np.testing.assert_allclose(verdicts[0]["predicted"], verdicts[1]["predicted"], rtol=1e-9)
    asked = recorded_server.asked
    assert run(config, console) == 0
    assert recorded_server.asked == asked, "a finished run asks nothing"


@pytest.mark.slow
def test_rounds_played_before_a_failure_are_kept_and_the_next_start_goes_on(
    composed, console, tmp_path, monkeypatch, undisturbed
):
    speak, calls = SyntheticLanguageModel.generate, []

    def dies_in_the_sixth_round(self, requests):
        calls.append(len(requests))
        if len(calls) == 6:
            raise EndpointUnavailable("synthetic: the server is gone")
        return speak(self, requests)

    monkeypatch.setattr(SyntheticLanguageModel, "generate", dies_in_the_sixth_round)
    config = composed(*SMALL, f"run.directory={tmp_path}")
    assert run(config, console) == BACKEND_FAILED
    path = only_run(tmp_path)
    assert_stopped(path)
    assert json.loads((path / "status.json").read_text())["rounds_played"] == 5
    assert run(config, console) == 0
    assert "5 of 10 rounds" in said(console)
    assert tables(path) == undisturbed


@pytest.mark.slow
def test_a_clock_that_jumps_changes_nothing(composed, console, tmp_path, monkeypatch, undisturbed):
    jumps = iter(range(10**9))
    monkeypatch.setattr("time.time", lambda: 1e9 + (-1) ** next(jumps) * 3e8)
    assert run(composed(*SMALL, f"run.directory={tmp_path}"), console) == 0
    path = only_run(tmp_path)
    assert tables(path) == undisturbed
    seconds = json.loads((path / "manifest.json").read_text())["seconds"]
    assert all(0 <= taken < 600 for taken in seconds.values()), "durations are of a clock that does not jump"


def run_without_memory(config, directory):
    """Runs once for the imports, then with next to no address space left; exits with the second run's status."""
    with_memory = OmegaConf.merge(config, {"run": {"directory": str(directory / "with_memory")}})
    run(with_memory, Console(file=io.StringIO()))
    console = Console(file=io.StringIO(), width=200)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + (1 << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    hold = []  # what is still free inside the heap is taken too
    try:
        while True:
            hold.append(bytearray(1 << 16))
    except MemoryError:
        del hold[-4:]
    status = run(config, console)
    (directory / "said").write_text(console.file.getvalue()[-2000:])
    os._exit(status)


@pytest.mark.slow
def test_a_run_without_memory_left_says_so_and_goes_on_with_more(composed, console, tmp_path, undisturbed):
    config = composed(*SMALL, f"run.directory={tmp_path / 'runs'}")
    # A fresh process: the limit can't be taken back, and a worker of many tests has free memory of its own.
    child = multiprocessing.get_context("spawn").Process(target=run_without_memory, args=(config, tmp_path))
    child.start()
    child.join()
    assert child.exitcode == SYSTEM_FAILED
    assert "memory" in (tmp_path / "said").read_text()
    assert not (only_run(tmp_path / "runs") / "DONE").exists()
    assert run(config, console) == 0
    assert tables(only_run(tmp_path / "runs")) == undisturbed


@pytest.mark.slow
def test_a_full_disk_stops_a_run_that_goes_on_once_there_is_room(tmp_path, undisturbed):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = [MOUNT, "-t", "tmpfs", "-o", "size=40k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this user can't mount a small disk")
    command = [sys.executable, "-m", "experiments.command", *SMALL, f"run.directory={disk}"]
    try:
        full = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert full.returncode == SYSTEM_FAILED, full.stdout + full.stderr
        assert "free some space" in " ".join(full.stdout.split())
        assert "Traceback" not in full.stderr
        (path,) = disk.iterdir()
        assert not (path / "DONE").exists()
        subprocess.run([MOUNT, "-o", "remount,size=20m", str(disk)], check=True)
        again = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert again.returncode == 0, again.stdout + again.stderr
        assert tables(path) == undisturbed
    finally:
        subprocess.run([str(shutil.which("umount")), str(disk)], check=False)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"verdict": {}}', "\x00"])
def test_a_finished_run_that_was_damaged_is_named_and_not_shown(composed, console, tmp_path, damage):
    config = composed(*SMALL, f"run.directory={tmp_path}")
    directory = RunDirectory(config)
    (directory.path / DONE).write_text(directory.hash)
    for written in (None, damage):
        if written is not None:
            (directory.path / "verdict.json").write_text(written)
        assert run(config, console) == BAD_INPUT
        printed = said(console)
        assert "verdict.json" in printed
        assert "run.force=true" in printed


@pytest.mark.parametrize(
    "content",
    [
        b"game: [unclosed",
        b"game:\n\tattractiveness: 1\n",
        b"\x00\x01",
        b"run:\n  name: \xff",
        b"- a\n- list\n",
        b"game: !!python/object/apply:os.system ['true']\n",
        b"&a [*a]",
    ],
)
def test_a_configuration_file_that_is_broken_is_a_message_and_not_a_traceback(tmp_path, monkeypatch, capsys, content):
    folder = tmp_path / "experiment"
    folder.mkdir()
    (folder / "broken.yaml").write_bytes(b"# @package _global_\n" + content)
    known = signal.getsignal(signal.SIGTERM)
    monkeypatch.setenv("HYDRA_FULL_ERROR", "0")  # which the command sets
    arguments = ["--config-dir", str(tmp_path), "experiment=broken", f"run.directory={tmp_path / 'runs'}"]
    monkeypatch.setattr(sys, "argv", ["equipolis", *arguments])
    try:
        with pytest.raises(SystemExit) as stopped:
            main()
    finally:
        signal.signal(signal.SIGTERM, known)
    assert stopped.value.code == BAD_INPUT
    assert "stopped bad input: configuration: " in capsys.readouterr().out
    assert not (tmp_path / "runs").exists()
