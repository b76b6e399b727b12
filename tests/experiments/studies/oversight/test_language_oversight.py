"""Oversight with a language model: one with known chances of error, and the packaged one as the files expect."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from agents.language.protocol import LanguageModelError
from agents.language.vllm_command import vllm_device
from experiments.command import BAD_INPUT, run
from experiments.console import Reporter
from experiments.making import made
from experiments.run_directory import RunDirectory
from experiments.studies.oversight.coverage_risk import GRID, area, risks
from experiments.studies.oversight.language_prediction import calibrated
from experiments.studies.oversight.language_store import from_parquet
from sim.oversight import PROFILES
from sim.oversight.events import AUDITOR_PAY, SOLVER_PAY, Event

RECORDED = Path(__file__).parent / "recorded"
KNOWN = ("language=calculator", "study.functions=null", "run.seeds=5", "study.draws=50", "study.parametric_rounds=1")
SMALL = ("study.arithmetic.per_grade=12", "study.training.rounds=20")


def test_theory_says_what_a_solver_of_known_skill_does(study, composed, console, tmp_path_factory):
    readings = f"study.readings={tmp_path_factory.mktemp('readings')}"
    finished = study("llm_oversight", *KNOWN, *SMALL, readings)
    assert "kept from before" not in finished.printed
    for name in ("abstention", "hallucination", "audits"):
        assert finished.outcomes[f"{name} as the thresholds say"] == "agrees", finished.found
    assert finished.outcomes["success falls with size"] == "agrees"
    rows = pq.read_table(finished.path / "ledger.parquet").to_pandas()
    assert set(rows["profile"]) == set(PROFILES)
    assert rows["seed"].nunique() == 5
    for row in rows.iloc[:: len(rows) // 200].itertuples():
        event = Event[row.judged.upper()]
        vector = PROFILES[row.profile].vector
        assert row._asdict()["_13"] == pytest.approx(SOLVER_PAY[event] @ vector)
        assert row._asdict()["_14"] == pytest.approx(AUDITOR_PAY[event] @ vector)
    observed = pd.read_csv(finished.path / "rates.csv").query("of == 'observed'").set_index("profile")
    by_hand = (
        rows.assign(wrong=rows["event"].astype(str).str.startswith("wrong"))
        .groupby(["profile", "seed"])["wrong"]
        .mean()
    )
    assert observed["hallucination"].to_dict() == pytest.approx(by_hand.groupby("profile").mean().to_dict())

    # The same material serves the other study: no model is asked again.
    runs = tmp_path_factory.mktemp("runs")
    config = composed(
        "experiment=coverage_risk", "language=calculator", *SMALL, "run.seeds=5", readings, f"run.directory={runs}"
    )
    assert run(config, console) == 0
    assert "kept from before" in console.file.getvalue()
    (path,) = runs.iterdir()
    copies = [(folder / "material_arithmetic.parquet").read_bytes() for folder in (path, finished.path)]
    assert copies[0] == copies[1]
    outcomes = {c["name"]: c["outcome"] for c in json.loads((path / "findings.json").read_text())["claims"]}
    assert outcomes["abstaining alone lowers risk"] == "agrees"
    assert outcomes["no profile orders answers better than the best threshold"] == "agrees"
    areas = pd.read_csv(path / "areas.csv")
    assert (areas["silent"] <= areas["wrong"] + 1e-12).all()
    assert (path / "coverage_risk.png").stat().st_size > 5_000


@pytest.mark.slow
def test_a_solver_without_skill_breaks_the_claims(study, tmp_path_factory):
    """Equal chances on all tasks: success no longer falls; a verdict that is no better than chance tells nothing."""
    readings = f"study.readings={tmp_path_factory.mktemp('readings')}"
    even = ("language.skill=1.0", "language.care=0.5", "language.insight=0.0")
    finished = study("llm_oversight", *KNOWN, *SMALL, *even, readings)
    assert finished.outcomes["success falls with size"] == "differs"


@pytest.mark.slow
def test_an_erring_resolver_shows_in_the_ledger_alone(study, tmp_path_factory):
    readings = f"study.readings={tmp_path_factory.mktemp('readings')}"
    finished = study("llm_oversight", *KNOWN, *SMALL, "study.resolver.true_positive=0.7", readings)
    rows = pq.read_table(finished.path / "ledger.parquet").to_pandas().astype({"judged": str, "event": str})
    wrong = rows[rows["event"].str.startswith("wrong")]
    assert wrong["judged"].str.startswith("right").mean() == pytest.approx(0.3, abs=0.12)
    right = rows[rows["event"].str.startswith("right")]
    assert (right["judged"] == right["event"]).all()


def test_code_is_refused_a_calculator(composed, console, tmp_path):
    config = composed(
        "experiment=llm_oversight", "language=calculator", f"run.directory={tmp_path}", f"study.readings={tmp_path}"
    )
    assert run(config, console) != 0
    assert "no problem of two numbers" in " ".join(console.file.getvalue().split())


def test_a_grade_that_does_not_exist_is_named(composed, console, tmp_path):
    config = composed(
        "experiment=coverage_risk", "language=calculator", "study.arithmetic.grades=[99]", f"run.directory={tmp_path}"
    )
    assert run(config, console) == BAD_INPUT
    assert "99" in console.file.getvalue()


def test_risks_of_scores_that_know_everything_nothing_and_the_contrary():
    wrong = np.arange(200) % 4 == 0
    knowing, blind, contrary = (risks(scores, wrong) for scores in (-1.0 * wrong, np.zeros(200), 1.0 * wrong))
    assert knowing[GRID <= 0.75] == pytest.approx(0)
    assert blind == pytest.approx(0.25)
    assert contrary[GRID <= 0.25] == pytest.approx(1)
    assert [curve[-1] for curve in (knowing, blind, contrary)] == pytest.approx([0.25] * 3)
    assert area(knowing) < area(blind) < area(contrary)


def test_a_calibration_finds_the_chances_and_survives_one_sided_data():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(4000, 2))
    chance = 1 / (1 + np.exp(-2 * features[:, 0]))
    right = rng.random(4000) < chance
    design = np.column_stack([features, np.ones(4000)])
    assert calibrated(design, right, np.ones(4000)) == pytest.approx(chance, abs=0.06)
    assert calibrated(design, np.zeros(4000, bool), np.ones(4000)) == pytest.approx(0)


@pytest.fixture
def on_recorded(composed, console, tmp_path):
    """Findings of an experiment file, at its full size, on material that the packaged model wrote under vLLM."""

    def find(name):
        config = composed(f"experiment={name}", f"run.directory={tmp_path}")
        written = {path.stem: from_parquet(path) for path in sorted(RECORDED.glob("*.parquet"))}
        directory = RunDirectory(config)
        study = made(config.study)
        found = study.findings(
            written if name == "llm_oversight" else written["arithmetic"], directory, Reporter(console)
        )
        return {claim.name: claim.outcome for claim in found.claims}, directory.path

    return find


@pytest.mark.slow
def test_coverage_and_risk_of_the_packaged_model_come_out_as_the_file_says(on_recorded, expected):
    outcomes, _ = on_recorded("coverage_risk")
    assert outcomes == expected("coverage_risk")


@pytest.mark.slow
def test_oversight_by_the_packaged_model_comes_out_as_the_file_says(on_recorded, expected):
    outcomes, path = on_recorded("llm_oversight")
    assert outcomes == expected("llm_oversight")
    assert {file.name for file in path.glob("ledger*.parquet")} == {"ledger.parquet", "ledger_functions.parquet"}


@pytest.mark.slow
def test_the_packaged_model_end_to_end(study, tmp_path_factory, expected):
    """Small, but whole: both families, the sandbox, heads, predictions, ledgers; on vLLM where there is one."""
    backend = fastest_backend()
    small = (
        *("study.arithmetic.grades=[1,7]", "study.arithmetic.per_grade=4", "study.functions.grades=[3]"),
        *("study.samples=2", "study.audits=1", "run.seeds=5", "study.draws=100", "study.parametric_rounds=1"),
        f"study.readings={tmp_path_factory.mktemp('readings')}",
    )
    finished = study("llm_oversight", f"language={backend}", *small)
    assert set(finished.outcomes) == set(expected("llm_oversight"))
    assert finished.outcomes["success falls with size"] == "agrees"
    manifest = json.loads((finished.path / "manifest.json").read_text())
    assert backend in manifest["model"]["backend"].lower()
    for family, tasks in (("arithmetic", 8), ("functions", 4)):
        material = pq.read_table(finished.path / f"material_{family}.parquet").to_pandas()
        assert len(material) == tasks * 2
        assert material["readable"].mean() > 0.7
        assert 0.05 < material["right"].mean() < 0.95
        assert (material["solver_features 0"] < 0).all()


def fastest_backend():
    try:
        vllm_device()
    except LanguageModelError:
        return "transformers"
    return "vllm"
