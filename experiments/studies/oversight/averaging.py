"""Fast switching among reward profiles against training by their average: how fast is fast enough?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from agents.parametric import Pairs, event_chances, pay_of, rates_of, train
from experiments.console import Reporter
from experiments.report.figures import png
from experiments.report.oversight_figures import averaging_figure
from experiments.run_directory import RunDirectory
from experiments.studies.oversight.parametric_setting import AGENTS, ARMS, ParametricStudy, Span, span
from experiments.study import Claim, Figure, Findings, Table
from sim.arrays import Array, positive, read_only
from sim.errors import InputError
from sim.randomness import generator

REFERENCE = 0.3 * 75
"""h T of the table of controllers: step size times steps of a phase."""
PLAIN, NORMALISED = "plain advantages", "group-normalised advantages"


@dataclass(frozen=True, kw_only=True)
class Averaging(ParametricStudy):
    """Every visit to a profile lasts h T units of training time; beside it the same agents train by the mean profile.

    Attributes:
        visits: Lengths of a visit, h T, in units of step size times steps, ascending; at least three.
        horizon: Training time, in the same units: at least one turn of the eight profiles at the longest visit.
        step: Largest step size h.
        fitted: Longest visit of the straight line.
        tolerance: Largest difference of rates that counts as none.
        spread: Standard deviation of the policies at the start, in logits.
    """

    visits: list[float]
    horizon: float
    step: float
    fitted: float
    tolerance: float
    spread: float

    def __post_init__(self) -> None:
        positive("step", self.step)
        if sum(visit <= self.fitted for visit in self.visits) < 3 or self.visits != sorted(self.visits):
            raise InputError(
                "visits", self.visits, f"expected at least three up to fitted = {self.fitted:g}, ascending"
            )
        if self.horizon < len(ARMS) * self.visits[-1]:
            raise InputError("horizon", self.horizon, f"expected at least {len(ARMS) * self.visits[-1]:g}: one turn")

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        biases = {}
        for name, normalised in ((PLAIN, False), (NORMALISED, True)):
            with reporter.step(f"Switching with {name}"):
                biases[name] = np.array([self._bias(visit, normalised=normalised) for visit in self.visits])
        slopes = self._slopes(biases[PLAIN])
        with reporter.step("Pictures"):
            directory.bytes("averaging.png", png(averaging_figure(self.visits, biases, REFERENCE)))
        return Findings(
            title="Switching among reward profiles, and their average",
            claims=(
                self._first_order(slopes, biases[PLAIN]),
                self._limit("fast switching is averaging", PLAIN, biases[PLAIN], self.visits[0]),
                self._limit("so it is with normalised advantages", NORMALISED, biases[NORMALISED], self.visits[0]),
                self._reference(biases[PLAIN]),
            ),
            figures=(
                Figure(
                    path="averaging.png",
                    caption=f"Mean difference of abstention and audit rates between agents whose profile switches and "
                    f"agents who train by the mean profile; {self.seeds} starts. Dotted: a line of slope 1; grey: "
                    "training of the table of controllers.",
                ),
            ),
            tables=(
                Table(
                    path="averaging.csv",
                    caption="Bias by length of a visit",
                    rows=pd.DataFrame(
                        {
                            "visit h T": self.visits,
                            **{name: [str(self._span(row)) for row in table] for name, table in biases.items()},
                        }
                    ),
                ),
            ),
            assumptions=(*AGENTS, "Expected gradients, both agents at once; profiles in the order of the reference."),
            limits=("Noise of sampled play, which would add to the difference, is left out.",),
        )

    def _bias(self, visit: float, *, normalised: bool) -> Array:
        """Difference of rates, averaged over visits and over abstention and audits, by start, (S,)."""
        steps = int(np.ceil(visit / self.step))
        training = replace(self.training, rate=visit / steps, normalised=normalised)
        seeds = [self.seed + k for k in range(self.seeds)]
        starts = np.stack(
            [generator(s, round=0, agent=-1, purpose="start").normal(0, self.spread, (2, 2)) for s in seeds]
        )
        both = np.tile(starts, (2, 1, 1))  # those who switch, then those who train by the mean
        pairs = Pairs(read_only(both), read_only(np.zeros_like(both)), np.tile(np.arange(self.seeds), 2))
        profiles = np.stack([ARMS, np.broadcast_to(ARMS.mean(axis=0), ARMS.shape)], axis=1)
        pays = [pay_of(np.repeat(now, self.seeds, axis=0)) for now in profiles]
        apart = []
        for _ in range(round(self.horizon / (visit * len(ARMS)))):
            for pay in pays:
                pairs = train(pairs, self.pool, self.audits, pay, training, steps=steps, seeds=seeds)
                rates = rates_of(event_chances(pairs, self.pool, self.audits), self.values)
                reached = np.stack([rates.abstention, rates.audits]).reshape(2, 2, self.seeds)
                apart.append(np.abs(reached[:, 0] - reached[:, 1]).mean(axis=0))
        bias: Array = np.mean(apart, axis=0)
        return bias

    def _slopes(self, biases: Array) -> Array:
        """Slope of log bias on log h T, by start, (S,)."""
        some = np.array(self.visits) <= self.fitted
        slopes: Array = np.polyfit(np.log(np.array(self.visits)[some]), np.log(biases[some]), 1)[0]
        return slopes

    def _span(self, biases: Array) -> Span:
        return span(biases, self.confidence)

    def _first_order(self, slopes: Array, biases: Array) -> Claim:
        slope = self._span(slopes)
        return Claim(
            name="the bias is of first order in h T",
            statement=f"Up to h T = {self.fitted:g} it grows in proportion: a slope of 1 +- 0.2 on logarithmic axes.",
            found=f"slope {slope}; bias "
            + ", ".join(f"{row.mean():.2g} at {visit:g}" for visit, row in zip(self.visits, biases, strict=True)),
            holds=slope.low >= 0.8 and slope.high <= 1.2,
        )

    def _limit(self, name: str, advantages: str, biases: Array, visit: float) -> Claim:
        bias = self._span(biases[0])
        return Claim(
            name=name,
            statement=f"With {advantages} the bias at the shortest visit, {visit:g}, is below {self.tolerance:g}.",
            found=f"{bias.mean:.2g} [{bias.low:.2g}, {bias.high:.2g}]",
            holds=bias.high < self.tolerance,
        )

    def _reference(self, biases: Array) -> Claim:
        place = int(np.abs(np.array(self.visits) - REFERENCE).argmin())
        bias = self._span(biases[place])
        return Claim(
            name="phases as long as the reference's are fast",
            statement=f"At h T = {self.visits[place]:g}, about that of the table of controllers, the bias is below "
            f"{self.tolerance:g}.",
            found=f"{bias}",
            holds=bias.high < self.tolerance,
        )
