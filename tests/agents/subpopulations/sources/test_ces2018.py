"""A made-up sample with the columns and codes of the Common Content of 2018 (its guide: doi:10.7910/DVN/ZSBZ7K)."""

import numpy as np
import pandas as pd
import pytest

from agents.subpopulations.sources import ces2018
from agents.subpopulations.sources.coded import codebook
from sim.errors import InputError


def sample(people=400):
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({q.name: rng.integers(1, len(q.options) + 2, people) for q in codebook("ces2018")})
    frame["ideo5"] = rng.integers(1, 7, people)
    frame["CC18_300d_1"] = rng.choice([1, 2, np.nan], people)
    frame["CC18_300d_2"] = rng.choice([1, 2, np.nan], people)
    frame["commonweight"] = rng.uniform(0.2, 3, people)
    frame["commonpostweight"] = np.where(rng.random(people) < 0.2, np.nan, 1.0)
    return frame


@pytest.mark.parametrize("suffix", ["csv", "dta"])
@pytest.mark.parametrize("grouping", ["ideology5", "side6"])
def test_groups_weights_and_answers(tmp_path, suffix, grouping):
    frame, path = sample(), tmp_path / f"cces18.{suffix}"
    frame.to_csv(path, index=False) if suffix == "csv" else frame.to_stata(path, write_index=False)
    loaded = ces2018.load(path, grouping)
    table = loaded.table
    side = frame["ideo5"].map({1: "Left", 2: "Left", 3: "Center", 4: "Right", 5: "Right"})
    posted = (frame["CC18_300d_1"] == 1) | (frame["CC18_300d_2"] == 1)
    group = side + " / " + posted.map({True: "social", False: "news"})
    if grouping == "ideology5":
        group = frame["ideo5"].map(dict(enumerate(ces2018.IDEOLOGIES, start=1)))
    assert set(table.groups) == set(group.dropna())
    weight = frame["commonweight"]
    for g, name in enumerate(table.groups):
        assert table.shares[g] == pytest.approx(weight[group == name].sum() / weight[group.notna()].sum())
        answered = (group == name) & (frame["CC18_301"] <= 5)
        yes = weight[answered & (frame["CC18_301"] == 2)].sum() / weight[answered].sum()
        assert table.probabilities[0][g, 1] == pytest.approx(yes)
    assert table.options[0][1] == "Gotten better"
    assert len(table.questions) == 73


def test_people_without_a_weight_are_left_out(save):
    frame = sample()
    loaded = ces2018.load(save(frame), "ideology5", weight="commonpostweight")
    assert loaded.respondents.group.size == (frame["commonpostweight"].notna() & (frame["ideo5"] <= 5)).sum()


def test_errors(save):
    with pytest.raises(InputError, match=r"get the Common Content of 2018.*ZSBZ7K"):
        ces2018.load()
    with pytest.raises(InputError, match="missing 'CC18_300d_2'"):
        ces2018.load(save(sample().drop(columns="CC18_300d_2")))
    with pytest.raises(InputError, match="missing 'CC18_414A'"):
        ces2018.load(save(sample().drop(columns="CC18_414A")), "ideology5")
    with pytest.raises(InputError, match="expected one of ideology5, side6"):
        ces2018.load(save(sample()), "side3")
