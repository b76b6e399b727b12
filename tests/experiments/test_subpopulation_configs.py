"""Every way to make a population composes, passes validation, and makes what its name says."""

from pathlib import Path

import pytest
from hydra.errors import ConfigCompositionException
from hydra.utils import instantiate

from agents.subpopulations.adapter_population import AdapterPopulation, ExistingAdapters, TrainedAdapters
from agents.subpopulations.elicitation import OptionLogprobs, SampledAnswers, Thinking
from experiments.validate import validate
from sim.errors import InputError

CONFIGS = sorted(path.stem for path in (Path(__file__).parents[2] / "conf" / "subpopulations").glob("*.yaml"))
ASKED = (
    "+subpopulations.shares={so calm: 0.5, loud: 0.5}",
    "subpopulations.questions=[{text: Rain?, options: [a, b]}]",
)


def made(composed, *overrides):
    config = composed(*overrides)
    validate(config)
    return instantiate(config.subpopulations)


@pytest.mark.parametrize("name", [name for name in CONFIGS if name.startswith(("bigfive", "synthetic"))])
def test_complete_populations_are_made_as_they_are(composed, name):
    assert len(made(composed, f"subpopulations={name}").models) >= 4


def test_the_variants_differ_in_what_they_are_named_for(composed):
    plain, rank4, reasoning = (
        made(composed, f"subpopulations=bigfive_{n}") for n in ("adapters", "rank4", "reasoning")
    )
    assert (plain._recipe.rank, rank4._recipe.rank, reasoning._recipe) == (2, 4, plain._recipe)
    assert (plain._thinking, rank4._thinking) == (None, None)
    assert isinstance(reasoning._thinking, Thinking)
    assert plain._wordings == rank4._wordings == reasoning._wordings


def test_adapters_trained_on_any_table(composed, tmp_path):
    table = tmp_path / "texts.csv"
    table.write_text("group,text\n" + "".join(f"{g},{g} says {n}\n" for g in ("so calm", "loud") for n in range(6)))
    corpus = f"subpopulations.corpus.path={table}"
    population = made(composed, "subpopulations=adapters_trained", corpus, *ASKED)
    assert isinstance(population, AdapterPopulation)
    assert isinstance(population._adapters, TrainedAdapters)
    assert [model.group for model in population.models] == ["so calm", "loud"]
    assert population._questions[0].options == ("a", "b")
    assert len(population._corpus.heldout["loud"]) == 1
    with pytest.raises(InputError, match="corpus"):
        validate(composed("subpopulations=adapters_trained", *ASKED))


def test_ready_made_adapters_and_another_reading(composed):
    folders = "+subpopulations.adapters.folders_or_names={so calm: C, loud: E}"
    given = ("subpopulations=adapters_existing", folders, *ASKED, "subpopulations.adapters.home=there")
    assert isinstance(made(composed, *given)._reading, OptionLogprobs)
    population = made(composed, *given, "reading@subpopulations.reading=sampled_thoughts")
    assert population._adapters == ExistingAdapters({"so calm": "C", "loud": "E"}, home="there")
    assert isinstance(population._reading, SampledAnswers)
    assert population._reading.thinking == Thinking(max_tokens=24)
    assert population._reading.wordings[0].endswith("Question: {question}\n{options}\n")
    with pytest.raises(ConfigCompositionException):
        composed(*given, "subpopulations.reading.sample=60")
