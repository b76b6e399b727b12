"""Made-up rows laid out as the dataset card of Anthropic/llm_global_opinions says."""

import numpy as np
import pandas as pd
import pytest

from agents.subpopulations.sources import globalopinionqa
from sim.errors import InputError


def row(question, options, source="GAS", **shares):
    return (question, f"defaultdict(<class 'list'>, {shares})", str(options), source)


ROWS = [
    row("Trust?", ["Yes", "No", "DK/Refused"], France=[0.4, 0.4, 0.2], Japan=[0.9, 0.1, 0.0]),
    row("God?", ["Very", "Rather", "Not", "No answer"], "WVS", France=[0.2, 0.3, 0.5, 0], Japan=[0.1, 0.1, 0.79, 0.0]),
    row("Percent?", ["Yes", "No"], "WVS", France=[40, 60], Japan=[30, 70], Kenya=[50, 50]),
    row("Broken sum?", ["Yes", "No"], France=[0.4, 0.3], Japan=[0.5, 0.5]),
    row("Broken list?", ["Yes", "No"], France=[0.4, 0.3, 0.3], Japan=[0.5, 0.5]),
    row("", ["Yes", "No"], France=[0.4, 0.6], Japan=[0.5, 0.5]),
]
FRAME = pd.DataFrame(ROWS, columns=["question", "selections", "options", "source"])


def test_answers_of_the_countries_named(save):
    loaded = globalopinionqa.load(save(FRAME), countries=["Japan", "France"], shares={"Japan": 1, "France": 3})
    table = loaded.table
    assert [loaded.wording[name] for name in table.questions] == ["Trust?", "God?", "Percent?"]
    assert table.options == (("Yes", "No"), ("Very", "Rather", "Not"), ("Yes", "No"))
    assert np.allclose(table.probabilities[0], [[0.9, 0.1], [0.5, 0.5]])
    assert np.allclose(table.probabilities[1][0], np.array([0.1, 0.1, 0.79]) / 0.99)
    assert np.allclose(table.probabilities[2], [[0.3, 0.7], [0.4, 0.6]])
    assert table.shares.tolist() == [0.25, 0.75]
    assert table.sizes is None
    assert "3 questions of 5; 1 left out" in loaded.source.note


def test_one_survey_and_equal_shares(save):
    loaded = globalopinionqa.load(save(FRAME), countries=["Japan", "France"], survey="WVS")
    assert sorted(loaded.wording.values()) == ["God?", "Percent?"]
    assert loaded.table.shares.tolist() == [0.5, 0.5]
    assert "countries count the same" in loaded.source.note


@pytest.mark.parametrize(
    ("frame", "how", "words"),
    [
        (FRAME, {}, r"name the groups; most questions were put to Japan \(5\), France \(4\), Kenya \(1\)"),
        (FRAME, {"countries": ["Japan", "Atlantis"]}, "Atlantis.*it has France, Japan, Kenya"),
        (FRAME[:2], {"countries": ["Japan", "Kenya"]}, "not in the file"),
        (FRAME, {"countries": ["Japan", "Kenya"], "survey": "GAS"}, "not in the file"),
        (FRAME[3:5], {"countries": ["Japan", "France"]}, "no question was put to all of them"),
        (FRAME, {"countries": ["Japan", "France"], "shares": {"Japan": 1}}, "share of every country"),
        (FRAME.drop(columns="selections"), {"countries": ["Japan", "France"]}, "missing 'selections'"),
        (FRAME.assign(selections="{"), {"countries": ["Japan", "France"]}, "selections in row 2"),
        (FRAME.assign(options="Yes"), {"countries": ["Japan", "France"]}, "options in row 2"),
    ],
)
def test_errors(save, frame, how, words):
    with pytest.raises(InputError, match=words):
        globalopinionqa.load(save(frame), **how)


def test_without_a_file():
    with pytest.raises(InputError, match=r"huggingface.co/datasets/Anthropic/llm_global_opinions"):
        globalopinionqa.load(countries=["Japan", "France"])
