"""Any groups with an adapter each: asked, calibrated, checked; what is missing or doesn't fit is named."""

from pathlib import Path

import numpy as np
import pytest

from agents.language.synthetic import SyntheticLanguageModel
from agents.language.transformers_model import TransformersLanguageModel
from agents.subpopulations.adapter_base import Base
from agents.subpopulations.adapter_population import AdapterPopulation, ExistingAdapters, TrainedAdapters
from agents.subpopulations.bigfive.population import shipped_adapter
from agents.subpopulations.corpus import Text, split_corpus
from agents.subpopulations.elicitation import OptionLogprobs, Question
from agents.subpopulations.sources import Loaded, LoadedCorpus, Source
from agents.subpopulations.training import Recipe
from sim.errors import InputError
from sim.estimation import OpinionTable

GROUPS = ("calm", "loud")
SOURCE = Source("test", "public domain", "nobody", "", "", "")
PEOPLE = OpinionTable(
    groups=GROUPS,
    shares=np.array([0.3, 0.7]),
    questions=tuple(f"q{q}" for q in range(6)),
    probabilities=tuple(np.array([[p, 1 - p], [1 - p, p]]) for p in np.random.default_rng(0).uniform(0.1, 0.9, size=6)),
    ordinal=(False,) * 6,
    options=(("yes", "no"),) * 6,
)
SURVEY = Loaded(PEOPLE, None, SOURCE, {"q0": "Is rain good?"})
TEXTS = {g: [Text("Topic: tea\nPost:", f" post of {g} no. {n:016x}") for n in range(8)] for g in GROUPS}
CORPUS = LoadedCorpus(split_corpus(TEXTS, 0.25), SOURCE)
READING = OptionLogprobs(wordings=("{question}",), labels="text", orders=1)
MANY = OptionLogprobs(wordings=("{question}", "Well: {question}"), labels="text", orders=1)
ADAPTERS = ExistingAdapters({"calm": "C", "loud": "E"}, home=str(shipped_adapter("C").parent))


def truthful(adapter, prompt, option):
    """Answers as its people do, and finds yes easier to say than no, whoever speaks."""
    question = 0 if "rain" in prompt else int(prompt[-1])
    share = PEOPLE.probabilities[question][GROUPS.index(adapter), PEOPLE.options[0].index(option.strip())]
    return float(share) * (0.9 if option == " yes" else 0.1)


def test_a_survey_gives_groups_shares_questions_and_the_calibration():
    lines = []
    population = AdapterPopulation(ADAPTERS, MANY, survey=SURVEY)
    assert [(m.group, m.adapter, m.share) for m in population.models] == [("calm", "calm", 0.3), ("loud", "loud", 0.7)]
    found = population.opinions(SyntheticLanguageModel(GROUPS, truthful), lines.append)
    assert found.people is PEOPLE
    assert found.calibration.correlation > 0.9
    assert found.answers.prompts == (("1:AB", "2:AB"),) * 6
    assert found.answers.pooled()[0][0, 0] > PEOPLE.probabilities[0][0, 0]  # the bias of the raw answers
    assert np.abs(found.table.probabilities[0] - PEOPLE.probabilities[0]).max() < 0.15
    assert "correlation with real people +" in lines[0]


def test_without_a_survey_nothing_is_calibrated_and_that_is_said():
    lines = []
    population = AdapterPopulation(
        ADAPTERS,
        READING,
        shares={"calm": 0.4, "loud": 0.6},
        questions=[Question("q0", ("yes", "no")), Question("q1", ("yes", "no"))],
    )
    found = population.opinions(SyntheticLanguageModel(GROUPS, truthful), lines.append)
    assert found.calibration is None
    assert np.array_equal(found.table.probabilities[0], found.answers.pooled()[0])
    assert "NOT calibrated" in lines[0]
    assert population.gates(SyntheticLanguageModel(GROUPS), lines.append) == {}
    assert "NOT CHECKED" in lines[1]


class Hash:
    """An embedding by the group that a synthetic post names."""

    def embed(self, texts):
        return np.array([[float(f"of {g}" in text) for g in (*GROUPS, "x")] for text in texts]) + 0.01


def test_gate_and_quality_with_a_corpus():
    population = AdapterPopulation(ADAPTERS, MANY, survey=SURVEY, corpus=CORPUS, embedder=Hash())
    voice = SyntheticLanguageModel(GROUPS, truthful, voice=[[0.95, 0.05], [0.05, 0.95]])
    population.gates(voice, print)["adapter"].require()
    quality = population.quality(voice, population.opinions(voice, print))
    assert quality.unchecked == ()
    assert quality.passed
    mumbling = SyntheticLanguageModel(GROUPS, truthful, voice=[[0.5, 0.5], [0.5, 0.5]])
    assert not population.quality(mumbling, population.opinions(mumbling, print)).passed


def test_existing_adapters_are_found_and_checked(model_folder, base_hash):
    lines = []
    folders = AdapterPopulation(ADAPTERS, READING, survey=SURVEY).adapters(model_folder, base_hash, lines.append)
    assert folders == {"calm": shipped_adapter("C"), "loud": shipped_adapter("E")}
    assert "compared: weights, shapes" in lines[0]
    by_folder = ExistingAdapters({g: str(shipped_adapter(t)) for g, t in zip(GROUPS, "CE", strict=True)})
    assert by_folder.folders(GROUPS, None, model_folder, base_hash, print) == folders
    with pytest.raises(InputError, match="weights_sha256"):
        ADAPTERS.folders(GROUPS, None, model_folder, "0" * 64, print)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"calm": "C"}, "adapters"),
        ({"calm": "C", "loud": "Z"}, "adapter of loud"),
    ],
)
def test_adapters_that_are_missing_are_named(given, field, model_folder, base_hash):
    with pytest.raises(InputError) as caught:
        ExistingAdapters(given, home=ADAPTERS.home, base=Base()).folders(GROUPS, None, model_folder, base_hash, print)
    assert caught.value.field == field
    assert field == "adapters" or "['A', 'C', 'E', 'N', 'O']" in caught.value.remedy


def test_training_needs_a_corpus():
    with pytest.raises(InputError, match="give one"):
        TrainedAdapters().folders(GROUPS, None, Path(), "", print)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "either a survey"),
        ({"survey": SURVEY, "shares": {"calm": 1.0}}, "either a survey"),
        ({"shares": {"calm": 0.5, "loud": 0.4}, "questions": [Question("q", ("a", "b"))]}, "sum to 1"),
        (
            {"shares": {"a": 0.5, "b": 0.5}, "questions": [Question("q", ("a", "b"))], "corpus": CORPUS},
            "same groups",
        ),
    ],
)
def test_populations_that_make_no_sense_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        AdapterPopulation(ADAPTERS, READING, **given)


@pytest.mark.slow
def test_from_a_corpus_to_checked_voices_on_the_real_model(model_folder, base_hash, tmp_path):
    """Two groups of the shipped texts, trained anew for a few steps: the gate tells them apart, opinions come out."""
    from agents.subpopulations.bigfive.material import corpus

    texts = LoadedCorpus(split_corpus({"calm": corpus("C"), "loud": corpus("E")}, 0.1), SOURCE)
    population = AdapterPopulation(
        TrainedAdapters(Recipe(steps=12, length=48), home=str(tmp_path)),
        OptionLogprobs(labels="text"),
        shares={"calm": 0.5, "loud": 0.5},
        questions=[Question("Do you like parties?", ("yes", "no"))],
        corpus=texts,
    )
    with TransformersLanguageModel(model_folder, population.adapters(model_folder, base_hash, print)) as language:
        assert population.gates(language, print)["adapter"].margins.min() > 0
        opinions = population.opinions(language, print)
        quality = population.quality(language, opinions)
    assert opinions.table.probabilities[0].shape == (2, 2)
    assert quality.unchecked == ("survey",)
    assert quality.recovery.heldout > 0.7
