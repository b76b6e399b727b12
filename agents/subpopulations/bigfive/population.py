"""The default population: Big Five trait groups, voiced by adapters or personas, calibrated on real people."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path

import platformdirs

from agents.language.protocol import LanguageModel
from agents.subpopulations.bigfive.material import TRAITS, corpus, posts
from agents.subpopulations.bigfive.people import items, people_table
from agents.subpopulations.bigfive.personas import PERSONAS
from agents.subpopulations.calibration import calibrate
from agents.subpopulations.elicitation import leanings
from agents.subpopulations.gate import Gate, separation_gate
from agents.subpopulations.population import Opinions, Report
from agents.subpopulations.subpopulation_model import SubpopulationModel
from agents.subpopulations.training import Recipe, content_hash, is_trained_for, train_adapter
from sim.errors import InputError

RECIPE = Recipe()
"""How the shipped adapters were trained."""


class BigFive:
    """Five trait groups: people whose highest z-scored trait is Openness, Conscientiousness, and so on.

    Args:
        conditioning: "adapter" (one LoRA adapter per group) or "persona" (a prompt per group).
        gate_margin: Held-out margin every group must reach, nats per token.
        wordings: Prompts put before a statement when opinions are read.
    """

    def __init__(self, conditioning: str, gate_margin: float, wordings: Sequence[str]) -> None:
        if conditioning not in ("adapter", "persona"):
            raise InputError("subpopulations.conditioning", conditioning, 'choose "adapter" or "persona"')
        if not wordings:
            raise InputError("subpopulations.wordings", list(wordings), "give at least one prompt")
        self._people = people_table(TRAITS)
        self._conditioning = conditioning
        self._gate_margin = gate_margin
        self._wordings = tuple(wordings)
        self.models = self._voices(conditioning)

    def adapters(self, model: Path, weights: str, report: Report) -> Mapping[str, Path]:
        """Folders of the five adapters; trained into the user's cache if the shipped ones don't fit."""
        if self._conditioning == "persona":
            return {}
        return {name: _adapter(trait, model, weights, report) for trait, name in TRAITS.items()}

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
        leaning = leanings(language, self.models, asked, self._wordings)
        table, calibration = calibrate(leaning, self._people)
        report(
            f"opinions: {len(asked)} items, correlation with real people {calibration.correlation:+.2f} "
            f"on items left out of the calibration"
        )
        return Opinions(table, leaning, calibration, self._people)

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


def shipped_adapter(trait: str) -> Path:
    """Folder of the adapter that comes with the project."""
    with as_file(files(__package__) / "adapters" / trait) as folder:
        return folder


def _adapter(trait: str, model: Path, weights: str, report: Report) -> Path:
    """The shipped adapter if it was made for this model and these texts, else one from the cache or a new one."""
    words = corpus(trait)
    content = content_hash(RECIPE, words, weights)
    cached = platformdirs.user_cache_path("equipolis") / "adapters" / f"{trait}-{content[:16]}"
    for folder in (shipped_adapter(trait), cached):
        if is_trained_for(folder, content):
            return folder
    started = time.monotonic()
    report(f"training the {TRAITS[trait]} adapter on {len(words)} texts (once; about two minutes)")
    train_adapter(model, words, RECIPE, cached, base=weights, report=lambda line: report(f"  {line}"))
    report(f"{TRAITS[trait]} adapter trained in {time.monotonic() - started:.0f} s")
    return cached
