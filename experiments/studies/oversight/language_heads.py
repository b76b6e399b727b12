"""What the language-model studies share: material, heads trained under every profile, what came of their choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from omegaconf import DictConfig

from agents.parametric import Rates, rates_of
from experiments.console import Reporter
from experiments.making import made
from experiments.run_directory import RunDirectory
from experiments.studies.oversight.language_store import Generated, generated
from platforms.oversight.decision_heads import Heads, HeadTraining, Split, chances, split, train_heads
from platforms.oversight.ledger import Played, play
from platforms.oversight.pipeline import Flags, Material
from sim.arrays import Array
from sim.oversight import PROFILES, OutcomeValues
from sim.oversight.events import Event

VALUES = OutcomeValues()
"""What outcomes are worth to the principal: the reference's."""
VECTORS: Array = np.stack([profile.vector for profile in PROFILES.values()])
"""The profiles, (8, 12)."""
LIMITS = (
    "The model has 135 million parameters and was not made for arithmetic. It shows that the pipeline, the measured "
    "rates and the closed forms fit together; it says nothing about how well large models oversee each other.",
    "Solver and auditor are the same weights under two prompts: they err on the same tasks, so an audit finds less "
    "than one by a stranger of equal skill would.",
    "Only the decisions to attempt and to audit are learned here, on two features each. What the model writes stays "
    "as it is: no reward can make it solve or audit better.",
    "Tasks have an exact truth and an exact resolver. Where truth itself is in doubt nothing here applies.",
)
"""What the studies can't show."""


class Trained(NamedTuple):
    """Heads of P profiles x S repetitions, in this order.

    Attributes:
        split: Tasks for training and for judging.
        heads: The heads.
        attempt: Chance that each lane attempts each row, (L, N).
        audit: Chance that it audits each row, (L, N).
        played: Their play on tasks that they were not trained on.
        rates: What the principal sees, each of shape (P, S).
    """

    split: Split
    heads: Heads
    attempt: Array
    audit: Array
    played: Played
    rates: Rates


@dataclass(frozen=True, kw_only=True)
class LanguageOversight:
    """A study of a language-model solver and auditor.

    Attributes:
        language: The language model, as in conf/language.
        arithmetic: The arithmetic tasks.
        samples: Answers a task.
        audits: Audits an answer.
        training: Of the heads.
        check_rate: rho, share of outputs nobody flagged that are checked.
        seed: First seed.
        seeds: Repetitions: bootstrap draws of the tasks, each with its own training.
        readings: Where generated material is kept; None for the user's cache folder.
    """

    language: DictConfig
    arithmetic: DictConfig
    samples: int
    audits: int
    training: DictConfig
    check_rate: float
    seed: int
    seeds: int
    readings: str | None

    def material(
        self, families: Mapping[str, DictConfig], directory: RunDirectory, reporter: Reporter
    ) -> dict[str, Generated]:
        """Answers and audits of families of tasks, by name."""
        return generated(
            families,
            self.language,
            samples=self.samples,
            audits=self.audits,
            seed=self.seed,
            directory=directory,
            reporter=reporter,
            home=self.readings,
        )

    def trained(self, material: Material, judged: Flags | None = None) -> Trained:
        """Train heads under every profile and let them play on tasks that they have not met."""
        parts = split(material, seeds=self.seeds, seed=self.seed)
        training: HeadTraining = made(self.training)
        heads = train_heads(
            material,
            VECTORS,
            training,
            drawn=parts.drawn,
            check_rate=self.check_rate,
            seed=self.seed,
            judged=judged,
        )
        attempt, audit = chances(material, heads)
        lanes = [(name, self.seed + s) for name in PROFILES for s in range(self.seeds)]
        played = play(
            material,
            attempt,
            audit,
            lanes=lanes,
            profiles=np.repeat(VECTORS, self.seeds, axis=0),
            met=np.tile(parts.held_out, (len(VECTORS), 1)),
            check_rate=self.check_rate,
            judged=judged,
        )
        return Trained(parts, heads, attempt, audit, played, observed(played, len(VECTORS)))


def observed(played: Played, profiles: int) -> Rates:
    """Rates of play, each of shape (P, S); an audit counts whatever a random check finds later."""
    found = rates_of(played.shares, VALUES)
    handed_in = played.met & ~np.isin(played.true, (Event.ABSTAINED, Event.TRUNCATED))
    audits = (played.audited & played.met).sum(axis=1) / np.maximum(handed_in.sum(axis=1), 1)
    return Rates(*(one.reshape(profiles, -1) for one in found._replace(audits=audits)))


def ends(samples: Array) -> tuple[float, float]:
    """Range of the middle 95% of repetitions."""
    low, high = np.quantile(samples, [0.025, 0.975])
    return float(low), float(high)


def spread(samples: Array, form: str = ".3f") -> str:
    """Mean and range of repetitions in words."""
    low, high = ends(samples)
    return f"{samples.mean():{form}} [{low:{form}}, {high:{form}}]"
