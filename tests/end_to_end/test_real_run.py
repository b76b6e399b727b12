"""The main job on the real model and the real vLLM server, as the command line runs it, only shorter."""

import json
import os
import platform
import signal
import subprocess
import sys
import time

import psutil
import pyarrow.parquet as pq
import pytest

from agents.language.protocol import LanguageModelError
from agents.language.vllm_command import vllm_device
from experiments.progress import rounds_kept, so_far

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

ROUNDS = 20
SHORT = (
    "language=vllm",
    "language.max_restarts=1",
    "run.seeds=2",
    f"platform.rounds={ROUNDS}",
    "verdict.window=0.5",
    "platform.accounts=3",
    "platform.max_tokens=10",
    "platform.heard_share=0.5",
)
KINDS = {"converged", "converged elsewhere", "cycling", "chaotic", "diverged", "undecided"}


@pytest.fixture(scope="module", autouse=True)
def _vllm_is_here():
    try:
        vllm_device()
    except LanguageModelError as error:
        if sys.platform == "linux" and platform.machine() == "x86_64":
            pytest.fail(f"the environment installs vLLM on this kind of machine, but: {error}")
        pytest.skip(str(error))


def start(tmp_path):
    return subprocess.Popen(
        [sys.executable, "-m", "experiments.command", *SHORT, f"run.directory={tmp_path}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def kill_servers_of(process):
    servers = [
        child
        for child in psutil.Process(process.pid).children(recursive=True)
        if "vllm.entrypoints.openai.api_server" in " ".join(child.cmdline())
    ]
    assert servers
    for server in servers:
        os.kill(server.pid, signal.SIGKILL)


def wait_for_rounds(tmp_path, process, rounds, seconds=900):
    """Until this many rounds lie in the run directory, which is returned."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        (path, *_) = [*tmp_path.iterdir(), tmp_path]
        if rounds_kept(path) >= rounds:
            return path
        time.sleep(0.2)
    pytest.fail(f"{rounds} rounds were not played; exit {process.poll()}: {process.stdout.read()}")


def test_real_posts_reach_a_verdict_however_often_the_server_dies_on_the_way(tmp_path):
    """Killed once it is started again; killed once more, that was all that was allowed; the same command goes on."""
    process = start(tmp_path)
    path = wait_for_rounds(tmp_path, process, 1)
    kill_servers_of(process)
    wait_for_rounds(tmp_path, process, rounds_kept(path) + 1)
    kill_servers_of(process)
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 3, output
    assert "language model:" in output
    assert "Traceback" not in output
    left = json.loads((path / "status.json").read_text())
    assert left["state"] == "failed"
    assert "max_restarts = 1 is used up" in left["message"]
    assert not (path / "DONE").exists()
    assert so_far(path, "rounds").num_rows == 2 * 3 * left["rounds_played"] > 0
    assert not servers_left(path)

    process = start(tmp_path)
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 0, output
    assert list(tmp_path.iterdir()) == [path]
    found = json.loads((path / "verdict.json").read_text())
    manifest = json.loads((path / "manifest.json").read_text())
    posts = pq.read_table(path / "posts.parquet").to_pandas()

    assert (path / "DONE").exists()
    assert found["verdict"]["kind"] in KINDS
    assert f"Verdict: {found['verdict']['kind']}" in output
    assert found["negative_control"]["kind"] != "converged"
    assert found["gates"]["adapter"]["passed"]
    assert "vllm" in manifest["language"].lower()

    assert len(posts) == 2 * ROUNDS * 3
    assert posts["text"].str.len().gt(5).mean() > 0.95
    assert posts["text"].nunique() > 0.9 * len(posts)
    heard = posts.dropna(subset=["logprob Openness"])
    assert 0.25 < len(heard) / len(posts) < 0.75
    assert (heard["voice"] == heard["group"]).mean() > 0.5  # chance is 0.2
    assert not servers_left(path)


def servers_left(path):
    """Servers whose model log lies in this run directory and that outlived the run."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline", "open_files"])
        if any(str(path) in file.path for file in process.info["open_files"] or [])
    ]
