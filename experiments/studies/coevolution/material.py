"""What every study of a platform that pushes back starts from: people, their tastes, and the coupled map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from agents.subpopulations.sources.source import Loaded
from experiments.console import Reporter
from experiments.studies.evidence import EQUILIBRIUM, Loader
from sim.alignment_game import AlignmentGame, Incentives
from sim.coevolution import Audience, Coevolution, CoupledMap, FixedPoint, FixedPoints, Ranking, Rates
from sim.coevolution import full_attractiveness as implied
from sim.errors import InputError
from sim.estimation import GameEstimator, agreement
from sim.randomness import generator

PUSH = 1e-5
"""Size of a disturbance, in units of the coordinates."""
RETURNED, GONE = 1e-7, 1e-3
"""A disturbed state is back, or has left, at these distances."""
PATIENCE = 5000
"""Rounds that a disturbed state is followed."""


class Checked(NamedTuple):
    """Verdicts on fixed points beside what the map does after a small disturbance.

    Attributes:
        agree: Verdicts that the map bears out.
        differ: Verdicts that it doesn't.
        undecided: Points without a verdict.
    """

    agree: int
    differ: int
    undecided: int


@dataclass(frozen=True, kw_only=True)
class CoevolutionStudy:
    """Settings of a study of a platform that pushes back; the schema says what each is.

    Attributes:
        data: The loader.
        estimator: How C and S are made; attractiveness is what the audience implies.
        incentives: Published coefficients.
        accounts: Number of accounts M.
        openness: Share of innate tastes that comes from agreement on the answers, 0 to 1; the rest is for one's own
            group's voice.
        outside: Service at which half of a group stays.
        temperature: How much service it takes to change minds.
        susceptibility: Share of tastes that comes from what is shown.
        rates: Who moves how fast.
        ranking: How bA retunes.
        parameter: Name of the parameter that is varied.
        low: Its least value.
        high: Its largest.
        seed: Of every draw.
    """

    data: Loader
    estimator: GameEstimator
    incentives: Incentives
    accounts: int
    openness: float
    outside: float
    temperature: float
    susceptibility: float
    rates: Rates
    ranking: Ranking
    parameter: str
    low: float
    high: float
    seed: int

    def material(self, reporter: Reporter) -> tuple[Loaded, Coevolution]:
        """The data and the platform made of them, as a step of the run."""
        if not 0 <= self.openness <= 1:
            raise InputError("study.openness", self.openness, "expected a number from 0 to 1")
        if not self.low < self.high:
            raise InputError("study.low", self.low, f"expected a number below study.high = {self.high}")
        with reporter.step("Data and estimates"):
            loaded = self.data()
            table = loaded.table
            reporter.line(f"{loaded.source.name}: {len(table.groups)} groups, {len(table.questions)} questions")
            terms = self.estimator(table)
            tastes = (1 - self.openness) * np.eye(len(table.groups)) + self.openness * agreement(table)
            game = AlignmentGame(
                attractiveness=implied(table.shares, tastes),
                inconsistency=terms.inconsistency,
                similarity=terms.similarity,
                incentives=self.incentives,
                accounts=self.accounts,
                groups=table.groups,
            )
            audience = Audience(
                base=table.shares,
                tastes=tastes,
                outside=np.array([self.outside]),
                temperature=self.temperature,
                susceptibility=self.susceptibility,
            )
            model = Coevolution(game=game, audience=audience, ranking=self.ranking, rates=self.rates)
        return loaded, model

    def starts(self, system: CoupledMap, count: int, value: float) -> np.ndarray:
        """Starts of a search for all fixed points at a value of the parameter."""
        rng = generator(self.seed, round=0, agent=-1, purpose=f"starts at {value:g}")
        return system.starts(rng, count, value)

    def checked(self, system: CoupledMap, searched: tuple[FixedPoints, ...]) -> Checked:
        """Disturb every fixed point a little and see whether the map comes back."""
        agree = differ = undecided = 0
        rng = generator(self.seed, round=0, agent=-1, purpose="disturbances")
        for found in searched:
            for one in found.points:
                if one.stability == "undecided":
                    undecided += 1
                elif _returns(system, one, rng) == (one.stability == "stable"):
                    agree += 1
                else:
                    differ += 1
        return Checked(agree, differ, undecided)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What every number rests on."""
        own = "likes its own voice alone" if self.openness == 0 else f"has tastes that are {self.openness:g} agreement"
        return (
            EQUILIBRIUM,
            f"Estimators of C and S: {'; '.join(self.estimator.provenance[1:])}.",
            f"Every group {own}; half of it stays at {self.outside:g} engagements per post read, and "
            f"{self.temperature:g} more or less change the odds by e. No data say how quickly people leave or return: "
            "these numbers, the rates and the ranking's way of retuning are assumed.",
        )


def _returns(system: CoupledMap, one: FixedPoint, rng: np.random.Generator) -> bool | None:
    """Whether the map comes back after a small push; None if it does neither in time."""
    push = rng.normal(size=one.point.size)
    point = one.point + PUSH * push / np.linalg.norm(push)
    for _ in range(PATIENCE):
        point = system.evaluate(point, one.parameter).image
        off = float(np.abs(point - one.point).max())
        if off < RETURNED or off > GONE:
            return off < RETURNED
    return None
