"""Read opinions as likelihoods: how much more a group would say a statement than the base model would."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agents.language.protocol import ChoiceRequest, LanguageModel
from agents.subpopulations.statements import affirm
from agents.subpopulations.subpopulation_model import SubpopulationModel


def leanings(
    language: LanguageModel,
    models: Sequence[SubpopulationModel],
    items: Sequence[str],
    wordings: Sequence[str],
) -> NDArray[np.float64]:
    """Leaning of each group towards each item, in nats, averaged over wordings; every group's mean is zero.

    leaning_gq = mean over wordings of log p_g(s_q) - log p_0(s_q), less its mean over items, where s_q is the item
    stated in the first person, p_g the subpopulation model and p_0 the base model. The mean over items says how fluent
    a group is in such statements at all, which is no opinion. Option letters carry no signal on small models;
    statements do.

    Args:
        language: The backend that serves the models.
        models: One per group.
        items: Questionnaire items, such as "Am full of ideas".
        wordings: Prompts put before the statement.

    Returns:
        Array of shape (G, Q).
    """
    options = [(" " + affirm(item),) for item in items]
    requests = [ChoiceRequest(prompt=w, options=option, adapter=None) for w in wordings for option in options]
    for model in models:
        requests += [model.likelihood(wording, option) for wording in wordings for option in options]
    scores = language.choice_logprobs(requests)
    logprobs = np.array([score.logprobs[0] for score in scores])
    logprobs = logprobs.reshape(len(models) + 1, len(wordings), len(items)).mean(axis=1)
    leaning: NDArray[np.float64] = logprobs[1:] - logprobs[0]
    leaning -= leaning.mean(axis=1, keepdims=True)
    return leaning
