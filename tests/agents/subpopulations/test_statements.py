"""Questionnaire items, the real ones, said in the first person and said the other way round."""

import re

import pytest

from agents.subpopulations.bigfive import material, people
from agents.subpopulations.statements import affirm, negate

SURVEY = [item.text for item in people.items()]
QUESTIONNAIRE = [item["text"] for item in material._read("items.json")["items"]]
ITEMS = sorted(set(SURVEY + QUESTIONNAIRE))


def test_the_real_items_are_all_there():
    assert (len(SURVEY), len(QUESTIONNAIRE)) == (25, 120)
    assert len(set(QUESTIONNAIRE)) == 120


@pytest.mark.parametrize("say", [affirm, negate])
@pytest.mark.parametrize("item", ITEMS)
def test_a_statement_is_one_first_person_sentence(item, say):
    statement = say(item)
    assert re.fullmatch(r"I [a-z][^.]*\.", statement)
    assert "  " not in statement
    assert say(item + ".") == statement


@pytest.mark.parametrize("item", ITEMS)
def test_a_negation_differs_by_its_negative_alone(item):
    assert negate(item) != affirm(item)
    turned = {"do", "not", "don't", "rarely", "often"}
    assert set(affirm(item).split()) - turned == set(negate(item).split()) - turned


@pytest.mark.parametrize(
    ("item", "affirmed", "negated"),
    [
        ("Worry about things", "I worry about things.", "I do not worry about things."),
        ("Am full of ideas.", "I am full of ideas.", "I am not full of ideas."),
        ("Am not easily annoyed", "I am not easily annoyed.", "I am easily annoyed."),
        ("Don't talk a lot", "I don't talk a lot.", "I talk a lot."),
        ("Do not like poetry", "I do not like poetry.", "I like poetry."),
        (
            "Do just enough work to get by",
            "I do just enough work to get by.",
            "I do not do just enough work to get by.",
        ),
        ("Rarely overindulge", "I rarely overindulge.", "I often overindulge."),
        ("Will not probe deeply", "I will not probe deeply.", "I will probe deeply."),
        ("Will help", "I will help.", "I will not help."),
        ("Donate to charity", "I donate to charity.", "I do not donate to charity."),
    ],
)
def test_by_hand(item, affirmed, negated):
    assert (affirm(item), negate(item)) == (affirmed, negated)
