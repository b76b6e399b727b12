"""The gate: on held-out text every subpopulation model must prefer its own group's words, by a margin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agents.language.protocol import LanguageModel
from agents.subpopulations.corpus import Text
from agents.subpopulations.subpopulation_model import SubpopulationModel
from sim.arrays import Array
from sim.errors import InputError


@dataclass(frozen=True)
class Gate:
    """What the held-out check found.

    Attributes:
        groups: Group names, the order of every axis below.
        logprobs: Mean log-probability per token (nats) of group g's texts under model h, shape (G, G).
        confusion: Share of group g's texts most likely under model h, shape (G, G); rows sum to 1.
        margins: By group, mean over its texts of (own model minus the best other model), nats per token.
        required: The margin every group must reach.
        texts: Number of held-out texts per group.
    """

    groups: tuple[str, ...]
    logprobs: Array
    confusion: Array
    margins: Array
    required: float
    texts: int

    @property
    def passed(self) -> bool:
        """Whether every group reaches the margin."""
        return bool((self.margins >= self.required).all())

    def require(self) -> None:
        """Refuse to go on with models that don't carry their groups.

        Raises:
            InputError: Names the weakest group and its margin.
        """
        if not self.passed:
            weakest = int(self.margins.argmin())
            raise InputError(
                f"held-out margin of {self.groups[weakest]}",
                f"{self.margins[weakest]:+.3f} nats per token",
                f"below the required {self.required:+.3f}: train longer, give clearer texts, or choose groups that "
                "differ more; lower subpopulations.gate_margin only if you accept weaker voices",
            )


def separation_gate(
    language: LanguageModel,
    models: Sequence[SubpopulationModel],
    heldout: Mapping[str, Sequence[Text]],
    required: float,
) -> Gate:
    """Score every held-out text under every subpopulation model.

    Args:
        language: The backend that serves the models.
        models: One per group.
        heldout: Group name -> texts never trained on; the same number for each group.
        required: Margin in nats per token.

    Returns:
        The gate's figures; call `.require()` to enforce them.
    """
    groups = tuple(model.group for model in models)
    texts = [text for group in groups for text in heldout[group]]
    requests = [model.likelihood(text.prompt, (text.text,)) for text in texts for model in models]
    scores = language.choice_logprobs(requests)
    per_token = np.array([score.logprobs[0] / score.tokens[0] for score in scores]).reshape(len(texts), len(groups))
    own = np.repeat(np.arange(len(groups)), [len(heldout[group]) for group in groups])
    others = per_token.copy()
    others[np.arange(len(texts)), own] = -np.inf
    margin = per_token[np.arange(len(texts)), own] - others.max(axis=1)
    preferred = per_token.argmax(axis=1)
    return Gate(
        groups=groups,
        logprobs=np.stack([per_token[own == g].mean(axis=0) for g in range(len(groups))]),
        confusion=np.stack(
            [np.bincount(preferred[own == g], minlength=len(groups)) / (own == g).sum() for g in range(len(groups))]
        ),
        margins=np.array([margin[own == g].mean() for g in range(len(groups))]),
        required=required,
        texts=len(heldout[groups[0]]),
    )
