"""A segment left out by volume, won back by a lever: predicted first, then played; on known voices and on the model."""

import json

import numpy as np
import pandas as pd
import pytest

from experiments.command import BAD_INPUT, run

EXACT = ("experiment=support_desk", "subpopulations=support_desk_synthetic", "language=synthetic")
SHORT = ("platform.rounds=32", "run.seeds=2", "platform.accounts=3", "platform.drafts_per_round=20")
ON_THE_MODEL = "voices carry their groups"


@pytest.mark.slow
def test_a_short_play_with_known_voices_tells_theory_from_play(study, expected):
    finished = study("support_desk", *EXACT[1:], *SHORT)
    assert set(finished.outcomes) == set(expected("support_desk"))
    assert finished.outcomes[ON_THE_MODEL] == "can't be tested"
    weights = pd.read_csv(finished.path / "weights.csv").set_index(["incentives", "group"])
    assert weights.loc[("present", "protected"), "predicted"] < 0.05
    assert weights.loc["changed", "predicted"].min() >= 0.1 - 1e-3
    np.testing.assert_allclose(weights["predicted"].groupby("incentives").sum(), 1)
    assert (weights["low"] <= weights["played"]).all()
    assert (weights["played"] <= weights["high"]).all()
    manifest = json.loads((finished.path / "manifest.json").read_text())
    assert manifest["lever"]["diversity"] > 0.25
    present = manifest["config"]["game"]
    assert manifest["lever"] == {name: present[name] for name in manifest["lever"]} | {
        "diversity": manifest["lever"]["diversity"]
    }
    rounds = pd.read_parquet(finished.path / "rounds.parquet")
    assert sorted(rounds["seed"].unique()) == [0, 1, 2, 3], "the two plays have seeds of their own"
    assert len(rounds) == 4 * 32 * 3
    assert {"present.png", "changed.png", "report.html"} <= {file.name for file in finished.path.iterdir()}


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ("study.group=nobody", "study.group"),
        ("study.target=0.2", "threshold"),
        ("game.crowding=sum", "game.crowding"),
        ("run.seeds=1", "run.seeds"),
        ("study.coefficient=volume", "coefficient"),
        ("study.threshold=0", "study.threshold"),
    ],
)
def test_what_cannot_be_studied_is_named_before_play(override, named, composed, console, tmp_path):
    assert run(composed(*EXACT, *SHORT, override, f"run.directory={tmp_path}"), console) == BAD_INPUT
    assert named in " ".join(console.file.getvalue().split())


@pytest.mark.slow
def test_with_known_voices_every_testable_claim_comes_out_as_the_file_says(study, expected):
    outcomes = study("support_desk", *EXACT[1:]).outcomes
    assert outcomes.pop(ON_THE_MODEL) == "can't be tested"
    assert outcomes == {name: outcome for name, outcome in expected("support_desk").items() if name != ON_THE_MODEL}


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_on_the_packaged_model_every_claim_comes_out_as_the_file_says(study, expected):
    finished = study("support_desk")
    assert finished.outcomes == expected("support_desk")
    posts = pd.read_parquet(finished.path / "posts.parquet")
    assert posts["text"].str.len().gt(5).mean() > 0.9
    heard = posts.dropna(subset=["logprob protected"])
    assert (heard["voice"] == heard["group"]).mean() > 0.6  # by chance 0.2
