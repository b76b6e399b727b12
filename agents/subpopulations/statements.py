"""Questionnaire items as first-person statements: "Am full of ideas" -> "I am full of ideas."."""

from __future__ import annotations

_OPPOSITE_START = {"Rarely": "Often", "Do not": "", "Don't": "", "Will not": "Will", "Am not": "Am"}


def _first_person(item: str) -> str:
    return f"I {item[0].lower()}{item[1:]}."


def affirm(item: str) -> str:
    """State an item in the first person.

    >>> affirm("Worry about things")
    'I worry about things.'
    """
    return _first_person(item.rstrip("."))


def negate(item: str) -> str:
    """State the opposite of an item in the first person.

    >>> [negate(item) for item in ("Worry about things", "Am full of ideas", "Don't talk a lot")]
    ['I do not worry about things.', 'I am not full of ideas.', 'I talk a lot.']
    """
    item = item.rstrip(".")
    for start, opposite in _OPPOSITE_START.items():
        if item.startswith(start + " "):
            rest = item[len(start) + 1 :]
            return _first_person(f"{opposite} {rest}".strip())
    for auxiliary in ("Am", "Will"):
        if item.startswith(auxiliary + " "):
            return _first_person(f"{auxiliary} not {item[len(auxiliary) + 1 :]}")
    return _first_person(f"Do not {item[0].lower()}{item[1:]}")
