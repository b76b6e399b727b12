"""Two outer rounds of a solver's and an auditor's phase on the packaged model."""

import json
import math

import numpy as np
import pytest

from agents.language.adapters import check_adapters
from agents.language.identity import model_identity
from agents.language.packaged_model import packaged_model
from agents.language.transformers_model import TransformersLanguageModel
from agents.policy_training import PolicyRecipe
from platforms.oversight.lora import ARITHMETIC
from platforms.oversight.lora_turns import take_turns
from platforms.oversight.tasks.arithmetic import arithmetic_tasks
from sim.errors import InputError
from sim.oversight.events import Event
from sim.oversight.profiles import PROFILES

CAUGHT = (Event.WRONG_CAUGHT, Event.WRONG_CAUGHT_BY_CHANCE)


@pytest.mark.slow
def test_solver_and_auditor_take_turns(tmp_path):
    model, lines, asked = packaged_model(), [], []
    tasks = arithmetic_tasks([1, 10], 2, seed=0)
    profiles = [PROFILES["default"], PROFILES["audit_seeking"]]

    def profile(done):
        asked.append(len(done))
        return profiles[len(done)]

    turns = take_turns(
        model,
        tasks,
        profile,
        PolicyRecipe(rank=2, steps=1, prompts=1, group=2, learning_rate=1e-3, temperature=1.5),
        tmp_path,
        roles=ARITHMETIC,
        voices=lambda adapters: TransformersLanguageModel(model, adapters),
        turns=2,
        check_rate=0.25,
        base=model_identity(model).weights_sha256,
        report=lines.append,
    )
    assert asked == [0, 1]
    assert [turn.profile for turn in turns] == profiles
    folders = {path.name: path for path in tmp_path.iterdir()}
    assert set(folders) >= {"solver-0", "auditor-0", "solver-1"}
    check_adapters(folders)
    assert len(lines) == len(folders)
    for turn in turns:
        assert turn.events.shape == (len(tasks),)
        assert np.isfinite(turn.solver.loss).all()
        wrong = [Event(event) for event in turn.events if Event(event).name.startswith("WRONG")]
        assert turn.hallucinated == pytest.approx(len(wrong) / len(tasks))
        flagged = sum(event in CAUGHT for event in wrong)
        expected = (flagged + 0.25 * (len(wrong) - flagged)) / len(wrong) if wrong else 0.25
        assert turn.caught == pytest.approx(expected)
        assert math.isclose(turn.abstained, float(np.mean(turn.events == Event.ABSTAINED)))
    first, second = (json.loads((folders[name] / "recipe.json").read_text()) for name in ("solver-0", "solver-1"))
    assert first["start"] is None
    assert second["start"] == first["weights"]


def test_no_turns_are_refused(tmp_path):
    with pytest.raises(InputError, match="turns = 0"):
        take_turns(
            tmp_path, [], lambda done: PROFILES["default"], PolicyRecipe(), tmp_path, roles=ARITHMETIC,
            voices=lambda adapters: None, turns=0, check_rate=0.0, base="b",
        )  # fmt: skip
