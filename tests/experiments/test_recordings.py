"""Recordings as the command line makes, replays, shows and merges them; one of a real model ships beside this file."""

import io
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__

from agents.language.recording_file import read_recording
from experiments.command import BACKEND_FAILED, BAD_INPUT, run
from experiments.recordings import command
from sim.errors import InputError

TABLES = ("opinions.parquet", "rounds.parquet", "posts.parquet", "verdict.json")
SHIPPED = Path(__file__).parent / "recorded"
REAL = (
    "platform.accounts=2",
    "platform.rounds=10",
    "platform.max_tokens=12",
    "platform.heard_share=0.5",
    "verdict.window=0.8",
    "run.seeds=2",
    "run.name=recorded",
)
SAME_ARITHMETIC = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OPENBLAS_CORETYPE": "Nehalem",
    "NPY_DISABLE_CPU_FEATURES": " ".join(__cpu_dispatch__),
    "NUMBA_CPU_NAME": "generic",
    "NUMBA_CPU_FEATURES": "",
}
"""Without it, the last digits of a table depend on the processor's vector instructions.

The shipped recording and its tables were made with REAL, SAME_ARITHMETIC and language=transformers.
"""


def tables_of(directory):
    (path,) = [child for child in directory.iterdir() if child.is_dir()]
    return {name: (path / name).read_bytes() for name in TABLES}, json.loads((path / "manifest.json").read_text())


@pytest.fixture
def no_model(monkeypatch):
    def fails(*_, **__):
        raise AssertionError("a replay must not look for a model")

    monkeypatch.setattr("experiments.backends.packaged_model", fails)
    monkeypatch.setattr("agents.subpopulations.bigfive.population.trained_adapter", fails)


def replayed(*changes):
    return (*REAL, "language=recorded", f"language.path={SHIPPED / 'bigfive.parquet'}", *changes)


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="other processors round otherwise")
def test_the_run_of_a_real_model_replays_with_every_table_byte_identical(tmp_path):
    without_models = "import sys; sys.modules['transformers'] = None;from experiments.command import main; main()"
    arguments = [sys.executable, "-c", without_models, *replayed(), f"run.directory={tmp_path}"]
    done = subprocess.run(arguments, env=os.environ | SAME_ARITHMETIC, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    tables, manifest = tables_of(tmp_path)
    for name, content in tables.items():
        assert content == (SHIPPED / name).read_bytes(), name
    assert [recording["misses"] for recording in manifest["recordings"]] == [0]
    assert manifest["model"]["name"].startswith("smollm2-135m")
    assert len(manifest["adapters"]) == 5


@pytest.mark.slow
@pytest.mark.usefixtures("no_model")
def test_the_run_of_a_real_model_replays_with_the_same_posts_on_any_processor(composed, console, tmp_path):
    assert run(composed(*replayed(), f"run.directory={tmp_path}"), console) == 0, console.file.getvalue()
    tables, _ = tables_of(tmp_path)
    recorded = {name: (SHIPPED / name).read_bytes() for name in TABLES}
    assert tables["posts.parquet"] == recorded["posts.parquet"]
    kinds = {json.loads(of["verdict.json"])["verdict"]["kind"] for of in (tables, recorded)}
    assert len(kinds) == 1
    rounds = [pd.read_parquet(io.BytesIO(of["rounds.parquet"])) for of in (tables, recorded)]
    pd.testing.assert_frame_equal(*rounds, rtol=1e-9, atol=1e-9)


@pytest.mark.usefixtures("no_model")
def test_on_a_changed_prompt_the_replay_refuses_and_names_the_first_difference(composed, console, tmp_path):
    changed = composed(*replayed("subpopulations.wordings=['About us:']"), f"run.directory={tmp_path}")
    assert run(changed, console) == BACKEND_FAILED
    printed = " ".join(console.file.getvalue().split())
    assert "bigfive.parquet: no answer to a ChoiceRequest" in printed
    assert "differs in prompt: recorded 'About me:" in printed
    assert "asked 'About us:" in printed
    (path,) = tmp_path.iterdir()
    assert json.loads((path / "status.json").read_text())["state"] == "failed"
    assert not (path / "DONE").exists()


def test_a_damaged_recording_is_named_and_plays_nothing(composed, console, tmp_path):
    damaged = tmp_path / "damaged.parquet"
    damaged.write_bytes((SHIPPED / "bigfive.parquet").read_bytes()[:-100])
    config = composed(*replayed(f"language.path={damaged}"), f"run.directory={tmp_path / 'runs'}")
    assert run(config, console) == BAD_INPUT
    assert "damaged.parquet" in console.file.getvalue()
    assert "is cut off" in " ".join(console.file.getvalue().split())


@pytest.mark.slow
def test_a_run_records_its_model_and_replays_from_its_directory(composed, console, tmp_path, live_run):
    assert run(composed(*live_run, f"run.directory={tmp_path / 'live'}"), console) == 0, console.file.getvalue()
    (recorded,) = (tmp_path / "live").iterdir()
    assert (recorded / "language.parquet").read_bytes() == (SHIPPED / "bigfive.parquet").read_bytes()
    replay = (*REAL, "language=recorded", f"language.path={recorded}", f"run.directory={tmp_path / 'replayed'}")
    assert run(composed(*replay), console) == 0, console.file.getvalue()
    (tables, manifest), (again, of_replay) = (tables_of(tmp_path / name) for name in ("live", "replayed"))
    assert again == tables
    (made,), (used,) = manifest["recordings"], of_replay["recordings"]
    answers = len(read_recording(SHIPPED / "bigfive.parquet").entries)
    assert made["misses"] == answers
    assert (used["hits"], used["misses"]) == (made["hits"] + answers, 0)
    assert made["sha256"] == used["sha256"]
    assert not list((tmp_path / "replayed").glob("*/language.parquet")), "what is recorded isn't recorded again"


def test_a_directory_without_a_recording_is_named(composed, console, tmp_path):
    assert run(composed(*replayed(f"language.path={tmp_path}"), f"run.directory={tmp_path}"), console) == BAD_INPUT
    assert "language.parquet = No such file" in " ".join(console.file.getvalue().split())


def test_the_command_shows_and_merges(console, tmp_path):
    shipped = str(SHIPPED / "bigfive.parquet")
    command([shipped], console)
    shown = console.file.getvalue()
    assert "Openness" in shown
    assert f"{len(read_recording(Path(shipped)).entries):,} answers in {os.path.getsize(shipped):,} bytes" in shown
    command(["merge", str(tmp_path / "both.parquet"), shipped, shipped], console)
    assert (tmp_path / "both.parquet").read_bytes() == Path(shipped).read_bytes()


@pytest.mark.parametrize("arguments", [[], ["merge"], ["merge", "target"], ["--all"], ["a", "b"]])
def test_other_arguments_are_answered_with_the_usage(arguments, console):
    with pytest.raises(InputError, match="usage: equipolis recording FILE"):
        command(arguments, console)


def test_help_is_no_error(console):
    command(["--help"], console)
    assert console.file.getvalue().startswith("usage: equipolis recording FILE")


def test_the_shipped_recording_is_small():
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 200_000
