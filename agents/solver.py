"""A language model that solves tasks, and what it can tell of its own answers before it commits to one.

It sees questions and its own texts, never the truth. Whether it hands an answer in or abstains is decided elsewhere,
from these features.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.few_shot import FewShot
from agents.language.protocol import ChoiceRequest, GenerationRequest, LanguageModel
from sim.arrays import Array
from sim.randomness import request_seed

SOLVER_FEATURES = ("mean log-prob of the answer", "agreement with its other answers")
"""Columns of `Solver.features`: nats per token, and a share from 0 to 1."""
SILENCE = -10.0
"""Mean log-probability, in nats per token, given to an empty text: it has no tokens."""


@dataclass(frozen=True, kw_only=True)
class Solver:
    """Answers by continuing a few-shot prompt.

    Attributes:
        shots: Form with the field `question`, and as last field what the model writes.
        max_tokens: Longest answer.
        stop: Texts that end an answer.
        temperature: Of sampling: answers must differ for their agreement to say something.
    """

    shots: FewShot
    max_tokens: int
    stop: tuple[str, ...] = ("\n",)
    temperature: float = 1.0

    def answers(self, language: LanguageModel, questions: Sequence[str], samples: int, *, seed: int) -> list[list[str]]:
        """Write `samples` texts a question, all in one batch; (T, n) texts.

        Draws are keyed by question and sample: other questions beside it change nothing.
        """
        requests = [
            GenerationRequest(
                prompt=self.shots.prompt(question=question),
                adapter=None,
                seed=request_seed(seed, round=sample, agent=-1, purpose=f"answer {question}"),
                max_tokens=self.max_tokens,
                temperature=self.temperature,
                stop=self.stop,
            )
            for question in questions
            for sample in range(samples)
        ]
        texts = [completion.text for completion in language.generate(requests)]
        return [texts[start : start + samples] for start in range(0, len(texts), samples)]

    def features(
        self,
        language: LanguageModel,
        questions: Sequence[str],
        texts: Sequence[Sequence[str]],
        answers: Sequence[Sequence[str | None]],
    ) -> Array:
        """What the solver can tell of each answer, (T, n, 2); see `SOLVER_FEATURES`.

        Args:
            language: The model that wrote them.
            questions: T questions.
            texts: Its completions, (T, n).
            answers: What was read in them, (T, n); None: nothing.
        """
        sureness = mean_logprobs(
            language,
            [self.shots.prompt(question=question) for question, row in zip(questions, texts, strict=True) for _ in row],
            [text for row in texts for text in row],
        )
        alike = np.array([agreement(row) for row in answers])
        return np.stack([sureness.reshape(alike.shape), alike], axis=2)


def mean_logprobs(language: LanguageModel, prompts: Sequence[str], texts: Sequence[str]) -> Array:
    """Log-probability per token, in nats, of each text after its prompt, (N,); `SILENCE` for a blank text."""
    spoken = [k for k, text in enumerate(texts) if text.strip()]
    scores = language.choice_logprobs(
        [ChoiceRequest(prompt=prompts[k], options=(texts[k],), adapter=None) for k in spoken]
    )
    found = np.full(len(texts), SILENCE)
    found[spoken] = [float(score.logprobs[0]) / int(score.tokens[0]) for score in scores]
    return found


def agreement(answers: Sequence[str | None]) -> Array:
    """Share of the other answers that say the same, (n,); 0 for an answer that can't be read, and for a single one.

    >>> agreement(["8", "8", "9", None]).round(2).tolist()
    [0.33, 0.33, 0.0, 0.0]
    """
    counts = Counter(answers)
    others = max(len(answers) - 1, 1)
    return np.array([0.0 if answer is None else (counts[answer] - 1) / others for answer in answers])
