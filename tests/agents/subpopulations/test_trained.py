"""Adapters of a population are trained once, then found by their content; the shipped one comes first."""

import pytest

from agents.language.adapters import check_adapters
from agents.subpopulations.adapter_base import base_of_model, check_base, recorded_base
from agents.subpopulations.corpus import Text
from agents.subpopulations.trained import train_population, trained_adapter
from agents.subpopulations.training import Recipe
from sim.errors import InputError

TEXTS = {"so calm": [Text("About me:", " I sit still.")], "loud": [Text("About me:", " I shout.")]}
RECIPE = Recipe(rank=1, target_modules=["q_proj"], steps=1, batch_size=1, length=16)


@pytest.fixture(scope="module")
def population(model_folder, base_hash, tmp_path_factory):
    home = tmp_path_factory.mktemp("adapters")
    return home, train_population(TEXTS, RECIPE, model_folder, base=base_hash, report=lambda line: None, home=home)


def test_one_adapter_a_group_each_made_for_the_base(population, model_folder, base_hash):
    home, folders = population
    assert list(folders) == list(TEXTS)
    assert sorted(home.iterdir()) == sorted(folders.values())
    assert folders["so calm"].name.startswith("so-calm-")
    check_adapters(folders)
    recorded, base = recorded_base(folders["loud"]), base_of_model(model_folder, base_hash)
    assert recorded == base
    assert check_base("loud", folders["loud"], model_folder, base_hash) == "weights, shapes"


def test_the_second_time_nothing_is_trained(population, base_hash):
    home, folders = population
    lines = []
    again = train_population(TEXTS, RECIPE, home / "no such model", base=base_hash, report=lines.append, home=home)
    assert again == folders
    assert lines == []


def test_a_shipped_adapter_of_the_same_content_comes_first(population, base_hash, tmp_path):
    _, folders = population
    lines = []
    common = {"base": base_hash, "report": lines.append, "home": tmp_path, "shipped": folders["loud"]}
    assert trained_adapter("loud", TEXTS["loud"], RECIPE, tmp_path, **common) == folders["loud"]
    assert lines == []
    with pytest.raises(ValueError, match="tokenizer"):  # other texts: it wants to train, and there is no model
        trained_adapter("loud", TEXTS["so calm"], RECIPE, tmp_path, **common)
    assert lines[0].startswith("training the loud adapter on 1 texts")


@pytest.mark.parametrize("bad", [{"rank": 0}, {"target_modules": ()}, {"learning_rate": 0.0}, {"steps": 0}])
def test_recipes_that_train_nothing_are_refused(bad):
    with pytest.raises(InputError, match="recipe"):
        Recipe(**bad)
