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
from experiments.progress import so_far

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

SHORT = (
    "run.seeds=2",
    "platform.rounds=32",
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


def start(tmp_path, *overrides):
    return subprocess.Popen(
        [sys.executable, "-m", "experiments.command", *SHORT, "language=vllm", f"run.directory={tmp_path}", *overrides],
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


def wait_for(path_pattern, tmp_path, process, seconds=600):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        if list(tmp_path.glob(path_pattern)):
            return
        time.sleep(0.5)
    pytest.fail(f"{path_pattern} did not appear; exit {process.poll()}: {process.stdout.read()}")


def wait_for_a_round(tmp_path, process):
    wait_for("*/opinions.parquet", tmp_path, process)
    (path,) = tmp_path.iterdir()
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline and process.poll() is None:
        if "rounds played" in json.loads((path / "status.json").read_text())["message"]:
            return
        time.sleep(0.2)
    pytest.fail(f"no round was played; exit {process.poll()}: {process.stdout.read()}")


def test_real_posts_reach_a_verdict_even_if_the_server_dies_on_the_way(tmp_path):
    process = start(tmp_path)
    wait_for_a_round(tmp_path, process)
    kill_servers_of(process)
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 0, output
    (path,) = tmp_path.iterdir()
    found = json.loads((path / "verdict.json").read_text())
    manifest = json.loads((path / "manifest.json").read_text())
    posts = pq.read_table(path / "posts.parquet").to_pandas()

    assert (path / "DONE").exists()
    assert found["verdict"]["kind"] in KINDS
    assert f"Verdict: {found['verdict']['kind']}" in output
    assert found["negative_control"]["kind"] != "converged"
    assert found["gates"]["adapter"]["passed"]
    assert manifest["restarts"] >= 1
    assert "vllm" in manifest["language"].lower()

    assert len(posts) == 2 * 32 * 3
    assert posts["text"].str.len().gt(5).mean() > 0.95
    assert posts["text"].nunique() > 0.9 * len(posts)
    heard = posts.dropna(subset=["logprob Openness"])
    assert 0.3 < len(heard) / len(posts) < 0.7
    assert (heard["voice"] == heard["group"]).mean() > 0.6  # chance is 0.2
    assert not servers_left(path)


def test_a_server_that_cannot_be_restarted_ends_the_run_as_failed(tmp_path):
    process = start(tmp_path, "language.max_restarts=0")
    wait_for_a_round(tmp_path, process)
    kill_servers_of(process)
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 3, output
    assert "language model:" in output
    assert "Traceback" not in output
    (path,) = tmp_path.iterdir()
    assert json.loads((path / "status.json").read_text())["state"] == "failed"
    assert not (path / "DONE").exists()
    assert so_far(path, "rounds").num_rows > 0
    assert not servers_left(path)


def servers_left(path):
    """Servers whose model log lies in this run directory and that outlived the run."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline", "open_files"])
        if any(str(path) in file.path for file in process.info["open_files"] or [])
    ]
