"""Answers by prompt made from real people: the same arrays a language model gives, from a survey split at random."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from agents.subpopulations.bigfive.material import TRAITS
from agents.subpopulations.bigfive.people import respondents
from agents.subpopulations.calibration import Calibration
from agents.subpopulations.elicitation import ElicitedAnswers
from agents.subpopulations.quality import Finding
from experiments.studies.language.model_opinions import ModelOpinions

PARTS = 6


@pytest.fixture(scope="session")
def opinions_of_people() -> Callable[..., ModelOpinions]:
    """Opinions in which each prompt is answered by a sixth of the people; `tilt` exaggerates how groups differ."""

    def make(*, tilt: float = 1.0, passed: bool = True, seed: int = 0, **changed: Any) -> ModelOpinions:
        people = respondents(TRAITS)
        part = np.random.default_rng(seed).integers(PARTS, size=people.group.size)
        tables = [people.resampled((part == p).astype(float)) for p in range(PARTS)]
        probabilities = []
        for q in range(len(people.questions)):
            rows = np.stack([table.probabilities[q] for table in tables]) + 1e-3
            middle = rows.mean(axis=1, keepdims=True)
            rows = middle * (rows / middle) ** tilt
            probabilities.append(rows / rows.sum(axis=2, keepdims=True))
        given: dict[str, Any] = {
            "answers": ElicitedAnswers(
                groups=people.groups,
                questions=people.questions,
                options=people.options,
                ordinal=people.ordinal,
                prompts=(tuple(f"part {p}" for p in range(PARTS)),) * len(people.questions),
                probabilities=tuple(probabilities),
            ),
            "shares": people.opinion_table().shares,
            "people": people.group.size,
            "quality": (Finding("held-out margin", 0.5 if passed else -0.5, 0.25, passed),),
            "calibration": Calibration(1.0, 0.01, 0.05, 0.6),
            "model": {"name": "people", "revision": "1", "weights_sha256": "", "backend": "a survey"},
            "adapters": {},
        }
        return ModelOpinions(**given | changed)

    return make
