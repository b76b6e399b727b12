"""An adapter on another base is refused, whichever way its base is known; shapes are compared in any case."""

import json
import shutil

import numpy as np
import pytest
from safetensors.numpy import save_file

from agents.subpopulations.adapter_base import Base, base_of_model, check_base, config_hash, recorded_base
from agents.subpopulations.bigfive.population import shipped_adapter
from sim.errors import InputError

CONFIG = {"model_type": "llama", "hidden_size": 8, "num_hidden_layers": 2, "rope_theta": 1e4}


def model(home, name="Mistral-7B-Instruct-v0.1", **changed):
    folder = home / name
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({**CONFIG, **changed}))
    return folder


def adapter(home, base, *, inputs=8, layer=1, recipe=None):
    folder = home / "adapter"
    folder.mkdir()
    (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": base, "r": 2}))
    name = f"base_model.model.model.layers.{layer}.self_attn.q_proj.lora_A.weight"
    save_file({name: np.zeros((2, inputs), np.float32)}, folder / "adapter_model.safetensors")
    if recipe:
        (folder / "recipe.json").write_text(json.dumps(recipe))
    return folder


def test_the_same_base_passes_by_name_and_shapes(tmp_path):
    folder = adapter(tmp_path, "mistralai/mistral-7B-Instruct-v0.1")
    assert check_base("left", folder, model(tmp_path), "weights") == "name, shapes"


def test_another_version_of_the_base_is_refused_naming_both(tmp_path):
    """The adapters of Modular Pluralism: made for v0.1, while the paper names v0.2."""
    folder = adapter(tmp_path, "mistralai/Mistral-7B-Instruct-v0.1")
    with pytest.raises(InputError) as caught:
        check_base("left", folder, model(tmp_path, "Mistral-7B-Instruct-v0.2"), "weights")
    assert caught.value.field == "base model of adapter 'left'"
    assert "v0.1" in caught.value.value
    assert "v0.2" in caught.value.remedy


@pytest.mark.parametrize("where", ["declared", "recipe"])
def test_the_same_name_with_another_config_is_refused(tmp_path, where):
    wanted = config_hash(model(tmp_path / "theirs", rope_theta=1e6))
    recipe = {"base_config": wanted} if where == "recipe" else None
    declared = Base(config_sha256=wanted) if where == "declared" else None
    folder = adapter(tmp_path, "Mistral-7B-Instruct-v0.1", recipe=recipe)
    ours = model(tmp_path / "ours")
    with pytest.raises(InputError, match="config_sha256") as caught:
        check_base("left", folder, ours, "weights", declared)
    assert wanted in caught.value.value
    assert config_hash(ours) in caught.value.remedy
    same = model(tmp_path / "same", rope_theta=1e6)
    assert check_base("left", folder, same, "weights", declared) == "config, name, shapes"


def test_weights_settle_the_matter(tmp_path):
    folder, ours = adapter(tmp_path, "a" * 64), model(tmp_path, "any name")
    assert check_base("left", folder, ours, "a" * 64) == "weights, shapes"
    with pytest.raises(InputError, match="weights_sha256"):
        check_base("left", folder, ours, "b" * 64)


def test_an_adapter_that_says_nothing_needs_a_declaration(tmp_path):
    folder, ours = adapter(tmp_path, None), model(tmp_path)
    with pytest.raises(InputError, match="not recorded"):
        check_base("left", folder, ours, "weights")
    assert check_base("left", folder, ours, "weights", Base(name=ours.name)) == "name, shapes"


@pytest.mark.parametrize(("shape", "message"), [({"inputs": 16}, "has 8"), ({"layer": 2}, "2 layers")])
def test_shapes_that_do_not_fit_are_refused(tmp_path, shape, message):
    folder = adapter(tmp_path, "Mistral-7B-Instruct-v0.1", **shape)
    with pytest.raises(InputError, match=message):
        check_base("left", folder, model(tmp_path), "weights")


def test_the_config_hash_is_of_the_network_not_of_the_library(tmp_path):
    plain = config_hash(model(tmp_path / "a"))
    assert config_hash(model(tmp_path / "b", transformers_version="9", _name_or_path="x", dtype="float16")) == plain
    assert config_hash(model(tmp_path / "c", num_hidden_layers=3)) != plain
    with pytest.raises(InputError, match="not readable"):
        config_hash(tmp_path)


def test_a_model_in_a_hub_cache_has_the_hubs_name(tmp_path):
    folder = model(tmp_path / "models--mistralai--Mistral-7B-Instruct-v0.1" / "snapshots", "0123abc")
    assert base_of_model(folder, "w").name == "mistralai/Mistral-7B-Instruct-v0.1"
    assert check_base("x", adapter(tmp_path, "mistralai/Mistral-7B-Instruct-v0.1"), folder, "w") == "name, shapes"


def test_a_shipped_adapter_fits_the_packaged_model_and_no_other(model_folder, base_hash, tmp_path):
    assert recorded_base(shipped_adapter("O")).weights_sha256 == base_hash
    assert check_base("O", shipped_adapter("O"), model_folder, base_hash) == "weights, shapes"
    foreign = tmp_path / "foreign"
    shutil.copytree(shipped_adapter("O"), foreign)
    settings = json.loads((foreign / "adapter_config.json").read_text())
    settings["base_model_name_or_path"] = "mistralai/Mistral-7B-Instruct-v0.1"
    (foreign / "adapter_config.json").write_text(json.dumps(settings))
    with pytest.raises(InputError, match="Mistral"):
        check_base("O", foreign, model_folder, base_hash)
