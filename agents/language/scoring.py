"""From choice requests to distinct sequences and back: the part of scoring that all backends share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from agents.language.protocol import ChoiceScore
from agents.language.tokens import ScoredSequence


def distinct(asked: Sequence[Sequence[ScoredSequence]]) -> list[ScoredSequence]:
    """Sequences to score, each once: a round asks for the same post under the same adapter many times."""
    return list(dict.fromkeys(sequence for row in asked for sequence in row))


def choice_scores(
    asked: Sequence[Sequence[ScoredSequence]], totals: Mapping[ScoredSequence, float]
) -> list[ChoiceScore]:
    """Lay the total log-probabilities out as they were asked for."""
    return [
        ChoiceScore(
            logprobs=np.array([totals[sequence] for sequence in row], dtype=np.float64),
            tokens=np.array([sequence.option_tokens for sequence in row], dtype=np.int64),
        )
        for row in asked
    ]
