"""Controllers on a platform that is played, at a small size: every row reported, pairs kept, claims that can fail."""

import pandas as pd
import pytest

from experiments.command import BAD_INPUT, run

FEW = ("~study.learners.EXP3", "~study.learners.two_points", "~study.learners.Optuna")
TINY = (*FEW, "run.seeds=2", "study.proposals=4", "study.block=1", "study.compared=1", "study.blocks=[1,2]")
SMALL = (*FEW, "run.seeds=4", "study.proposals=20", "study.compared=2", "study.blocks=[1,2]")
NAMES = [
    "learning beats the published incentives",
    "learning beats uniform switching",
    "no controller earns more than the best lever in closed form",
    "what controllers recommend comes near it",
    "accounts that have not settled blur what a lever is worth",
]


@pytest.mark.slow
def test_every_controller_is_reported_beside_the_baselines(study):
    found = study("controllers_on_platform", *TINY)
    assert list(found.outcomes) == NAMES
    rows = pd.read_csv(found.path / "controllers.csv").set_index("controller")
    assert list(rows.index) == ["published", "best in closed form", "uniform switching", "Thompson", "UCB1"]
    settled = rows["settled value of what it recommends"]
    assert settled["best in closed form"] == settled.max()
    assert settled["best in closed form"] > settled["published"] + 0.1  # the published incentives leave a group out
    assert (found.path / "levers.png").stat().st_size > 5_000


@pytest.mark.slow
def test_bandits_beat_the_published_incentives_and_not_the_closed_form(study):
    found = study("controllers_on_platform", *SMALL)
    for name in (NAMES[0], NAMES[2]):
        assert found.outcomes[name] == "agrees", found.found[name]


@pytest.mark.slow
def test_a_learner_that_never_moves_does_not_pass(study):
    """The negative control: a principal who keeps the published incentives is reported as one who does not learn."""
    still = ("study.learners={nobody: {_target_: sim.design.controllers.Fixed, _partial_: true, profile: [0.0, 0.0]}}",)
    rest = [each for each in TINY if "~study.learners" not in each]
    dropped = ("~study.learners.Thompson", "~study.learners.UCB1", *FEW)
    found = study("controllers_on_platform", *dropped, *rest, "+" + still[0])
    assert found.outcomes[NAMES[0]] == "differs"
    assert found.outcomes[NAMES[3]] == "differs"


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("run.seeds=1", "run.seeds"),
        ("study.blocks=[4,1]", "study.blocks"),
        ("study.proposals=2", "study.proposals"),
        ("study.block=0", "study.block"),
        ("study.threshold=0", "study.threshold"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_by_name(override, words, composed, console, tmp_path):
    config = composed("experiment=controllers_on_platform", *TINY, override, f"run.directory={tmp_path}")
    assert run(config, console) == BAD_INPUT
    assert words in " ".join(console.file.getvalue().split())


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_every_claim_comes_out_as_the_file_says(study, expected):
    assert study("controllers_on_platform").outcomes == expected("controllers_on_platform")
