"""Read answers exactly: log-probabilities of the options, over wordings and orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from agents.language.protocol import ChoiceRequest, LanguageModel
from agents.subpopulations.elicitation.answers import ElicitedAnswers
from agents.subpopulations.elicitation.questions import (
    LETTERS,
    Question,
    check_wordings,
    option_orders,
    prompt_name,
    worded,
)
from agents.subpopulations.subpopulation_model import SubpopulationModel
from sim.errors import InputError


@dataclass(frozen=True)
class OptionLogprobs:
    """p_g(k | prompt) proportional to exp(log-probability of option k's label under group g's model after the prompt).

    The label is the option's letter in the list, or its full text (total log-probability, so a text that the list
    shows costs little but its first words). Letters favour places in the list and texts favour common words; averaging
    over orders takes out the first.

    Attributes:
        wordings: Templates with {question} and, unless full texts are scored without a list, {options}.
        labels: "letters" or "text".
        orders: Orders of the options in each wording; None for all of them.
        seed: Seed of the sample of orders.
    """

    wordings: tuple[str, ...] = ("Question: {question}\n{options}\nAnswer:",)
    labels: str = "letters"
    orders: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.labels not in ("letters", "text"):
            raise InputError("labels", self.labels, 'choose "letters" or "text"')
        needed = ("question", "options") if self.labels == "letters" else ("question",)
        object.__setattr__(self, "wordings", check_wordings(self.wordings, *needed))

    def read(
        self, language: LanguageModel, models: Sequence[SubpopulationModel], questions: Sequence[Question]
    ) -> ElicitedAnswers:
        """Score every option of every question in every prompt, all groups in one batch."""
        orders = [option_orders(len(question.options), self.orders, self.seed) for question in questions]
        prompts = [[(w, order) for w in range(len(self.wordings)) for order in own] for own in orders]
        requests: list[ChoiceRequest] = []
        for question, own in zip(questions, prompts, strict=True):
            for w, order in own:
                text = worded(self.wordings[w], question, order)
                labels = LETTERS if self.labels == "letters" else [question.options[k] for k in order]
                said = tuple(f" {labels[place]}" for place in range(len(order)))
                requests += [model.likelihood(text, said) for model in models]
        scores = iter(language.choice_logprobs(requests))
        probabilities = []
        for question, own in zip(questions, prompts, strict=True):
            rows = np.zeros((len(own), len(models), len(question.options)))
            for p, (_, order) in enumerate(own):
                for g in range(len(models)):
                    rows[p, g, list(order)] = softmax(next(scores).logprobs)
            probabilities.append(rows)
        return ElicitedAnswers(
            groups=tuple(model.group for model in models),
            questions=tuple(question.name for question in questions),
            options=tuple(question.options for question in questions),
            ordinal=tuple(question.ordinal for question in questions),
            prompts=tuple(tuple(prompt_name(w, order) for w, order in own) for own in prompts),
            probabilities=tuple(probabilities),
        )
