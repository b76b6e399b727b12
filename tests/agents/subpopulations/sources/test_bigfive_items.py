"""`bfi` as installed, and item files made up with the columns of openpsychometrics.org/_rawdata."""

import numpy as np
import pandas as pd
import pytest

from agents.subpopulations.bigfive.material import TRAITS
from agents.subpopulations.bigfive.people import people_table
from agents.subpopulations.sources import bigfive_items
from sim.errors import InputError

OLD = {"O": "O", "C": "C", "E": "E", "A": "A", "N": "N"}
NEW = {"O": "OPN", "C": "CSN", "E": "EXT", "A": "AGR", "N": "EST"}


def test_bfi_is_the_survey_that_calibrates():
    loaded, table = bigfive_items.load(), people_table(TRAITS)
    assert loaded.respondents.group.size == 2800
    assert all(map(np.array_equal, loaded.table.probabilities, table.probabilities))
    assert len(loaded.source.sha256) == 64


def item_file(names, people=300):
    """Person n is extreme in trait n % 5: agrees with its plus items, disagrees with its minus items."""
    keys = bigfive_items._items()
    columns = {}
    for place, (trait, name) in enumerate(names.items()):
        for n, (_, key) in enumerate(keys[trait]):
            own = np.arange(people) % 5 == place
            columns[f"{name}{n + 1}"] = np.where(own, 5 if key > 0 else 1, 3)
    return pd.DataFrame({"race": 1, **columns, "country": "US"})


@pytest.mark.parametrize("names", [OLD, NEW])
def test_strongest_trait_by_keyed_items(save, names):
    frame = item_file(names)
    frame.loc[0, [f"{names['N']}{n}" for n in range(1, 11)]] = 0
    frame.loc[1, f"{names['O']}1"] = 0
    loaded = bigfive_items.load(save(frame, sep="\t"))
    people, table = loaded.respondents, loaded.table
    assert people.group.tolist() == [n % 5 for n in range(1, 300)]
    assert table.groups == tuple(TRAITS.values())
    stressed = table.questions.index("I get stressed out easily.")
    relaxed = table.questions.index("I am relaxed most of the time.")
    assert table.probabilities[stressed][4].tolist() == [0, 0, 0, 0, 1]
    assert table.probabilities[relaxed][4].tolist() == [1, 0, 0, 0, 0]
    assert table.probabilities[relaxed][0].tolist() == [0, 0, 1, 0, 0]
    assert people.answers[0, 0] == -1
    assert "299 people of 300" in loaded.source.note


def test_missed_answers_of_the_new_layout(save):
    frame = item_file(NEW).astype(object)
    frame.loc[3, "EXT1"] = "NULL"
    assert (bigfive_items.load(save(frame)).respondents.answers == -1).sum() == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.drop(columns="E7"), "missing 'E7'"),
        (lambda f: f.add_prefix("item_"), "the table has no rows|missing 'O1'"),
        (lambda f: f.assign(C2=["6"] + ["1"] * (len(f) - 1)), "C2 in row 2 = '6'"),
    ],
)
def test_schema_drift_is_named(save, change, words):
    with pytest.raises(InputError, match=words):
        bigfive_items.load(save(change(item_file(OLD))))
