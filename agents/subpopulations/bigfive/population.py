"""The default population: Big Five trait groups, voiced by adapters or personas, calibrated on real people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.language.embeddings import SentenceEmbedder
from agents.language.protocol import LanguageModel
from agents.subpopulations.bigfive.material import TRAITS, corpus, posts
from agents.subpopulations.bigfive.people import OPTIONS, items, people_table
from agents.subpopulations.bigfive.personas import PERSONAS
from agents.subpopulations.calibration import calibrate, tilt
from agents.subpopulations.corpus import Corpus
from agents.subpopulations.elicitation import ElicitedAnswers, Thinking, leanings_by_prompt
from agents.subpopulations.gate import Gate, separation_gate
from agents.subpopulations.population import Opinions, Report
from agents.subpopulations.quality import Quality, Thresholds, check_quality
from agents.subpopulations.subpopulation_model import SubpopulationModel
from agents.subpopulations.trained import trained_adapter
from agents.subpopulations.training import Recipe
from sim.errors import InputError

RECIPE = Recipe()
"""How the default adapters were trained."""

SHIPPED = (RECIPE, Recipe(rank=4))
"""Recipes whose adapters come with the project."""


class BigFive:
    """Five trait groups: people whose highest z-scored trait is Openness, Conscientiousness, and so on.

    Args:
        conditioning: "adapter" (one LoRA adapter per group) or "persona" (a prompt per group).
        gate_margin: Held-out margin every group must reach, nats per token.
        wordings: Prompts put before a statement when opinions are read.
        recipe: How adapters are trained; those of two recipes are shipped, others are trained once.
        thinking: How models think before they speak; None to speak at once.
        thoughts: Thoughts per item and wording, if they think.
    """

    def __init__(
        self,
        conditioning: str,
        gate_margin: float,
        wordings: Sequence[str],
        *,
        recipe: Recipe = RECIPE,
        thinking: Thinking | None = None,
        thoughts: int = 1,
    ) -> None:
        if conditioning not in ("adapter", "persona"):
            raise InputError("subpopulations.conditioning", conditioning, 'choose "adapter" or "persona"')
        if not wordings:
            raise InputError("subpopulations.wordings", list(wordings), "give at least one prompt")
        self._people = people_table(TRAITS)
        self._conditioning = conditioning
        self._gate_margin = gate_margin
        self._wordings = tuple(wordings)
        self._recipe = recipe
        self._thinking = thinking
        self._thoughts = thoughts
        self.models = self._voices(conditioning)

    def adapters(self, model: Path, weights: str, report: Report) -> Mapping[str, Path]:
        """Folders of the five adapters; trained into the user's cache if the shipped ones don't fit."""
        if self._conditioning == "persona":
            return {}
        return {
            name: trained_adapter(
                name,
                corpus(trait),
                self._recipe,
                model,
                base=weights,
                report=report,
                shipped=shipped_adapter(trait, self._recipe),
            )
            for trait, name in TRAITS.items()
        }

    def gates(self, language: LanguageModel, report: Report) -> Mapping[str, Gate]:
        """The gate of the chosen conditioning first, then personas on the same texts for comparison."""
        heldout = {name: posts(trait, "heldout") for trait, name in TRAITS.items()}
        gates = {}
        for conditioning in dict.fromkeys((self._conditioning, "persona")):
            gates[conditioning] = separation_gate(language, self._voices(conditioning), heldout, self._gate_margin)
            margins = ", ".join(f"{m:+.2f}" for m in gates[conditioning].margins)
            report(f"gate, {conditioning}s: margins {margins} nats per token (need {self._gate_margin:+.2f})")
        return gates

    def opinions(self, language: LanguageModel, report: Report) -> Opinions:
        """Opinions on the 25 items that real people answered, read as likelihoods and calibrated on them."""
        asked = [item.text for item in items()]
        by_prompt = leanings_by_prompt(
            language, self.models, asked, self._wordings, thinking=self._thinking, thoughts=self._thoughts
        )
        leaning: NDArray[np.float64] = by_prompt.mean(axis=0)
        table, calibration = calibrate(leaning, self._people)
        report(
            f"opinions: {len(asked)} items, correlation with real people {calibration.correlation:+.2f} "
            f"on items left out of the calibration"
        )
        answers = self._answers(by_prompt, calibration.slope)
        return Opinions(table, leaning, calibration, self._people, answers)

    def quality(self, language: LanguageModel, opinions: Opinions) -> Quality:
        """Held-out likelihood, recovered groups and the survey, in one report."""
        texts = Corpus(
            train={name: tuple(corpus(trait)) for trait, name in TRAITS.items()},
            heldout={name: tuple(posts(trait, "heldout")) for trait, name in TRAITS.items()},
        )
        thresholds = Thresholds(margin=self._gate_margin)
        return check_quality(
            language,
            self.models,
            corpus=texts,
            embedder=SentenceEmbedder(),
            calibration=opinions.calibration,
            thresholds=thresholds,
        )

    def _answers(self, by_prompt: NDArray[np.float64], slope: float) -> ElicitedAnswers:
        """Calibrated answers by prompt: each prompt's leanings tilt what all people answer, by the common slope.

        Averaged over prompts they differ from the table only as a mean of tilts does from the tilt of the mean.
        """
        centred = by_prompt - np.einsum("g,pgq->pq", self._people.shares, by_prompt)[:, None]
        marginals = self._people.mean_answers()
        each = len(by_prompt) // len(self._wordings)
        return ElicitedAnswers(
            groups=self._people.groups,
            questions=self._people.questions,
            options=(OPTIONS,) * len(marginals),
            ordinal=(True,) * len(marginals),
            prompts=(tuple(f"{p // each + 1}.{p % each + 1}" for p in range(len(by_prompt))),) * len(marginals),
            probabilities=tuple(
                np.stack([tilt(marginal, own[:, q], slope) for own in centred]) for q, marginal in enumerate(marginals)
            ),
        )

    def _voices(self, conditioning: str) -> tuple[SubpopulationModel, ...]:
        by_adapter = conditioning == "adapter"
        return tuple(
            SubpopulationModel(
                group=name,
                share=float(share),
                adapter=name if by_adapter else None,
                persona="" if by_adapter else PERSONAS[trait],
            )
            for (trait, name), share in zip(TRAITS.items(), self._people.shares, strict=True)
        )


def shipped_adapter(trait: str, recipe: Recipe = RECIPE) -> Path:
    """Folder of the adapter that comes with the project; of other recipes than the shipped ones it isn't there."""
    home = files(__package__) / "adapters"
    with as_file(home / trait if recipe == RECIPE else home / f"rank{recipe.rank}" / trait) as folder:
        return folder
