"""Read opinions as likelihoods: how much more a group would say a statement than the base model would."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agents.language.protocol import ChoiceRequest, LanguageModel
from agents.subpopulations.elicitation.thinking import Thinking
from agents.subpopulations.statements import affirm
from agents.subpopulations.subpopulation_model import SubpopulationModel
from sim.arrays import whole_number
from sim.randomness import request_seed


def leanings(
    language: LanguageModel,
    models: Sequence[SubpopulationModel],
    items: Sequence[str],
    wordings: Sequence[str],
) -> NDArray[np.float64]:
    """Leaning of each group towards each item, in nats, averaged over wordings; every group's mean is zero.

    Args:
        language: The backend that serves the models.
        models: One per group.
        items: Questionnaire items, such as "Am full of ideas".
        wordings: Prompts put before the statement.

    Returns:
        Mean of `leanings_by_prompt` over prompts, shape (G, Q).
    """
    mean: NDArray[np.float64] = leanings_by_prompt(language, models, items, wordings).mean(axis=0)
    return mean


def leanings_by_prompt(
    language: LanguageModel,
    models: Sequence[SubpopulationModel],
    items: Sequence[str],
    wordings: Sequence[str],
    *,
    thinking: Thinking | None = None,
    thoughts: int = 1,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Leaning of each group towards each item by prompt, in nats; every group's mean over items is zero.

    leaning_pgq = log p_g(s_q | prompt p) - log p_0(s_q | prompt p), less its mean over items, where s_q is the item
    stated in the first person, p_g the subpopulation model and p_0 the base model. The mean over items says how fluent
    a group is in such statements at all, which is no opinion. Option letters carry no signal on small models;
    statements do.

    A model that thinks first writes its own thoughts on each item, the base model too; its prompts are the wordings
    after each of `thoughts` thoughts.

    Args:
        language: The backend that serves the models.
        models: One per group.
        items: Questionnaire items.
        wordings: Prompts put before the statement.
        thinking: How models think before they speak; None to speak at once.
        thoughts: Thoughts per item and wording; 1 without thinking.
        seed: Seed of the thoughts.

    Returns:
        Array of shape (P, G, Q), P = wordings times thoughts.
    """
    each = whole_number("thoughts", thoughts, minimum=1)
    base = SubpopulationModel(group="", share=0.0)
    prompts = [(wording, n) for wording in wordings for n in range(each)]
    asked, options, adapters, seeds = [], [], [], []
    for model in (base, *models):
        for wording, n in prompts:
            for item in items:
                topic = "" if thinking is None else f"Topic: {item}\n"
                asked.append(model.persona + (topic or wording))
                options.append((" " + affirm(item),))
                adapters.append(model.adapter)
                key = f"thought of {model.group} on {item}, {wording}, {n}"
                seeds.append(request_seed(seed, round=0, agent=-1, purpose=key))
    if thinking is not None:
        said = [wording for _ in (base, *models) for wording, _ in prompts for _ in items]
        thought = thinking.think(language, asked, adapters, seeds)
        asked = [before + wording for before, wording in zip(thought, said, strict=True)]
    scores = language.choice_logprobs(
        [
            ChoiceRequest(prompt=prompt, options=option, adapter=adapter)
            for prompt, option, adapter in zip(asked, options, adapters, strict=True)
        ]
    )
    logprobs = np.array([score.logprobs[0] for score in scores]).reshape(len(models) + 1, len(prompts), len(items))
    leaning = (logprobs[1:] - logprobs[0]).swapaxes(0, 1)
    centred: NDArray[np.float64] = leaning - leaning.mean(axis=2, keepdims=True)
    return centred
