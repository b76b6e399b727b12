"""The default population: its shipped adapters belong to its texts, carry their groups, and personas don't."""

import json

import numpy as np
import pytest

from agents.language.adapters import check_adapters
from agents.language.synthetic import SyntheticLanguageModel
from agents.language.transformers_model import TransformersLanguageModel
from agents.subpopulations import trained
from agents.subpopulations.bigfive.material import TRAITS, corpus
from agents.subpopulations.bigfive.population import SHIPPED, BigFive, shipped_adapter
from agents.subpopulations.statements import affirm
from agents.subpopulations.training import Recipe, content_hash, is_trained_for
from sim.errors import InputError

MARGIN = 0.25
WORDINGS = ("About me:",)


def silent(line):
    """Where reports go."""


@pytest.fixture(scope="session")
def language(model_folder, base_hash):
    """The real model with the shipped adapters, exact."""
    adapters = BigFive("adapter", MARGIN, WORDINGS).adapters(model_folder, base_hash, silent)
    with TransformersLanguageModel(model_folder, adapters, dtype="float32") as model:
        yield model


@pytest.mark.parametrize("recipe", SHIPPED, ids=lambda recipe: f"rank{recipe.rank}")
@pytest.mark.parametrize("trait", TRAITS)
def test_a_shipped_adapter_belongs_to_its_texts(trait, recipe, base_hash):
    folder = shipped_adapter(trait, recipe)
    assert is_trained_for(folder, content_hash(recipe, corpus(trait), base_hash))
    others = [t for t in TRAITS if t != trait]
    assert not any(is_trained_for(folder, content_hash(recipe, corpus(t), base_hash)) for t in others)


@pytest.mark.parametrize("recipe", SHIPPED, ids=lambda recipe: f"rank{recipe.rank}")
@pytest.mark.parametrize("trait", TRAITS)
def test_a_shipped_adapter_is_small_and_tells_nothing_of_the_machine(trait, recipe, base_hash):
    folder = shipped_adapter(trait, recipe)
    check_adapters({trait: folder})
    assert sum(path.stat().st_size for path in folder.iterdir()) < 1_000_000
    settings = json.loads((folder / "adapter_config.json").read_text())
    assert settings["base_model_name_or_path"] == base_hash
    for name in ("adapter_config.json", "recipe.json"):
        assert not {"/", "\\"} & set((folder / name).read_text())


def test_adapters_or_personas_voice_the_groups():
    adapters, personas = (BigFive(way, MARGIN, WORDINGS).models for way in ("adapter", "persona"))
    assert [model.group for model in adapters] == [model.group for model in personas] == list(TRAITS.values())
    assert [model.adapter for model in adapters] == list(TRAITS.values())
    assert not any(model.persona for model in adapters)
    assert all(model.persona.endswith("\n") and model.adapter is None for model in personas)
    assert sum(model.share for model in adapters) == pytest.approx(1)


@pytest.mark.parametrize(
    ("conditioning", "wordings", "field"),
    [("prompt", ("x",), "subpopulations.conditioning"), ("adapter", (), "subpopulations.wordings")],
)
def test_bad_settings_are_named(conditioning, wordings, field):
    with pytest.raises(InputError) as caught:
        BigFive(conditioning, MARGIN, wordings)
    assert caught.value.field == field


def test_shipped_adapters_are_taken_for_their_own_base_only(model_folder, base_hash, tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(trained, "train_adapter", lambda model, words, recipe, folder, **_: made.append(folder))
    monkeypatch.setattr(trained.platformdirs, "user_cache_path", lambda name: tmp_path)
    bigfive = BigFive("adapter", MARGIN, WORDINGS)
    own = bigfive.adapters(model_folder, base_hash, silent)
    assert own == {name: shipped_adapter(trait) for trait, name in TRAITS.items()}
    assert not made
    foreign = bigfive.adapters(model_folder, "another base", silent)
    assert list(foreign.values()) == made
    assert len(set(made)) == 5
    assert all(folder.is_relative_to(tmp_path) for folder in made)
    assert BigFive("persona", MARGIN, WORDINGS).adapters(model_folder, base_hash, silent) == {}


def test_another_recipe_has_adapters_of_its_own(model_folder, base_hash, tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(trained, "train_adapter", lambda model, words, recipe, folder, **_: made.append(folder))
    monkeypatch.setattr(trained.platformdirs, "user_cache_path", lambda name: tmp_path)
    shipped = BigFive("adapter", MARGIN, WORDINGS, recipe=SHIPPED[1]).adapters(model_folder, base_hash, silent)
    assert list(shipped.values()) == [shipped_adapter(trait, SHIPPED[1]) for trait in TRAITS]
    assert not made
    own = BigFive("adapter", MARGIN, WORDINGS, recipe=Recipe(rank=4, seed=1))
    assert list(own.adapters(model_folder, base_hash, silent).values()) == made


def test_opinions_of_a_known_model_go_through_calibration(people):
    """Leanings that follow the people's own answers: the table is theirs, and the report says so."""
    names = list(TRAITS.values())
    means = np.stack([p @ np.arange(6) for p in people.probabilities], axis=1)
    bigfive = BigFive("adapter", MARGIN, WORDINGS)
    affirmed = {" " + affirm(item): q for q, item in enumerate(people.questions)}

    def answer(adapter, prompt, option):
        if adapter is None or option not in affirmed:
            return 0.05
        q = affirmed[option]
        return float(0.05 * np.exp(means[names.index(adapter), q] - people.shares @ means[:, q]))

    lines = []
    opinions = bigfive.opinions(SyntheticLanguageModel(names, answer), lines.append)
    np.testing.assert_allclose(people.shares @ opinions.leanings, 0, atol=1e-12)
    assert opinions.calibration.correlation > 0.9
    assert opinions.table.groups == people.groups
    assert (opinions.answers.groups, opinions.answers.questions) == (people.groups, people.questions)
    for own, pooled in zip(opinions.table.probabilities, opinions.answers.pooled(), strict=True):
        np.testing.assert_allclose(pooled, own, atol=1e-12)  # one wording: one prompt, and that is the table
    assert "correlation with real people +0.9" in lines[0]


@pytest.mark.slow
def test_adapters_pass_the_gate_and_personas_do_not(language):
    gates = BigFive("adapter", MARGIN, WORDINGS).gates(language, silent)
    assert list(gates) == ["adapter", "persona"]
    gates["adapter"].require()
    assert np.array_equal(gates["adapter"].confusion.argmax(axis=1), np.arange(5))
    assert not gates["persona"].passed
    with pytest.raises(InputError, match="held-out margin"):
        gates["persona"].require()


@pytest.mark.slow
def test_opinions_of_the_real_adapters_carry_over_and_all_of_their_quality_is_passed(language):
    bigfive = BigFive("adapter", MARGIN, WORDINGS)
    found = bigfive.opinions(language, silent)
    assert 0 < found.calibration.gain <= found.calibration.ceiling
    assert found.calibration.correlation > 0.2
    quality = bigfive.quality(language, found)
    quality.require()
    assert quality.unchecked == ()
    assert quality.recovery.recovered.min() > 0.5
    assert quality.recovery.heldout > 0.9


@pytest.mark.slow
def test_prompts_of_the_real_adapters_differ_and_stay_near_the_table(language):
    found = BigFive("adapter", MARGIN, ("About me:", "I would say this about myself:")).opinions(language, silent)
    for q, pooled in enumerate(found.answers.pooled()):
        assert np.abs(found.answers.probabilities[q][0] - found.answers.probabilities[q][1]).max() > 1e-4
        np.testing.assert_allclose(pooled, found.table.probabilities[q], atol=0.01)
