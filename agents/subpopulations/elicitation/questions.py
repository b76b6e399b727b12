"""Closed questions, the wordings and orders they are put in, and the contract of a way to read answers."""

from __future__ import annotations

import itertools
import math
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from agents.language.protocol import LanguageModel
from agents.subpopulations.elicitation.answers import ElicitedAnswers
from agents.subpopulations.subpopulation_model import SubpopulationModel
from sim.arrays import shorten, whole_number
from sim.errors import InputError
from sim.estimation.opinion_table import OpinionTable
from sim.randomness import generator

LETTERS = string.ascii_uppercase
ALL_ORDERS = 120
"""Most orders that "all" may mean: five options. Each costs one request per group, question and wording."""

Order = tuple[int, ...]


@dataclass(frozen=True)
class Question:
    """A closed question.

    Attributes:
        text: The question as it is asked.
        options: Its answers, 2 to 26 different texts.
        ordinal: Whether the options are ordered.
        name: What tables call it; default: its text.
    """

    text: str
    options: tuple[str, ...]
    ordinal: bool = False
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name or self.text)
        object.__setattr__(self, "options", tuple(self.options))
        if not 2 <= len(self.options) <= len(LETTERS) or len(set(self.options)) != len(self.options):
            raise InputError(f"options of {self.text!r}", shorten(self.options), "give 2 to 26 different options")


class Reading(Protocol):
    """A way to read the answers of subpopulation models to closed questions."""

    def read(
        self, language: LanguageModel, models: Sequence[SubpopulationModel], questions: Sequence[Question]
    ) -> ElicitedAnswers:
        """Ask every group every question in every prompt."""
        ...


def questions_of(survey: OpinionTable, wording: Mapping[str, str] | None = None) -> tuple[Question, ...]:
    """The questions of a survey, to put to language models.

    Args:
        survey: Answers of people.
        wording: Question name -> how it was asked, for names that are no questions.

    Raises:
        InputError: The survey doesn't say what its options are.
    """
    if survey.options is None:
        raise InputError("survey", "no option labels", "give a survey whose options have texts: models read them")
    return tuple(
        Question((wording or {}).get(name, name), options, survey.is_ordinal(q), name)
        for q, (name, options) in enumerate(zip(survey.questions, survey.options, strict=True))
    )


def option_orders(options: int, orders: int | None, seed: int) -> tuple[Order, ...]:
    """Orders in which options are listed, all or a balanced sample: answers must not depend on the order.

    A sample is made of random orders and their rotations, so that among each K orders every option stands once at
    every place.

    Args:
        options: Number of options K.
        orders: Number of orders; None for all K!, where K is at most 5. More than there are means all.
        seed: Seed of the sample.

    Raises:
        InputError: All orders of many options, or none, are asked for.

    >>> option_orders(3, 3, seed=0)
    ((2, 1, 0), (1, 0, 2), (0, 2, 1))
    """
    every = math.factorial(options)
    if orders is None or whole_number("orders", orders, minimum=1) >= every:
        if every > ALL_ORDERS:
            remedy = f"{options} options have {every} orders; give a number to sample, such as {2 * options}"
            raise InputError("orders", orders, remedy)
        return tuple(itertools.permutations(range(options)))
    rng = generator(seed, round=0, agent=-1, purpose=f"orders of {options} options")
    chosen: dict[Order, None] = {}
    while len(chosen) < orders:
        first = rng.permutation(options).tolist()
        chosen |= {tuple(first[turn:] + first[:turn]): None for turn in range(options)}
    return tuple(chosen)[:orders]


def listed(question: Question, order: Order) -> str:
    """The options as a list with letters, in the given order.

    >>> print(listed(Question("Rain?", ("yes", "no")), (1, 0)))
    A. no
    B. yes
    """
    return "\n".join(f"{LETTERS[place]}. {question.options[k]}" for place, k in enumerate(order))


def worded(wording: str, question: Question, order: Order) -> str:
    """Put a question into a wording: {question} and {options} are filled in."""
    return wording.format(question=question.text, options=listed(question, order))


def prompt_name(wording: int, order: Order) -> str:
    """Short name of a prompt: number of the wording, and the options in the order listed.

    >>> prompt_name(0, (1, 0))
    '1:BA'
    """
    return f"{wording + 1}:{''.join(LETTERS[k] for k in order)}"


def check_wordings(wordings: Sequence[str], *needed: str) -> tuple[str, ...]:
    """Check that wordings hold the places they must, and no unknown ones.

    Raises:
        InputError: There is no wording, or one lacks a place or names another.
    """
    if isinstance(wordings, str) or not wordings:
        raise InputError("wordings", repr(wordings), "give a list of at least one wording")
    for wording in wordings:
        try:
            places = {name for _, name, _, _ in string.Formatter().parse(wording) if name is not None}
        except ValueError as error:
            raise InputError("wordings", repr(wording), f"{error}; double a brace that is meant") from error
        missing = [f"{{{name}}}" for name in needed if name not in places]
        unknown = [f"{{{name}}}" for name in sorted(places - {"question", "options"})]
        if missing or unknown:
            wrong = f"lacks {', '.join(missing)}" if missing else f"has unknown places {', '.join(unknown)}"
            raise InputError("wordings", repr(wording), f"{wrong}; {{question}} and {{options}} are filled in")
    return tuple(wordings)
