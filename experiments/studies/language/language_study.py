"""What studies of language models' answers share: their settings, the reading, the terms."""

from __future__ import annotations

from dataclasses import dataclass

from omegaconf import DictConfig

from experiments.console import Reporter
from experiments.run_directory import RunDirectory
from experiments.studies.evidence import Evidence
from experiments.studies.language.evidence import language_evidence
from experiments.studies.language.model_opinions import ModelOpinions
from experiments.studies.language.reading import read_opinions
from sim.estimation import GameEstimator


@dataclass(frozen=True, kw_only=True)
class LanguageStudy:
    """A study of answers that language models give.

    Attributes:
        estimator: How a, C and S are made.
        draws: Bootstrap draws.
        seed: Of the draws.
        threshold: Weight below which a group counts as excluded.
        points: Points along each axis of a map.
        readings: Folder where answers are kept; None for the user's cache folder.
    """

    estimator: DictConfig
    draws: int
    seed: int
    threshold: float
    points: int
    readings: str | None = None

    def read(
        self,
        subpopulations: DictConfig,
        language: DictConfig,
        *,
        label: str,
        name: str,
        directory: RunDirectory,
        reporter: Reporter,
    ) -> ModelOpinions:
        """The answers of one model, from before if it was asked the same before.

        Args:
            subpopulations: The population, as in conf/subpopulations.
            language: The language model, as in conf/language.
            label: Of the step.
            name: Of its file.
            directory: Gets the answers.
            reporter: Says what happens.
        """
        with reporter.step(f"{label}: answers and quality"):
            return read_opinions(
                subpopulations, language, name=name, directory=directory, reporter=reporter, home=self.readings
            )

    def evidence(self, label: str, opinions: ModelOpinions, estimator: GameEstimator) -> Evidence:
        """a, C and S of a model's answers, with their draws."""
        return language_evidence(label, opinions, estimator, draws=self.draws, seed=self.seed)
