"""The Big Five study: its claims can come out both ways; with the real model its files and numbers hang together."""

import json

import numpy as np
import pandas as pd
import pytest

from agents.subpopulations.sources import bigfive_items
from experiments.command import BAD_INPUT, run
from experiments.console import Reporter
from experiments.run_directory import RunDirectory
from experiments.studies.evidence import gather
from experiments.studies.language.bigfive_language import MODEL, PEOPLE, BigFiveLanguage
from experiments.studies.language.evidence import language_evidence
from experiments.studies.language.paper_table import PLANE
from experiments.studies.planes import solve_planes
from sim.estimation import GameEstimator

DRAWS, POINTS = 20, 30


@pytest.fixture(scope="session")
def outcomes(opinions_of_people):
    """Claims of the study on answers made from people."""

    def compare(console, **changed):
        opinions = opinions_of_people(**changed)
        estimator, reporter = GameEstimator(), Reporter(console)
        evidence = {
            MODEL: language_evidence(MODEL, opinions, estimator, draws=DRAWS, seed=0),
            PEOPLE: gather(bigfive_items.load, estimator, draws=DRAWS, seed=0, reporter=reporter),
        }
        planes = {
            label: solve_planes(one, points=POINTS, threshold=0.05, fixed=((PLANE, 1.0),))
            for label, one in evidence.items()
        }
        study = BigFiveLanguage(
            subpopulations=None,
            language=None,
            data=None,
            estimator=None,
            draws=DRAWS,
            seed=0,
            threshold=0.05,
            points=POINTS,
        )
        return study.findings(opinions, evidence, planes, (), estimator)

    return compare


def test_people_in_parts_look_like_people_and_exaggerated_ones_do_not(outcomes, console):
    alike = {claim.name: claim for claim in outcomes(console).claims}
    exaggerated = {claim.name: claim for claim in outcomes(console, tilt=6.0).claims}
    for name in ("inconsistency like that of people", "maps like those of people"):
        assert alike[name].holds is True, alike[name].found
        assert exaggerated[name].holds is False, exaggerated[name].found


def test_voices_that_fail_are_said_to_and_unchecked_ones_too(outcomes, console):
    for changed, expected in (({}, True), ({"passed": False}, False), ({"quality": ()}, None)):
        (claim,) = (c for c in outcomes(console, **changed).claims if c.name == "voices carry their groups")
        assert claim.holds is expected


def test_nothing_is_excluded_where_the_threshold_is_next_to_nothing(opinions_of_people):
    from experiments.studies.language.bigfive_language import some_excluded

    evidence = language_evidence(MODEL, opinions_of_people(), GameEstimator(), draws=5, seed=0)
    held = [
        some_excluded(solve_planes(evidence, points=POINTS, threshold=level, fixed=((PLANE, 1.0),))).holds
        for level in (0.05, 1e-9)
    ]
    assert held == [True, False]


def test_a_threshold_of_nothing_is_refused_before_any_model_starts(composed, console, tmp_path):
    config = composed("experiment=bigfive_language", "study.threshold=0", f"run.directory={tmp_path}")
    assert run(config, console) == BAD_INPUT
    assert "threshold" in console.file.getvalue()


@pytest.mark.slow
def test_the_real_model(composed, console, tmp_path, expected):
    settings = (
        "experiment=bigfive_language",
        "language=transformers",
        "subpopulations.wordings=[About me:,I would say this about myself:,How I see myself:]",
        "study.draws=30",
        "study.points=40",
        f"study.readings={tmp_path / 'readings'}",
        f"run.directory={tmp_path / 'runs'}",
    )
    config = composed(*settings)
    assert run(config, console) == 0, console.file.getvalue()
    path = RunDirectory(config).path
    outcomes = {c["name"]: c["outcome"] for c in json.loads((path / "findings.json").read_text())["claims"]}
    for name, outcome in expected("bigfive_language").items():
        if name != "maps like those of people":  # with three prompts of the eight that may stay open
            assert outcomes[name] == outcome, name
    terms = pd.read_csv(path / "terms.csv")
    assert set(terms["of"]) == {MODEL, PEOPLE}
    spread = terms[(terms["term"] == "C") & (terms["of"] == MODEL)]
    assert np.all(spread["low"] < spread["high"])
    assert (path / "answers_language_model.parquet").is_file()
    manifest = json.loads((path / "manifest.json").read_text())
    assert len(manifest["adapters"]) == 5

    # The same answers serve a study with other draws: no model is started.
    again = composed(*settings[:3], "study.draws=10", *settings[4:])
    assert run(again, console) == 0
    assert "answers kept from before" in console.file.getvalue()
    kept = path / "answers_language_model.parquet"
    assert (RunDirectory(again).path / kept.name).read_bytes() == kept.read_bytes()
