"""A population with known answers, for exact convergence tests: every group and question is drawn from a seed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from agents.language.protocol import LanguageModel
from agents.subpopulations.gate import Gate
from agents.subpopulations.population import Opinions, Report
from agents.subpopulations.subpopulation_model import SubpopulationModel
from sim.estimation.opinion_table import OpinionTable
from sim.randomness import generator


class SyntheticPopulation:
    """Groups whose answer distributions are drawn at random once and known exactly.

    Args:
        groups: Number of groups.
        questions: Number of questions.
        options: Options per question.
        disagreement: Scale of the groups' log-odds around the common ones; 0 makes all groups alike.
        seed: Seed of answers and shares.
    """

    def __init__(self, groups: int, questions: int, options: int, disagreement: float, seed: int) -> None:
        rng = generator(seed, round=0, agent=0, purpose="synthetic population")
        common = rng.normal(size=(questions, 1, options))
        own = disagreement * rng.normal(size=(questions, groups, options))
        weights = np.exp(common + own)
        self.table = OpinionTable(
            groups=tuple(f"group-{g + 1}" for g in range(groups)),
            shares=rng.dirichlet(np.full(groups, 8.0)),
            questions=tuple(f"question {q + 1}" for q in range(questions)),
            probabilities=tuple(weights / weights.sum(axis=2, keepdims=True)),
            ordinal=(False,) * questions,
        )
        self.models = tuple(
            SubpopulationModel(group=name, share=float(share), adapter=name)
            for name, share in zip(self.table.groups, self.table.shares, strict=True)
        )

    def adapters(self, model: Path, weights: str, report: Report) -> Mapping[str, Path]:
        """None: a synthetic model knows its groups by name."""
        return {}

    def gates(self, language: LanguageModel, report: Report) -> Mapping[str, Gate]:
        """None: the voices are known."""
        return {}

    def opinions(self, language: LanguageModel, report: Report) -> Opinions:
        """The known table."""
        return Opinions(self.table)
