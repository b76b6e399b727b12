"""The social platform's own payoffs: fitted incentives cover the true ones, and play ends where they predict."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from experiments.command import BAD_INPUT, run

SMALL = ("run.seeds=4", "study.plays=2", "study.profiles=40", "platform.rounds=40", "study.draws=50")
NAMES = {
    "fitted incentives cover the true ones",
    "the quadratic form is accepted",
    "nothing beats what is true",
    "accounts settle in the predicted region",
}


@pytest.mark.slow
def test_a_small_run_reports_every_log(study):
    found = study("induced_incentives", *SMALL)
    assert set(found.outcomes) == NAMES
    rows = pd.read_csv(found.path / "incentives.csv")
    assert len(rows) == 4
    assert (rows["bA low"] < rows["bA high"]).all()
    np.testing.assert_allclose(rows[["bA", "bI", "bD"]].mean(), [1.0, 1.0, 0.5], atol=0.3)
    assert (found.path / "incentives.png").exists()
    manifest = json.loads((found.path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["covered"] == int(rows["all three covered"].sum())


def test_more_plays_than_logs_are_refused(composed, console, tmp_path):
    config = composed("experiment=induced_incentives", "run.seeds=2", "study.plays=5", f"run.directory={tmp_path}")
    assert run(config, console) == BAD_INPUT
    assert "run.seeds" in console.file.getvalue()


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_three_hundred_logs_of_the_platform_cover_the_true_incentives(study):
    """At least 93 of 100 at 95%, and the other claims; of 100 logs alone, chance puts one set in eight below."""
    found = study("induced_incentives")
    assert set(found.outcomes.values()) == {"agrees"}, found.found
    manifest = json.loads((found.path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["logs"] == 300
    assert manifest["covered"] >= 0.93 * 300
