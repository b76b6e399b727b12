"""A made-up wave laid out as github.com/tatsu-lab/opinions_qa reads it (helpers.py, process_results.ipynb)."""

import numpy as np
import pandas as pd
import pytest

from agents.subpopulations.sources import opinionqa
from sim.errors import InputError

INFO = [
    ("SAFECRIME_W26", "How safe?", ["Very safe", "Somewhat safe", "Not safe", "Refused"], [1.0, 2.0, 3.0]),
    ("WORLDDANGER_W26", "Is it?", ["Safer", "More dangerous", "Neither", "Refused"], [1.0, 2.0, 1.5]),
    ("IMPREASON_W26", "Why?", ["Protection", "Hunting, sport", "Refused"], [1, 1]),
    ("ONLYLEFT_W26", "And you?", ["Yes", "No", "Refused"], [1.0, 2.0]),
]
ANSWERS = {
    "SAFECRIME_W26": ["Very safe", "Not safe", "Refused", "Somewhat safe", "Very safe", "Not safe"],
    "WORLDDANGER_W26": ["Neither", "Safer", "More dangerous", "Neither", "Safer", "Safer"],
    "IMPREASON_W26": ["Protection", "Hunting, sport", "Protection", "Protection", "Hunting, sport", "Refused"],
    "ONLYLEFT_W26": ["Yes", "No", "Yes", None, None, None],
    "WEIGHT_W26": [1.0, 3.0, 2.0, 1.0, 1.0, None],
    "POLIDEOLOGY": ["Liberal", "Liberal", "Liberal", "Conservative", "Conservative", "Refused"],
}


@pytest.fixture
def wave(tmp_path):
    folder = tmp_path / "American_Trends_Panel_W26"
    folder.mkdir()
    info = pd.DataFrame(INFO, columns=["key", "question", "references", "option_ordinal"])
    info.to_csv(folder / "info.csv")
    metadata = pd.DataFrame(
        {"key": ["SEX", "POLIDEOLOGY"], "options": ["['Male', 'Female']", "['Conservative', 'Liberal']"]}
    )
    metadata.to_csv(folder / "metadata.csv")
    pd.DataFrame(ANSWERS).to_csv(folder / "responses.csv")
    return folder


def test_weighted_answers_by_ideology(wave):
    loaded = opinionqa.load(wave)
    table = loaded.table
    assert table.groups == ("Conservative", "Liberal")
    assert table.questions == ("SAFECRIME_W26", "WORLDDANGER_W26", "IMPREASON_W26")
    assert np.allclose(table.shares, [2 / 8, 6 / 8])
    assert np.allclose(table.probabilities[0], [[0.5, 0.5, 0], [0.25, 0, 0.75]])
    # The middle option stands last in the file and in the middle of the scale.
    assert table.options[1] == ("Safer", "Neither", "More dangerous")
    assert np.allclose(table.probabilities[1][1], [3 / 6, 1 / 6, 2 / 6])
    assert table.ordinal == (True, True, False)
    assert loaded.wording["IMPREASON_W26"] == "Why?"
    assert "3 of 4 questions" in loaded.source.note


def rewrite(wave, name, change):
    change(pd.read_csv(wave / name)).to_csv(wave / name, index=False)


def test_errors(wave, tmp_path):
    with pytest.raises(InputError, match=r"get OpinionQA's human_resp.*worksheets\.codalab\.org"):
        opinionqa.load()
    with pytest.raises(InputError, match=r"no info\.csv in it"):
        opinionqa.load(tmp_path)
    with pytest.raises(InputError, match="expected one of SEX, POLIDEOLOGY"):
        opinionqa.load(wave, "PARTY")
    with pytest.raises(InputError, match="missing 'SEX'"):
        opinionqa.load(wave, "SEX")
    with pytest.raises(InputError, match=r"not in info.csv"):
        opinionqa.load(wave, questions=["GUN_W26"])
    with pytest.raises(InputError, match="group 'Conservative', question 'ONLYLEFT_W26'"):
        opinionqa.load(wave, questions=["ONLYLEFT_W26"])


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("info.csv", lambda f: f.rename(columns={"references": "options"}), "missing 'references'"),
        ("info.csv", lambda f: f.assign(references="Yes/No"), "references in row 2"),
        ("responses.csv", lambda f: f.rename(columns={"WEIGHT_W26": "weight"}), r"expected one column WEIGHT_W\*"),
        ("responses.csv", lambda f: f.assign(POLIDEOLOGY="Liberal"), "no question was answered by every group"),
    ],
)
def test_schema_drift_is_named(wave, name, change, words):
    rewrite(wave, name, change)
    with pytest.raises(InputError, match=words):
        opinionqa.load(wave)
