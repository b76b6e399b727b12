"""A made-up d3-raters.csv with the columns of github.com/google-research-datasets/D3code at commit 6f1d050."""

import numpy as np
import pandas as pd
import pytest

from agents.subpopulations.sources import d3code
from sim.errors import InputError


def raters():
    scores = {name: [3.833333333, 1.0, 2.5, 4.5] for name in d3code.FOUNDATIONS}
    people = {"Age": ["18-30"] * 4, "Gender": ["Man", "Woman"] * 2, "Region": ["Sinosphere"] * 2 + ["Oceania"] * 2}
    return pd.DataFrame({**people, "Country": ["China", "Japan", "Australia", "Australia"], "SES": 5, **scores})


def test_scores_become_the_answers_they_round_to(save):
    loaded = d3code.load(save(raters()))
    assert loaded.table.groups == ("Oceania", "Sinosphere")
    assert loaded.table.questions[0] == "MFQ2_care"
    assert np.array_equal(loaded.table.probabilities[0], [[0, 0.5, 0, 0.5, 0], [0.5, 0, 0, 0.5, 0]])
    assert all(loaded.table.ordinal)
    assert loaded.table.sizes.tolist() == [[2] * 6] * 2


def test_questions_wording_and_options_are_those_of_the_aggregated_table(data_folder, save):
    expected = pd.read_csv(data_folder / "d3code_regions8_moralfoundations.csv", dtype=str)
    loaded = d3code.load(save(raters()))
    assert tuple(dict.fromkeys(expected["question_id"])) == loaded.table.questions
    assert dict(zip(expected["question_id"], expected["question"], strict=True)) == loaded.wording
    assert tuple(dict.fromkeys(expected["option"])) == loaded.table.options[0]


def test_errors(save):
    with pytest.raises(
        InputError, match=r"get d3-raters\.csv from https://github\.com/google-research-datasets/D3code"
    ):
        d3code.load()
    with pytest.raises(InputError, match="missing 'purity'"):
        d3code.load(save(raters().drop(columns="purity")))
    with pytest.raises(InputError, match=r"loyalty in row 3 = 7.0: expected a mean score from 1 to 5"):
        d3code.load(save(raters().assign(loyalty=[1, 7, 1, 1])))
    with pytest.raises(InputError, match=r"group 'China' .row 2.*one respondent"):
        d3code.load(save(raters()), group="Country")
