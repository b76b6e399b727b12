"""The words of the five trait groups: questionnaire items by trait, and posts written in each group's voice."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from agents.subpopulations.bigfive import people
from agents.subpopulations.corpus import Text
from agents.subpopulations.statements import affirm, negate
from agents.subpopulations.subpopulation_model import POST_PROMPT

TRAITS = {
    "O": "Openness",
    "C": "Conscientiousness",
    "E": "Extraversion",
    "A": "Agreeableness",
    "N": "Neuroticism",
}
"""Letter -> group name, in the order used everywhere."""

STATEMENT_PROMPT = "About me:"
"""What stands before a first-person statement."""


@cache
def _read(name: str) -> dict:  # type: ignore[type-arg]
    loaded: dict = json.loads((files(__package__) / name).read_text(encoding="utf-8"))  # type: ignore[type-arg]
    return loaded


def posts(trait: str, split: str) -> list[Text]:
    """Posts in the voice of one trait group ("O", "C", "E", "A", "N"); split is "train" or "heldout"."""
    topics: dict[str, dict[str, str]] = _read("posts.json")[split]
    return [Text(POST_PROMPT.format(topic=topic), " " + voices[trait]) for topic, voices in topics.items()]


def statements(trait: str) -> list[Text]:
    """First-person statements that a high scorer of the trait would make.

    Plus-keyed items are affirmed, minus-keyed ones negated. Items that real people answered in the `bfi`
    survey are left out, so that eliciting those stays a held-out test.
    """
    asked = {item.text for item in people.items()}
    return [
        Text(STATEMENT_PROMPT, " " + (affirm if item["keyed"] == "plus" else negate)(item["text"]))
        for item in _read("items.json")["items"]
        if item["trait"] == trait and item["text"] not in asked
    ]


def corpus(trait: str) -> list[Text]:
    """Everything an adapter of this trait is trained on."""
    return posts(trait, "train") + statements(trait)
