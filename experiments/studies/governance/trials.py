"""Every method tried on one game: what it found, in every repetition, judged alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from experiments.console import Reporter
from experiments.studies.evidence import Evidence
from sim.alignment_game import AlignmentGame, Incentives
from sim.arrays import Array
from sim.design import Method, Restored, restore
from sim.maps import point_risk


@dataclass(frozen=True, eq=False, kw_only=True)
class Trial:
    """One method.

    Attributes:
        name: What it is called.
        feedback: Whether it sees posts only.
        found: What it found in each repetition; None where it found nothing.
        drawn: Share of the draws of the data in which every group is kept, by repetition; NaN without draws.
    """

    name: str
    feedback: bool
    found: tuple[Restored | None, ...]
    drawn: Array

    @property
    def held(self) -> Array:
        """Whether each repetition brought every group back, as 0 or 1."""
        return np.array([float(each is not None and each.holds) for each in self.found])

    @property
    def prices(self) -> Array:
        """Share of engagement given up, by repetition; NaN where nothing was found."""
        return np.array([np.nan if each is None else each.price for each in self.found])


def game_of(evidence: Evidence, incentives: Incentives, accounts: int) -> AlignmentGame:
    """The estimated game."""
    return AlignmentGame(**evidence.terms._asdict(), incentives=incentives, accounts=accounts, groups=evidence.groups)


def kept_in_draws(evidence: Evidence, incentives: Incentives, threshold: float) -> float:
    """Share of the draws of the data in which every group has the threshold; NaN without draws."""
    if evidence.draws is None:
        return float("nan")
    mixtures = point_risk(evidence.draws, incentives, threshold=threshold).mixtures
    return float(np.mean(mixtures.min(axis=1) >= threshold))


def tried(
    evidence: Evidence,
    game: AlignmentGame,
    methods: Mapping[str, Method],
    *,
    threshold: float,
    seeds: range,
    feedback: bool,
    reporter: Reporter,
) -> list[Trial]:
    """Let every method search, once for each seed, each as a step of the run."""
    trials = []
    for name, method in methods.items():
        with reporter.step(f"Lever by {name.replace('_', ' ')}"):
            found = tuple(
                restore(game, method, shares=evidence.loaded.table.shares, threshold=threshold, seed=seed)
                for seed in seeds
            )
            drawn = np.array(
                [np.nan if each is None else kept_in_draws(evidence, each.incentives, threshold) for each in found]
            )
        trials.append(Trial(name=name.replace("_", " "), feedback=feedback, found=found, drawn=drawn))
    return trials
