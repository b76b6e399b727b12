"""A population of any groups voiced by LoRA adapters: ready-made ones, or trained from a labelled corpus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from agents.language.adapters import check_adapters
from agents.language.embeddings import Embedder, SentenceEmbedder
from agents.language.protocol import LanguageModel
from agents.subpopulations.adapter_base import SETTINGS_FILE, Base, check_base
from agents.subpopulations.calibration import calibrate_answers
from agents.subpopulations.corpus import Corpus
from agents.subpopulations.elicitation import Question, Reading, questions_of
from agents.subpopulations.gate import Gate, separation_gate
from agents.subpopulations.population import Opinions, Report
from agents.subpopulations.quality import Quality, Thresholds, check_quality
from agents.subpopulations.sources import Loaded, LoadedCorpus
from agents.subpopulations.subpopulation_model import SubpopulationModel
from agents.subpopulations.trained import train_population
from agents.subpopulations.training import Recipe
from sim.errors import InputError


class AdapterSource(Protocol):
    """Where a population's adapters come from."""

    def folders(
        self, groups: Sequence[str], corpus: Corpus | None, model: Path, weights: str, report: Report
    ) -> Mapping[str, Path]:
        """Folder of each group's adapter, fit for the base model in `model` with weights of hash `weights`."""
        ...


@dataclass(frozen=True)
class ExistingAdapters:
    """Adapters made elsewhere, checked against the base model in use.

    Attributes:
        folders_or_names: Group -> adapter folder, or its name in `home`.
        home: Folder of adapter folders; None if folders are given.
        base: What is known of their base and the adapters don't say.
    """

    folders_or_names: Mapping[str, str]
    home: str | None = None
    base: Base = field(default_factory=Base)

    def folders(
        self, groups: Sequence[str], corpus: Corpus | None, model: Path, weights: str, report: Report
    ) -> Mapping[str, Path]:
        """The folders, every one checked."""
        missing = [group for group in groups if group not in self.folders_or_names]
        if missing:
            given = sorted(self.folders_or_names)
            raise InputError("adapters", given, f"give one for every group; there is none for {missing}")
        found = {group: self._folder(group, self.folders_or_names[group]) for group in groups}
        check_adapters(found)
        for group, folder in found.items():
            compared = check_base(group, folder, model, weights, self.base)
            report(f"adapter {group}: {folder.name}, made for this base model (compared: {compared})")
        return found

    def _folder(self, group: str, given: str) -> Path:
        places = ([Path(self.home) / given] if self.home else []) + [Path(given)]
        for place in places:
            if (place / SETTINGS_FILE).is_file():
                return place
        names = sorted(p.parent.name for p in Path(self.home).glob(f"*/{SETTINGS_FILE}")) if self.home else []
        known = f"; {self.home} holds {names}" if self.home else ""
        remedy = f"no {SETTINGS_FILE} there; give a folder written by peft's save_pretrained, or a name in home{known}"
        raise InputError(f"adapter of {group}", given, remedy)


@dataclass(frozen=True)
class TrainedAdapters:
    """Adapters trained on the population's corpus, once; kept in `home`, default the user's cache folder."""

    recipe: Recipe = field(default_factory=Recipe)
    home: str | None = None

    def folders(
        self, groups: Sequence[str], corpus: Corpus | None, model: Path, weights: str, report: Report
    ) -> Mapping[str, Path]:
        """Train what was not trained before."""
        if corpus is None:
            raise InputError("subpopulations.corpus", None, "adapters are trained on a corpus: give one")
        texts = {group: corpus.train[group] for group in groups}
        home = None if self.home is None else Path(self.home)
        return train_population(texts, self.recipe, model, base=weights, report=report, home=home)


class AdapterPopulation:
    """Groups of people, an adapter for each, and a way to read what they answer.

    Args:
        adapters: Where the adapters come from.
        reading: How answers are read.
        survey: Answers of real people, which give groups, shares and questions, and to which answers are calibrated.
        shares: Without a survey: group -> share of people.
        questions: Without a survey: what is asked.
        corpus: The groups' texts; without one the voices can't be checked.
        thresholds: What the models must reach.
        embedder: Turns posts into vectors for the classifier; default: the packaged one.
    """

    def __init__(
        self,
        adapters: AdapterSource,
        reading: Reading,
        *,
        survey: Loaded | None = None,
        shares: Mapping[str, float] | None = None,
        questions: Sequence[Question] | None = None,
        corpus: LoadedCorpus | None = None,
        thresholds: Thresholds | None = None,
        embedder: Embedder | None = None,
    ) -> None:
        self._adapters, self._reading, self._embedder = adapters, reading, embedder
        self._thresholds = thresholds or Thresholds()
        self._people = None if survey is None else survey.table
        if survey is not None and not shares and not questions:
            self._shares = dict(zip(survey.table.groups, survey.table.shares.tolist(), strict=True))
            self._questions = questions_of(survey.table, survey.wording)
        elif survey is None and shares and questions:
            self._shares = {str(group): float(share) for group, share in shares.items()}
            self._questions = tuple(questions)
        else:
            remedy = "give either a survey, or shares and questions: a survey brings its own"
            raise InputError("subpopulations", "survey, shares, questions", remedy)
        if abs(sum(self._shares.values()) - 1.0) > 1e-6:
            raise InputError("subpopulations.shares", sum(self._shares.values()), "the groups' shares must sum to 1")
        self._corpus = None if corpus is None else corpus.corpus
        if self._corpus is not None and set(self._corpus.groups) != set(self._shares):
            remedy = f"the corpus must have the same groups; it has {list(self._corpus.groups)}"
            raise InputError("groups", list(self._shares), remedy)
        self.models = tuple(SubpopulationModel(group=g, share=s, adapter=g) for g, s in self._shares.items())

    def adapters(self, model: Path, weights: str, report: Report) -> Mapping[str, Path]:
        """Adapter folders by group."""
        return self._adapters.folders(tuple(self._shares), self._corpus, model, weights, report)

    def gates(self, language: LanguageModel, report: Report) -> Mapping[str, Gate]:
        """The held-out check; none without a corpus, and that is said."""
        if self._corpus is None:
            report("gate: NOT CHECKED, as there is no corpus with held-out texts")
            return {}
        gate = separation_gate(language, self.models, self._corpus.heldout, self._thresholds.margin)
        report(
            f"gate: margins {', '.join(f'{m:+.2f}' for m in gate.margins)} nats per token (need {gate.required:+.2f})"
        )
        return {"adapter": gate}

    def opinions(self, language: LanguageModel, report: Report) -> Opinions:
        """Answers to all questions, calibrated on the survey if there is one."""
        answers = self._reading.read(language, self.models, self._questions)
        table = answers.opinion_table(np.array(list(self._shares.values())))
        if answers.failures is not None:
            report(f"opinions: {answers.failures.mean():.1%} of the sampled answers were unreadable")
        if self._people is None:
            report(f"opinions: {len(self._questions)} questions, NOT calibrated, as there is no survey")
            return Opinions(table, answers=answers)
        calibrated, fit = calibrate_answers(table, self._people)
        report(
            f"opinions: {len(self._questions)} questions, correlation with real people {fit.correlation:+.2f} "
            f"on questions left out of the calibration"
        )
        return Opinions(calibrated, calibration=fit, people=self._people, answers=answers)

    def quality(self, language: LanguageModel, opinions: Opinions) -> Quality:
        """Every check there is something to check with."""
        embedder = self._embedder or SentenceEmbedder()
        return check_quality(
            language,
            self.models,
            corpus=self._corpus,
            embedder=embedder,
            calibration=opinions.calibration,
            thresholds=self._thresholds,
        )
