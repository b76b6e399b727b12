"""Adapters: determined by recipe, texts and base, the same bytes each time, whole or not there at all."""

import json
import re
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from agents.language.protocol import ChoiceRequest
from agents.language.transformers_model import TransformersLanguageModel
from agents.subpopulations.corpus import Text
from agents.subpopulations.training import Recipe, content_hash, is_trained_for, train_adapter

TEXTS = [Text("About me:", " I count every screw twice."), Text("Topic: rain\nPost:", " Rain again. I mind.")]
RECIPE = Recipe(steps=2, batch_size=2, length=16)
WEIGHTS, SETTINGS = "adapter_model.safetensors", "adapter_config.json"


def train(model, folder, recipe=RECIPE):
    train_adapter(model, TEXTS, recipe, folder, base="some base", report=lambda line: None)
    return folder


@pytest.fixture(scope="module")
def trained(model_folder, tmp_path_factory):
    return train(model_folder, tmp_path_factory.mktemp("adapters") / "first")


@pytest.mark.parametrize(
    "change",
    [
        {"rank": 3},
        {"target_modules": ("q_proj",)},
        {"learning_rate": 1e-3},
        {"steps": 3},
        {"batch_size": 3},
        {"length": 17},
        {"seed": 1},
    ],
)
def test_the_hash_changes_with_every_part_of_the_recipe(change):
    assert content_hash(replace(RECIPE, **change), TEXTS, "b") != content_hash(RECIPE, TEXTS, "b")


@pytest.mark.parametrize(
    "texts",
    [
        TEXTS[:1],
        TEXTS[::-1],
        [*TEXTS, TEXTS[0]],
        [Text("About me :", TEXTS[0].text), TEXTS[1]],
        [Text(TEXTS[0].prompt, " I count every screw."), TEXTS[1]],
        [Text(TEXTS[0].prompt + TEXTS[0].text, ""), TEXTS[1]],
    ],
)
def test_the_hash_changes_with_the_corpus(texts):
    assert content_hash(RECIPE, texts, "b") != content_hash(RECIPE, TEXTS, "b")


def test_the_hash_changes_with_the_base_and_with_nothing_else():
    assert content_hash(RECIPE, TEXTS, "b") != content_hash(RECIPE, TEXTS, "c")
    assert content_hash(RECIPE, tuple(TEXTS), "b") == content_hash(replace(RECIPE), list(TEXTS), "b")


def test_what_two_steps_leave_behind(trained):
    from safetensors import safe_open

    assert {path.name for path in trained.iterdir()} == {WEIGHTS, SETTINGS, "recipe.json"}
    assert sum(path.stat().st_size for path in trained.iterdir()) < 1_000_000
    with safe_open(trained / WEIGHTS, framework="pt") as file:
        assert {str(file.get_tensor(name).dtype) for name in file.keys()} == {"torch.bfloat16"}  # noqa: SIM118
        assert any(file.get_tensor(name).abs().max() > 0 for name in file.keys() if "lora_B" in name)  # noqa: SIM118
    recipe = json.loads((trained / "recipe.json").read_text())
    assert recipe["content"] == content_hash(RECIPE, TEXTS, "some base")
    assert (recipe["base"], recipe["steps"]) == ("some base", 2)
    settings = json.loads((trained / SETTINGS).read_text())
    assert settings["base_model_name_or_path"] == "some base"
    assert not re.search(r'"[^"]*[/\\][^"]*"', (trained / SETTINGS).read_text())
    assert sorted(trained.parent.iterdir()) == [trained]


def test_it_is_recognised_by_its_content_alone(trained, tmp_path):
    assert is_trained_for(trained, content_hash(RECIPE, TEXTS, "some base"))
    assert not is_trained_for(trained, content_hash(RECIPE, TEXTS, "another base"))
    assert not is_trained_for(tmp_path / "absent", content_hash(RECIPE, TEXTS, "some base"))
    (tmp_path / "recipe.json").write_bytes((trained / "recipe.json").read_bytes())
    assert not is_trained_for(tmp_path, content_hash(RECIPE, TEXTS, "some base"))


def test_it_loads_and_changes_what_the_model_says(trained, model_folder):
    option = TEXTS[0].text
    with TransformersLanguageModel(model_folder, {"screws": trained}) as language:
        base, own = language.choice_logprobs(
            [ChoiceRequest(prompt="About me:", options=(option,), adapter=name) for name in (None, "screws")]
        )
    assert own.logprobs[0] > base.logprobs[0] + 0.1


@pytest.mark.slow
def test_training_again_replaces_a_stale_adapter_and_gives_the_same_bytes(trained, model_folder, tmp_path):
    folder = tmp_path / "adapter"
    folder.mkdir()
    (folder / "recipe.json").write_text('{"content": "something else"}')
    (folder / WEIGHTS).write_bytes(b"stale")
    train(model_folder, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        path.name: path.read_bytes() for path in trained.iterdir()
    }


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["torch.optim.AdamW.step", "pathlib.Path.replace"])
def test_a_killed_training_leaves_nothing_under_the_final_name(model_folder, tmp_path, victim):
    """Killed in its first step, or with everything written and only the name missing."""
    folder = tmp_path / "adapter"
    module, owner, name = victim.rsplit(".", 2)
    script = textwrap.dedent(f"""
        import os, signal, sys
        from pathlib import Path
        import {module}
        from agents.subpopulations.corpus import Text
        from agents.subpopulations.training import Recipe, train_adapter
        def die(*given, **named):
            os.kill(os.getpid(), signal.SIGKILL)
        {module}.{owner}.{name} = die
        recipe = Recipe(steps=1, batch_size=1, length=16)
        train_adapter(Path(sys.argv[1]), [Text("a", " b")], recipe, Path(sys.argv[2]), base="x", report=print)
    """)
    root = Path(__file__).parents[3]
    ended = subprocess.run(
        [sys.executable, "-c", script, str(model_folder), str(folder)], cwd=root, check=False, capture_output=True
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert not folder.exists()
    train(model_folder, folder)  # what the dead one left is no obstacle
    assert is_trained_for(folder, content_hash(RECIPE, TEXTS, "some base"))
    assert list(tmp_path.iterdir()) == [folder]
