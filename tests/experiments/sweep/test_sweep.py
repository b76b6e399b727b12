"""Whole sweeps in processes of this machine, started as a user starts them."""

from __future__ import annotations

import signal
import time

import pytest

pytestmark = pytest.mark.slow


def test_one_crash_and_one_death_fail_alone_and_only_what_is_missing_runs(swept, tmp_path):
    """A point that crashes; one whose process is killed each time; one that is killed once and then done."""
    grid = ["sweep.workers=2", "sweep.retries=1", f"+study.mark={tmp_path / 'mark'}", "run.seed=0,1"]
    troubles = "+study.trouble=choice('',crash,'killed once')"
    assert swept.run(*grid, troubles) == 1
    counts = swept.counts
    assert (counts["done"], counts["failed"], counts["missing"]) == (4, 2, 0)
    assert "RuntimeError: this point crashes" in swept.printed
    assert set(swept.table["state"][swept.table["study.trouble"] == "crash"]) == {"failed"}
    assert max(swept.noted("running").values()) == 2
    assert swept.run(*grid, troubles) == 1
    assert swept.noted("before") == dict.fromkeys((0, 2, 3, 5), 1)


def test_a_point_that_always_dies_is_given_up(swept):
    assert swept.run("sweep.workers=1", "sweep.retries=1", "+study.trouble=killed", "run.seed=range(0,1)") == 1
    assert "died 2 times, last by SIGKILL" in " ".join(swept.printed.split())


def test_ctrl_c_leaves_a_sweep_that_goes_on(swept):
    grid = ["run.seed=range(0,12)", "+study.seconds=0.5", "sweep.workers=2"]
    driver = swept.start(*grid)
    while not (swept.folder / "sweeps").exists() or sum(swept.noted("done").values()) < 2:
        assert driver.poll() is None, swept.printed
        time.sleep(0.1)
    driver.send_signal(signal.SIGINT)
    assert driver.wait(60) == 130
    assert "the same command goes on" in " ".join(swept.printed.split())
    done = set(swept.noted("done"))
    assert 2 <= len(done) < 12
    assert swept.run(*grid) == 0
    assert swept.counts["done"] == 12
    assert set(swept.noted("before")) == done
    assert set(swept.noted("done").values()) == {1}


def test_a_wrong_key_stops_before_anything_starts(swept):
    assert swept.run("run.seed=0,1", "game.diversty=1") == 2
    assert "diversty" in swept.printed
    assert not (swept.folder / "sweeps").exists()
