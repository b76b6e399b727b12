"""The table of models: thinking is compared with not thinking, and voices that fail decide nothing."""

import numpy as np
import pytest

from experiments.command import BAD_INPUT, run
from experiments.studies.language.evidence import language_evidence
from experiments.studies.language.paper_table import PLANE, PUBLISHED
from experiments.studies.language.table1_base_models import Row, compare
from experiments.studies.planes import solve_planes
from sim.estimation import GameEstimator

THINKING = "models that think exclude more: thinking"


@pytest.fixture(scope="session")
def row(opinions_of_people):
    def make(label, **changed):
        opinions = opinions_of_people(**changed)
        evidence = language_evidence(label, opinions, GameEstimator(), draws=20, seed=0)
        planes = solve_planes(evidence, points=30, threshold=0.05, fixed=((PLANE, 1.0),))
        return Row(label=label, opinions=opinions, evidence=evidence, planes=planes)

    return make


def claims(rows):
    return {claim.name: claim for claim in compare(rows, {"thinking": "plain"}).claims}


def test_more_and_less_exclusion_are_told_apart_and_the_same_is_undecided(row):
    few, many = np.full(5, 0.2), np.array([0.3, 0.3, 0.2, 0.1, 0.1])  # the least attractive groups are left out
    more = claims([row("plain", shares=few), row("thinking", shares=many)])
    fewer = claims([row("plain", shares=many), row("thinking", shares=few)])
    same = claims([row("plain"), row("thinking")])[THINKING]
    unsure = claims([row("plain"), row("thinking", people=60)])[THINKING]
    assert (more[THINKING].holds, fewer[THINKING].holds, same.holds, unsure.holds) == (True, False, False, None)
    assert "too few prompts" in unsure.found
    assert more["exclusion depends on the model"].holds is True


def test_voices_that_fail_decide_nothing_and_the_table_says_so(row):
    rows = [row("plain"), row("thinking", tilt=8.0, passed=False)]
    found = claims(rows)
    assert found[THINKING].holds is None
    assert "voices of thinking fail" in found[THINKING].found
    assert found["every model's voices carry their groups"].holds is False
    assert found["exclusion depends on the model"].holds is None
    table = compare(rows, {"thinking": "plain"}).tables[0].rows
    assert set(table[table["model"] == "thinking"]["voices"]) == {"FAILED: held-out margin -0.50, needs +0.25"}
    assert set(table[table["model"] == "plain"]["voices"]) == {"passed"}


def test_published_models_that_were_not_run_are_named(row):
    found = claims([row("plain"), row("thinking")])["the paper's five models"]
    assert found.holds is None
    assert all(name in found.found for name in PUBLISHED)
    mixed = claims([row("Qwen3-4B"), row("plain"), row("thinking")])["the paper's five models"]
    assert "Qwen3-4B," not in mixed.found
    assert "Mistral-7B-Instruct-v0.2" in mixed.found


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        ("study.variants.thinking.thinks_as=nobody", "study.variants.thinking.thinks_as"),
        ("study.variants.rank4.label='SmolLM2-135M, personas'", "study.variants"),
        ("study.threshold=-1", "study.threshold"),
    ],
)
def test_bad_variants_are_refused_before_any_model_starts(override, complaint, composed, console, tmp_path):
    config = composed("experiment=table1_base_models", override, f"run.directory={tmp_path}")
    assert run(config, console) == BAD_INPUT
    assert complaint in console.file.getvalue()


def test_the_papers_models_are_composed_and_the_one_nobody_knows_must_be_named(composed, console, tmp_path):
    overrides = ("experiment=table1_base_models", "variants@study.variants=paper", f"run.directory={tmp_path}")
    config = composed(*overrides)
    assert {one.label for one in config.study.variants.values()} == set(PUBLISHED)
    assert run(config, console) == BAD_INPUT
    assert "study.variants.qwen3_7b.language.model" in console.file.getvalue()
    named = composed(*overrides, "study.variants.qwen3_7b.language.model=some/where")
    assert named.study.variants.qwen3_7b.language.model == "some/where"
    thinking = named.study.variants.qwen3_4b_thinking
    assert (thinking.thinks_as, thinking.subpopulations.thinking.opening) == ("qwen3_4b", "<think>\n")


@pytest.mark.full
def test_every_variant_that_runs_anywhere_comes_out_as_the_file_says(study, expected):
    finished = study("table1_base_models", "language=transformers")
    assert finished.outcomes == expected("table1_base_models")
