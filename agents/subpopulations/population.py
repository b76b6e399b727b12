"""The contract of a population: groups, how each is voiced, whether the voices carry, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agents.language.protocol import LanguageModel
from agents.subpopulations.calibration import Calibration
from agents.subpopulations.elicitation import ElicitedAnswers
from agents.subpopulations.gate import Gate
from agents.subpopulations.subpopulation_model import SubpopulationModel
from sim.estimation.opinion_table import OpinionTable

Report = Callable[[str], None]


@dataclass(frozen=True)
class Opinions:
    """What the subpopulation models answer.

    Attributes:
        table: Calibrated answer distributions.
        leanings: What was read from the language model before calibration, nats, shape (G, Q); None if answers
            needed no calibration.
        calibration: The fit to real people, or None.
        people: True answers of real people, or None.
        answers: Answers by prompt, to resample prompts as clusters; None if nothing was asked.
    """

    table: OpinionTable
    leanings: NDArray[np.float64] | None = None
    calibration: Calibration | None = None
    people: OpinionTable | None = None
    answers: ElicitedAnswers | None = None


class Population(Protocol):
    """A set of subpopulation models on one base model."""

    models: tuple[SubpopulationModel, ...]

    def adapters(self, model: Path, weights: str, report: Report) -> Mapping[str, Path]:
        """Adapter folders by name, trained first if need be; `weights` is the SHA-256 of the base model's weights."""
        ...

    def gates(self, language: LanguageModel, report: Report) -> Mapping[str, Gate]:
        """Held-out checks by way of conditioning; the first is the one in force."""
        ...

    def opinions(self, language: LanguageModel, report: Report) -> Opinions:
        """Read what every group answers."""
        ...
