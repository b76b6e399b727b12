"""One point on its own worker: its row, and workers that must not run it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from experiments.sweep.events import Journals
from experiments.sweep.point import START, Task, UnfitWorker, code_fingerprint, run_point


@pytest.fixture
def task(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    monkeypatch.setenv("EQUIPOLIS_MODULES", "settles")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sweep").mkdir()
    (tmp_path / "sweep" / START).write_text("now")

    def make(*overrides, **changes):
        given = ["study={_target_:settles.Settles,seed:${run.seed}}", "run.name=settles", "run.directory=runs"]
        facts = {"number": 3, "home": str(tmp_path), "sweep": str(tmp_path / "sweep"), "start": "now"}
        facts["code"] = code_fingerprint()
        return Task(overrides=(*given, *overrides), **{**facts, **changes})

    return make


def test_a_point_is_an_ordinary_run_and_is_run_once(task, tmp_path):
    first, second = run_point(task()), run_point(task())
    assert (first.state, first.kind, first.claims) == ("done", "1 agrees", {"equilibrium": "agrees"})
    assert (tmp_path / first.path / "DONE").is_file()
    assert (first.before, second.before) == (False, True)
    assert second.path == first.path
    assert second.process == os.getpid()
    journals = Journals(tmp_path / "sweep", "now")
    assert journals.running(set()) == set()
    assert journals.attempts == {3: 2}


def test_a_crash_is_a_failed_row_and_its_traceback_is_kept(task, tmp_path):
    row = run_point(task("+study.trouble=crash"))
    assert (row.state, row.message) == ("failed", "RuntimeError: this point crashes")
    (log,) = (tmp_path / "sweep" / "workers").glob("*.log")
    assert "Traceback" in log.read_text()


@pytest.mark.parametrize(
    ("override", "words"),
    [("game.diversty=1", "diversty"), ("game.diversity=-1", "game.diversity"), ("dynamics=none_such", "none_such")],
)
def test_bad_input_is_a_failed_row(task, override, words):
    row = run_point(task(override))
    assert row.state == "failed"
    assert words in row.message


def test_a_worker_that_does_not_see_the_sweep_is_unfit(task, tmp_path):
    with pytest.raises(UnfitWorker, match=r"run\.directory="):
        run_point(task(sweep=str(tmp_path / "elsewhere")))
    with pytest.raises(UnfitWorker, match=r"run\.directory="):
        run_point(task(start="another start"))


def test_a_worker_with_other_code_is_unfit(task):
    with pytest.raises(UnfitWorker, match="other code"):
        run_point(task(code="0" * 16))
