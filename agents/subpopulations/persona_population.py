"""A population of any groups described in a file: voiced by prompt personas, or by voices that are known."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from agents.language.protocol import LanguageModel
from agents.subpopulations.described import described
from agents.subpopulations.gate import Gate, separation_gate
from agents.subpopulations.population import Opinions, Report
from agents.subpopulations.subpopulation_model import SubpopulationModel
from sim.arrays import positive
from sim.errors import InputError


class PersonaPopulation:
    """Groups voiced by a prompt each; what they answer is what the description says.

    Args:
        description: Path of a description (see `described`), or the name of a packaged one.
        gate_margin: Held-out margin every group must reach, nats per token.

    Raises:
        InputError: A group has no persona or not as many held-out texts as the others, or as of `described`.
    """

    def __init__(self, description: str, gate_margin: float) -> None:
        self._given = described(description)
        self._gate_margin = positive("subpopulations.gate_margin", gate_margin)
        for group, persona in self._given.personas.items():
            if not persona:
                remedy = "give each group a persona: the text before its prompts"
                raise InputError(f"persona of {group!r} in {description}", repr(persona), remedy)
        numbers = {group: len(texts) for group, texts in self._given.heldout.items()}
        if len(set(numbers.values())) > 1 or 0 in numbers.values():
            remedy = (
                "give each group the same number of held-out texts, at least one: they check that its voice carries"
            )
            raise InputError(f"held-out texts in {description}", numbers, remedy)
        self.models = tuple(
            SubpopulationModel(group=group, share=float(share), persona=self._given.personas[group])
            for group, share in zip(self._given.table.groups, self._given.table.shares, strict=True)
        )

    def adapters(self, model: Path, weights: str, report: Report) -> Mapping[str, Path]:
        """None: prompts need no training."""
        return {}

    def gates(self, language: LanguageModel, report: Report) -> Mapping[str, Gate]:
        """Each persona must prefer its own group's held-out texts."""
        gate = separation_gate(language, self.models, self._given.heldout, self._gate_margin)
        margins = ", ".join(f"{m:+.2f}" for m in gate.margins)
        report(f"gate, personas: margins {margins} nats per token (need {gate.required:+.2f})")
        return {"persona": gate}

    def opinions(self, language: LanguageModel, report: Report) -> Opinions:
        """The description's own table."""
        report(f"opinions: {len(self._given.table.questions)} questions, as described: {self._given.note}")
        return Opinions(self._given.table)


class KnownPopulation:
    """The same groups with voices that are known by name: for a synthetic language model.

    Args:
        description: As of `PersonaPopulation`; personas and held-out texts are not used.
    """

    def __init__(self, description: str) -> None:
        self._table = described(description).table
        self.models = tuple(
            SubpopulationModel(group=group, share=float(share), adapter=group)
            for group, share in zip(self._table.groups, self._table.shares, strict=True)
        )

    def adapters(self, model: Path, weights: str, report: Report) -> Mapping[str, Path]:
        """None: only a synthetic model knows these groups by name."""
        return {}

    def gates(self, language: LanguageModel, report: Report) -> Mapping[str, Gate]:
        """None: the voices are known."""
        return {}

    def opinions(self, language: LanguageModel, report: Report) -> Opinions:
        """The description's own table."""
        return Opinions(self._table)
