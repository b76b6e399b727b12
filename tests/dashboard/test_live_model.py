"""A play is read as it was played, from the whole table and round by round alike."""

from __future__ import annotations

import json
import os
import shutil
import time

import numpy as np
import pandas as pd
import pytest

from experiments.dashboard.live_model import load_play, load_posts
from experiments.dashboard.runs import PREDICTION, open_run
from sim.equilibrium import exploitability
from sim.errors import InputError


@pytest.fixture
def going_on(finished, tmp_path):
    """The run as it lay there after four rounds."""
    place = tmp_path / "run"
    (place / "progress").mkdir(parents=True)
    shutil.copy(finished / "prediction.json", place)
    (place / "status.json").write_text('{"state": "running", "message": "", "rounds_played": 4, "rounds": 32}')
    for kind in ("rounds", "posts"):
        frame = pd.read_parquet(finished / f"{kind}.parquet")
        for number in range(4):
            frame[frame["round"] == number].to_parquet(place / "progress" / f"{kind}-{number:06d}.parquet")
    return place


def test_a_run_that_was_killed_is_told_by_its_silence(going_on):
    assert open_run(going_on).note == ""
    long_ago = time.time() - 1800
    for file in going_on.rglob("*"):
        os.utime(file, (long_ago, long_ago))
    assert open_run(going_on).note == "nothing written for 30 minutes: killed, or a long step"


def test_profiles_are_those_of_the_table(finished):
    play = load_play(open_run(finished))
    frame = pd.read_parquet(finished / "rounds.parquet")
    assert play.profiles.shape == (2, 33, 4, len(play.groups))
    for row in frame.sample(20, random_state=0).itertuples(index=False):
        named = dict(zip(frame.columns, row, strict=True))
        at = play.seeds.index(named["seed"])
        for d, group in enumerate(play.groups):
            assert play.profiles[at, named["round"], named["account"], d] == named[f"played {group}"]
            assert play.profiles[at, named["round"] + 1, named["account"], d] == named[f"next {group}"]


def test_prediction_and_exploitability_are_the_librarys(finished):
    run = open_run(finished)
    play = load_play(run)
    assert np.abs(play.predicted - run.verdict["predicted"]).max() <= 1e-9
    at, gains = play.gains()
    for k, t in enumerate(at):
        for s in range(len(play.seeds)):
            assert gains[s, k] == pytest.approx(exploitability(play.game, play.profiles[s, t]), abs=1e-9)
    settled = play.population[:, -1].mean(axis=0)
    assert play.distance == pytest.approx(0.5 * np.abs(settled - run.verdict["predicted"]).sum(), abs=1e-9)


def test_a_play_that_goes_on_is_its_rounds_so_far(finished, going_on):
    whole, part = load_play(open_run(finished)), load_play(open_run(going_on))
    assert part.rounds == 4
    assert (part.profiles == whole.profiles[:, :5]).all()
    assert (part.predicted == whole.predicted).all()
    posts = load_posts(open_run(going_on))
    assert posts["round"].max() == 3
    assert set(posts["text"]) <= set(pd.read_parquet(finished / "posts.parquet")["text"])


def test_before_the_first_round_there_is_no_play(tmp_path):
    (tmp_path / "status.json").write_text('{"state": "running", "message": ""}')
    assert load_play(open_run(tmp_path)) is None


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda place: (place / "progress" / "rounds-000002.parquet").write_bytes(b"PAR1 half"), "Parquet"),
        (lambda place: pd.DataFrame({"x": [1]}).to_parquet(place / "rounds.parquet"), "played"),
        (lambda place: _without_a_row(place / "progress" / "rounds-000001.parquet"), "missing"),
        (lambda place: _changed(place, "predicted", "many"), "predicted"),
        (lambda place: _changed(place, "groups", ["other", "names"]), "groups"),
        (lambda place: _changed(place, "similarity", [[1, 2], [3]]), "similarity|shape|inhomogeneous"),
    ],
)
def test_a_damaged_play_is_named(going_on, damage, said):
    damage(going_on)
    with pytest.raises((InputError, ValueError), match=said):
        load_play(open_run(going_on))


def _without_a_row(file):
    pd.read_parquet(file).iloc[1:].to_parquet(file)


def _changed(place, key, value):
    known = json.loads((place / PREDICTION).read_text())
    (place / PREDICTION).write_text(json.dumps(known | {key: value}))
