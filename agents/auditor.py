"""A language model that audits answers: it can look for evidence against one, and tell beforehand how sound one seems.

It sees questions and answers, never the truth. Whether it audits at all is decided elsewhere, from these features.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from agents.few_shot import FewShot
from agents.language.protocol import ChoiceRequest, GenerationRequest, LanguageModel
from agents.solver import mean_logprobs
from sim.arrays import Array
from sim.randomness import request_seed

AUDITOR_FEATURES = ("log-odds that the answer is right", "mean log-prob of the answer")
"""Columns of `Auditor.features`: nats, and nats per token."""


class Shown(NamedTuple):
    """What an auditor is shown: a question and somebody's answer to it."""

    question: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class Auditor:
    """Judges and looks for evidence by continuing few-shot prompts.

    Attributes:
        judging: Form with the fields `question` and `answer`, and as last field the verdict.
        verdicts: What the verdict reads for a right answer and for a wrong one.
        counter: Form with the fields `question`, `answer` or both, and as last field the evidence.
        own: Form with the field `question` and as last field an answer: how likely the auditor would give this one.
        lead: What stands before an answer there, such as a space.
        max_tokens: Longest evidence.
        stop: Texts that end it.
        temperature: Of sampling.
    """

    judging: FewShot
    verdicts: tuple[str, str]
    counter: FewShot
    own: FewShot
    lead: str
    max_tokens: int
    stop: tuple[str, ...] = ("\n",)
    temperature: float = 1.0

    def evidence(self, language: LanguageModel, shown: Sequence[Shown], audits: int, *, seed: int) -> list[list[str]]:
        """Write `audits` texts an answer, all in one batch; (N, m) texts. Draws are keyed by what is shown."""
        fields = [{name: getattr(one, name) for name in self.counter.fields[:-1]} for one in shown]
        requests = [
            GenerationRequest(
                prompt=self.counter.prompt(**given),
                adapter=None,
                seed=request_seed(seed, round=audit, agent=-1, purpose=f"audit {one.answer} of {one.question}"),
                max_tokens=self.max_tokens,
                temperature=self.temperature,
                stop=self.stop,
            )
            for one, given in zip(shown, fields, strict=True)
            for audit in range(audits)
        ]
        texts = [completion.text for completion in language.generate(requests)]
        return [texts[start : start + audits] for start in range(0, len(texts), audits)]

    def features(self, language: LanguageModel, shown: Sequence[Shown]) -> Array:
        """How sound each answer seems before any audit, (N, 2); see `AUDITOR_FEATURES`."""
        judged = language.choice_logprobs(
            [
                ChoiceRequest(prompt=self.judging.prompt(**one._asdict()), options=self.verdicts, adapter=None)
                for one in shown
            ]
        )
        odds = np.array([float(score.logprobs[0] - score.logprobs[1]) for score in judged])
        own = mean_logprobs(
            language,
            [self.own.prompt(question=one.question) for one in shown],
            [self.lead + one.answer for one in shown],
        )
        return np.stack([odds, own], axis=1) if shown else np.zeros((0, len(AUDITOR_FEATURES)))
