"""Read answers by sampling: the model writes, the answer is parsed, and what can't be parsed is counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.language.protocol import GenerationRequest, LanguageModel
from agents.subpopulations.elicitation.answers import ElicitedAnswers
from agents.subpopulations.elicitation.questions import (
    LETTERS,
    Order,
    Question,
    check_wordings,
    option_orders,
    prompt_name,
    worded,
)
from agents.subpopulations.elicitation.thinking import Thinking
from agents.subpopulations.subpopulation_model import SubpopulationModel
from sim.arrays import shorten, whole_number
from sim.errors import InputError
from sim.randomness import request_seed

FEWEST = 50
"""Fewest answers per group and question: below, a share of .05 can't be told from none."""

_LETTER = re.compile(r"[(\[*]*([A-Za-z])[)\]*]*(?:[.:,;)\]*\n]|$)")


@dataclass(frozen=True)
class SampledAnswers:
    """Answers as written, the only way to read a model that thinks first; each answer after a thought of its own.

    Attributes:
        wordings: Templates with {question} and {options}. Without thinking they end where the answer begins; with it,
            where the thought begins.
        samples: Answers per group and question, at least 50, spread evenly over the prompts (rounded up).
        orders: Orders of the options in each wording; None for all of them.
        most_failures: Largest share of answers of any group that may be unreadable.
        thinking: How the model thinks before it answers; None to answer at once.
        max_tokens: Longest answer.
        seed: Seed of orders and texts.
    """

    wordings: tuple[str, ...] = ("Question: {question}\n{options}\nAnswer:",)
    samples: int = FEWEST
    orders: int | None = None
    most_failures: float = 0.2
    thinking: Thinking | None = None
    max_tokens: int = 8
    seed: int = 0

    def __post_init__(self) -> None:
        whole_number("samples", self.samples, minimum=FEWEST)
        whole_number("max_tokens", self.max_tokens, minimum=1)
        if not 0.0 <= self.most_failures < 1.0:
            raise InputError("most_failures", self.most_failures, "give a share from 0 to below 1")
        object.__setattr__(self, "wordings", check_wordings(self.wordings, "question", "options"))

    def read(
        self, language: LanguageModel, models: Sequence[SubpopulationModel], questions: Sequence[Question]
    ) -> ElicitedAnswers:
        """Sample and parse every group's answers to every question.

        Raises:
            InputError: A group's unreadable answers are more than `most_failures`, or none of its answers to a
                question could be read; the message quotes one.
        """
        prompts = [
            [
                (w, order)
                for w in range(len(self.wordings))
                for order in option_orders(len(question.options), self.orders, self.seed)
            ]
            for question in questions
        ]
        texts = iter(self._answers(language, models, questions, prompts))
        counts, failures, unread = [], np.zeros((len(models), len(questions))), [""] * len(models)
        for q, (question, own) in enumerate(zip(questions, prompts, strict=True)):
            counted = np.zeros((len(own), len(models), len(question.options)), dtype=np.int64)
            for p, (_, order) in enumerate(own):
                for g in range(len(models)):
                    for _ in range(self._each(own)):
                        text = next(texts)
                        place = parsed(text, [question.options[k] for k in order])
                        if place is None:
                            failures[g, q] += 1
                            unread[g] = text
                        else:
                            counted[p, g, order[place]] += 1
            failures[:, q] /= len(own) * self._each(own)
            counts.append(counted)
        self._require(models, questions, failures, unread)
        return ElicitedAnswers(
            groups=tuple(model.group for model in models),
            questions=tuple(question.name for question in questions),
            options=tuple(question.options for question in questions),
            ordinal=tuple(question.ordinal for question in questions),
            prompts=tuple(tuple(prompt_name(w, order) for w, order in own) for own in prompts),
            probabilities=tuple(_shares(counted) for counted in counts),
            samples=tuple(counted.sum(axis=2) for counted in counts),
            failures=failures,
        )

    def _each(self, prompts: Sequence[object]) -> int:
        return -(-self.samples // len(prompts))

    def _answers(
        self,
        language: LanguageModel,
        models: Sequence[SubpopulationModel],
        questions: Sequence[Question],
        prompts: Sequence[Sequence[tuple[int, Order]]],
    ) -> list[str]:
        """Texts by question, prompt, group and sample; all thoughts in one batch, then all answers in another."""
        asked, adapters, keys = [], [], []
        for question, own in zip(questions, prompts, strict=True):
            for w, order in own:
                text, name = worded(self.wordings[w], question, order), prompt_name(w, order)
                for model in models:
                    for n in range(self._each(own)):
                        asked.append(model.persona + text)
                        adapters.append(model.adapter)
                        keys.append(f"{model.group} on {question.text}, {name}, {n}")
        if self.thinking is not None:
            asked = self.thinking.think(language, asked, adapters, [self._seed("thought", key) for key in keys])
        completions = language.generate(
            [
                GenerationRequest(
                    prompt=prompt, adapter=adapter, seed=self._seed("answer", key), max_tokens=self.max_tokens
                )
                for prompt, adapter, key in zip(asked, adapters, keys, strict=True)
            ]
        )
        return [completion.text for completion in completions]

    def _seed(self, purpose: str, key: str) -> int:
        return request_seed(self.seed, round=0, agent=-1, purpose=f"{purpose} of {key}")

    def _require(
        self,
        models: Sequence[SubpopulationModel],
        questions: Sequence[Question],
        failures: NDArray[np.float64],
        unread: Sequence[str],
    ) -> None:
        remedy = "name the letter to answer with in the wording, let it think longer, or read option log-probabilities"
        worst = int(failures.mean(axis=1).argmax())
        share = failures[worst].mean()
        if share > self.most_failures:
            raise InputError(
                f"unreadable answers of {models[worst].group}",
                f"{share:.0%}, such as {shorten(unread[worst])}",
                f"at most {self.most_failures:.0%} may be; {remedy}",
            )
        silent = np.argwhere(failures >= 1.0)
        if silent.size:
            g, q = silent[0]
            where = f"answers of {models[g].group} to {questions[q].text!r}"
            raise InputError(where, "none could be read", remedy)


def parsed(text: str, options: Sequence[str]) -> int | None:
    """Place of the option that a text answers with, or None: its letter, or else its own words, at the very start.

    Args:
        text: What the model wrote.
        options: Options in the order they were listed.

    >>> [parsed(text, ["yes", "yes, but", "no"]) for text in (" B.", "(c) no", "Yes, but not now", "A good one", "")]
    [1, 2, 1, None, None]
    """
    start = text.strip()
    letter = _LETTER.match(start)
    if letter is not None:
        place = LETTERS.index(letter[1].upper())
        return place if place < len(options) else None
    plain = start.casefold()
    named = [place for place, option in enumerate(options) if _begins(plain, option.casefold())]
    lettered = [
        place for place, option in enumerate(options) if _begins(plain, f"{LETTERS[place]} {option}".casefold())
    ]
    found = named or lettered
    return max(found, key=lambda place: len(options[place])) if found else None


def _begins(text: str, words: str) -> bool:
    """Whether a text begins with these words, and not with a longer word."""
    return text.startswith(words) and not text[len(words) : len(words) + 1].isalnum()


def _shares(counted: NDArray[np.int64]) -> NDArray[np.float64]:
    """Answer shares by prompt and group, (P, G, K); where none was read, the group's shares over all prompts."""
    read = counted.sum(axis=2, keepdims=True)
    pooled = counted.sum(axis=0) / np.maximum(read.sum(axis=0), 1)
    shares: NDArray[np.float64] = np.where(read > 0, counted / np.maximum(read, 1), pooled)
    return shares
