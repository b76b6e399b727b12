"""Posts by subpopulation models: written in one group's voice, and heard back as the likeliest voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.language.protocol import LanguageModel
from agents.subpopulations.subpopulation_model import SubpopulationModel


@dataclass(frozen=True)
class Assignment:
    """A post to write: the group that speaks (index), the topic, and the seed of the text."""

    group: int
    topic: str
    seed: int


def write_posts(
    language: LanguageModel,
    models: Sequence[SubpopulationModel],
    assignments: Sequence[Assignment],
    *,
    max_tokens: int,
    temperature: float = 1.0,
) -> list[str]:
    """Write a whole round of posts at once; a post that is cut at `max_tokens` is kept as it stands."""
    completions = language.generate(
        [
            models[a.group].post(a.topic, seed=a.seed, max_tokens=max_tokens, temperature=temperature)
            for a in assignments
        ]
    )
    return [completion.text.strip() for completion in completions]


def voice_logprobs(
    language: LanguageModel, models: Sequence[SubpopulationModel], topics: Sequence[str], texts: Sequence[str]
) -> NDArray[np.float64]:
    """Log-likelihood of each text under each subpopulation model, nats, shape (P, G)."""
    scores = language.choice_logprobs(
        [
            model.post_likelihood(topic, " " + text)
            for topic, text in zip(topics, texts, strict=True)
            for model in models
        ]
    )
    return np.array([score.logprobs[0] for score in scores]).reshape(len(texts), len(models))


def mixture_from_posts(logprobs: NDArray[np.float64], sweeps: int = 500) -> NDArray[np.float64]:
    """Maximum-likelihood mixture that wrote a set of texts: max over w of sum_p log sum_d w_d p_d(text_p).

    The likelihood of a response-level mixture (theory of the alignment game, section 1), climbed by
    expectation-maximisation, which keeps the simplex and never lowers the likelihood.

    Args:
        logprobs: Log-likelihood of each text under each model, shape (P, G).
        sweeps: Expectation-maximisation sweeps.

    Returns:
        The mixture, shape (G,).
    """
    likelihood = np.exp(logprobs - logprobs.max(axis=1, keepdims=True))
    mixture = np.full(logprobs.shape[1], 1.0 / logprobs.shape[1])
    for _ in range(sweeps):
        joint = likelihood * mixture
        mixture = (joint / joint.sum(axis=1, keepdims=True)).mean(axis=0)
    return mixture
