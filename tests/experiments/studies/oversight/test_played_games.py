"""Closed forms held against play: every claim comes out as its file says, also where little is played."""

import pandas as pd
import pytest

from experiments.command import BAD_INPUT, run

SMALL = {
    "penalty_invariance": (
        "study.stakes=[1,2,4]",
        "study.catches=[0.7,1,2]",
        "study.rounds=900",
        "study.step=0.2",
        "study.tolerance=0.04",
        "run.seeds=3",
    ),
    "random_checks_phase_change": (
        "study.rates=[0.1,0.2,0.35]",
        "study.noisy_rates=[0.2,0.48,0.8]",
        "study.rounds=1500",
        "study.floor=0.01",
        "run.seeds=3",
    ),
    "noise_sweep": (
        "study.solver_errors=[0,0.2,0.42]",
        "study.true_positive_rates=[0.3,0.7,1]",
        "study.false_positive_rates=[0,0.2,0.6]",
        "study.points=8",
        "study.rounds=2500",
        "study.tolerance=0.04",
        "run.seeds=2",
    ),
    "deterrence": (
        "study.detections=[0.1,0.2,0.3,0.4]",
        "study.stakes=[1,2,4]",
        "study.choosers=10",
        "study.rounds=800",
        "study.step=0.2",
        "study.tolerance=0.05",
        "run.seeds=2",
    ),
}
PICTURES = {
    "penalty_invariance": {"penalties.png"},
    "random_checks_phase_change": {"checks.png"},
    "noise_sweep": {"noise.png", "window.png"},
    "deterrence": {"deterrence.png"},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n == "noise_sweep" else n for n in SMALL])
def test_every_claim_comes_out_as_the_file_says(name, study, expected):
    finished = study(name, *SMALL[name])
    assert finished.outcomes == expected(name), finished.found
    assert {file.name for file in finished.path.glob("*.png")} == PICTURES[name]
    assert all((finished.path / picture).stat().st_size > 5_000 for picture in PICTURES[name])


@pytest.mark.full
@pytest.mark.parametrize("name", SMALL)
def test_at_full_size_too(name, study, expected):
    assert study(name).outcomes == expected(name)


def test_learners_who_have_not_turned_once_do_not_pass_for_the_equilibrium(study):
    """The negative control: the play is too short for its averages, and the claim says so."""
    finished = study("penalty_invariance", *SMALL["penalty_invariance"], "study.rounds=15", "study.tolerance=0.02")
    assert finished.outcomes["penalties leave alignment alone, in closed form"] == "agrees"
    assert finished.outcomes["audits fall as one over the penalty"] == "differs"
    assert finished.outcomes["the auditor's reward moves alignment"] == "differs"


def test_a_game_in_which_penalties_do_matter_is_found_out(study):
    """Below Omega nothing deters: a stake under that edge breaks the invariance, in closed form and in play."""
    finished = study("penalty_invariance", *SMALL["penalty_invariance"], "study.stakes=[0.3,1,2]")
    assert finished.outcomes["penalties leave alignment alone, in closed form"] == "differs"
    rows = pd.read_csv(finished.path / "penalties.csv")
    assert rows["aligned, played"][0] < 0.1 < rows["aligned, played"][1]


@pytest.mark.parametrize(
    "case",
    [
        ("penalty_invariance", "study.stakes=[1,2]", "study.stakes"),
        ("penalty_invariance", "study.catches=[2,1,3]", "ascending"),
        ("penalty_invariance", "run.seeds=1", "run.seeds"),
        ("random_checks_phase_change", "study.rates=[0.05,0.1,0.2]", "both sides of 0.25"),
        ("random_checks_phase_change", "study.noisy.miss=0", "study.noisy"),
        ("noise_sweep", "study.solver_errors=[0,0.1,0.6]", "noise.solver_error"),
        ("noise_sweep", "study.points=3", "study.points"),
        ("deterrence", "study.choosers=2", "study.choosers"),
        ("deterrence", "study.floor=0.7", "floor"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_by_name(case, composed, console, tmp_path):
    name, override, words = case
    config = composed(f"experiment={name}", *SMALL[name], override, f"run.directory={tmp_path}")
    assert run(config, console) == BAD_INPUT
    assert words in " ".join(console.file.getvalue().split())
