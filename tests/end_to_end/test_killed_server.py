"""A real vLLM server, killed twenty times while accounts play on it: the verdict is that of an undisturbed run."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pyarrow.parquet as pq
import pytest

from agents.language.protocol import LanguageModelError
from agents.language.vllm_command import vllm_device
from experiments.progress import rounds_kept

pytestmark = [pytest.mark.full, pytest.mark.timeout(7200)]

KILLS = 20
RUN = (
    *("language=vllm", "language.dtype=float32", f"language.max_restarts={KILLS + 5}", "run.seeds=1"),
    *("platform.rounds=48", "platform.accounts=2", "platform.max_tokens=8", "platform.heard_share=0.5"),
    f"health.restarts={KILLS + 5}",
)


@pytest.fixture(autouse=True)
def _vllm_is_here():
    try:
        vllm_device()
    except LanguageModelError as error:
        pytest.skip(str(error))


def start(home):
    home.mkdir()
    with (home / "output.txt").open("w") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "experiments.command", *RUN, f"run.directory={home / 'runs'}"],
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def finished(process, home):
    assert process.wait() == 0, (home / "output.txt").read_text()
    (path,) = (home / "runs").iterdir()
    manifest, verdict = (json.loads((path / name).read_text()) for name in ("manifest.json", "verdict.json"))
    return pq.read_table(path / "posts.parquet").to_pandas(), verdict, manifest


def kill_the_server_of(process):
    """Kill it if it is there; whether it was."""
    servers = [
        child
        for child in psutil.Process(process.pid).children(recursive=True)
        if "vllm.entrypoints.openai.api_server" in " ".join(child.cmdline())
    ]
    for server in servers:
        os.kill(server.pid, signal.SIGKILL)
    return bool(servers)


def test_a_server_killed_twenty_times_changes_no_verdict(tmp_path):
    undisturbed = start(tmp_path / "undisturbed")  # beside the other, which waits for its server most of the time

    home = tmp_path / "killed"
    process = start(home)
    killed_at = []
    while len(killed_at) < KILLS and process.poll() is None:
        time.sleep(0.3)
        played = [rounds_kept(path) for path in home.glob("runs/*/")]
        if played and played[0] > (killed_at[-1] if killed_at else 0) and kill_the_server_of(process):
            killed_at.append(played[0])
            print(f"killed after round {played[0]}", flush=True)
    posts_there, verdict_there, manifest = finished(process, home)
    posts, verdict, _ = finished(undisturbed, tmp_path / "undisturbed")

    assert len(killed_at) == KILLS
    assert manifest["restarts"] == KILLS
    assert verdict_there["verdict"]["kind"] == verdict["verdict"]["kind"]
    assert len(posts_there) == len(posts)
    same = posts["text"].eq(posts_there["text"])
    voices = [column for column in posts if column.startswith("logprob ")]
    gaps = np.abs(posts.loc[same, voices].to_numpy() - posts_there.loc[same, voices].to_numpy())
    print(
        f"verdicts {verdict['verdict']['kind']}; texts equal {same.sum()} of {len(same)}; log-probabilities of equal "
        f"texts differ by at most {np.nanmax(gaps):.2g}; killed after rounds {killed_at}"
    )
    assert same.all(), "float32 on one processor: the same request gives the same text, whichever server answers"
