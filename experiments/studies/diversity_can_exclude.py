"""A counter-example: where similar groups crowd each other, rewarding diversity drives one out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from experiments.console import Reporter
from experiments.report.figures import png
from experiments.report.study_figures import bands_figure
from experiments.run_directory import RunDirectory
from experiments.studies.evidence import Estimate, Evidence, SurveyStudy, estimate, gather
from experiments.studies.largest import largest_attractiveness
from experiments.study import Claim, Figure, Findings, Table
from sim.alignment_game import Incentives
from sim.arrays import Array
from sim.errors import InputError
from sim.estimation import Bounds, GameTerms, identity, percentile_interval
from sim.maps import incentive_slice, point_risk

PUBLISHED = {0.0: 1.175, 1.0: 0.72, 5.0: 0.0}
"""Printed largest bA with an interior equilibrium at bI = 1, by bD; 0 for none."""
ROUNDING = 0.005
AT = Incentives(1.0, 1.0, 1.0)
MILD = 0.5
"""bA of the path along which diversity is turned up."""
LEVELS = (0.0, 1.0, 5.0)
POINTS = 121


@dataclass(frozen=True, kw_only=True)
class DiversityCanExclude(SurveyStudy):
    """One data set, with a similarity made of answers and with the overlap of mixtures.

    Attributes:
        group: The group that is driven out.
    """

    group: str

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        evidence = self.evidence(reporter)
        if self.group not in evidence.groups:
            raise InputError("study.group", repr(self.group), f"expected one of {', '.join(evidence.groups)}")
        with reporter.step("The same with S = I"):
            overlap = gather(
                self.data,
                replace(self.estimator, similarity=identity),
                draws=self.draws,
                seed=self.seed,
                reporter=reporter,
            )
        with reporter.step("Limits, paths and risks, every draw"):
            limits = {diversity: largest_attractiveness(evidence, diversity) for diversity in PUBLISHED}
            values = np.linspace(min(LEVELS), max(LEVELS), POINTS)
            paths = {
                "S of answers": self._path(evidence, values),
                "S = I": self._path(overlap, values),
            }
            claims = (_limits(limits), self._out(evidence), *self._rises(paths, values))
        name = evidence.loaded.source.name
        directory.bytes("diversity.png", png(bands_figure(values, paths, self.threshold, f"weight of {self.group}")))
        return Findings(
            title=f"Diversity can exclude: {name}",
            claims=claims,
            figures=(
                Figure(
                    path="diversity.png",
                    caption=f"{name}: weight of {self.group} as diversity is turned up, bA = {MILD:g}, bI = 1. "
                    "Rewarding diversity drives it out where groups that answer alike crowd each other, and brings it "
                    "back where only the same group does. Bands: 95% of the draws.",
                ),
            ),
            tables=(
                Table(
                    path="limits.csv",
                    caption="Largest bA with an interior equilibrium (bI = 1; 0: none), 95% intervals",
                    rows=pd.DataFrame(
                        [
                            {"bD": diversity, "printed": PUBLISHED[diversity], "S": label, **limit._asdict()}
                            for label, source in (("of answers", evidence), ("identity", overlap))
                            for diversity, limit in (
                                (level, largest_attractiveness(source, level)) for level in PUBLISHED
                            )
                        ]
                    ),
                ),
            ),
            assumptions=evidence.assumptions,
            limits=(
                "With published shares alone the draws are of answers, not of respondents: nobody's answers to "
                "different questions are drawn together.",
            )
            if evidence.loaded.respondents is None
            else (),
            sources=(evidence.loaded.source,),
        )

    def _path(self, evidence: Evidence, values: Array) -> tuple[Array, Bounds | None]:
        """Weight of the group along diversity, (n,), and its interval."""
        d = evidence.groups.index(self.group)

        def weights(terms: GameTerms) -> Array:
            grid: dict[str, ArrayLike] = {"attractiveness": MILD, "inconsistency": 1.0, "diversity": values}
            return incentive_slice(**terms._asdict(), grid=grid, threshold=self.threshold).mixtures[:, d]

        draws = evidence.draws
        if draws is None:
            return weights(evidence.terms), None
        return weights(evidence.terms), percentile_interval([weights(draws[draw]) for draw in range(draws.count)])

    def _out(self, evidence: Evidence) -> Claim:
        name, statement = "left out in every draw", f"{self.group} is below the threshold at bA = bI = bD = 1."
        if evidence.draws is None:
            return Claim(name=name, statement=statement, found=evidence.bootstrap, holds=None)
        risk = point_risk(evidence.draws, AT, threshold=self.threshold)
        d = evidence.groups.index(self.group)
        return Claim(
            name=name,
            statement=f"{self.group} is below the threshold in every draw at bA = bI = bD = 1.",
            found=f"in {risk.below[d]:.0%} of {evidence.draws.count} draws; its largest weight in any is "
            f"{risk.mixtures[:, d].max():.3f}. {evidence.bootstrap}",
            holds=bool(risk.below[d] == 1),
        )

    def _rises(self, paths: dict[str, tuple[Array, Bounds | None]], values: Array) -> tuple[Claim, Claim]:
        ends = {
            label: [_at(path, int(np.abs(values - level).argmin())) for level in LEVELS]
            for label, path in paths.items()
        }
        said = {
            label: ", ".join(f"{weight} at bD = {level:g}" for level, weight in zip(LEVELS, weights, strict=True))
            for label, weights in ends.items()
        }
        gram, overlap = ends["S of answers"], ends["S = I"]
        return (
            Claim(
                name="more diversity can exclude",
                statement="With a similarity made of answers a group that is in without diversity is driven out by it.",
                found=f"{self.group} at bA = {MILD:g}, bI = 1: {said['S of answers']}",
                holds=_lowest(gram[0]) >= self.threshold > _highest(gram[-1]),
            ),
            Claim(
                name="more diversity is safer with S = I",
                statement="With S = I the same group gains from diversity.",
                found=f"{self.group} at bA = {MILD:g}, bI = 1: {said['S = I']}",
                holds=_highest(overlap[0]) < _lowest(overlap[-1]),
            ),
        )


def _at(path: tuple[Array, Bounds | None], place: int) -> Estimate:
    weights, band = path
    if band is None:
        return estimate(weights[place], None)
    return Estimate(float(weights[place]), float(band.low[place]), float(band.high[place]))


def _lowest(found: Estimate) -> float:
    return found.value if np.isnan(found.low) else found.low


def _highest(found: Estimate) -> float:
    return found.value if np.isnan(found.high) else found.high


def _limits(limits: dict[float, Estimate]) -> Claim:
    def words(value: float) -> str:
        return f"{value:g}" if value else "none"

    away = {diversity: abs(limits[diversity].value - printed) for diversity, printed in PUBLISHED.items()}
    found = ", ".join(
        f"{limit if limit.value or limit.high > 0 else 'none'} at bD = {diversity:g}"
        for diversity, limit in limits.items()
    )
    return Claim(
        name="less attractiveness is borne",
        statement="Largest bA with an interior equilibrium at bI = 1: "
        + ", ".join(f"{words(printed)} at bD = {diversity:g}" for diversity, printed in PUBLISHED.items())
        + ".",
        found=f"{found}; largest difference from the printed values {max(away.values()):.3f}",
        holds=max(away.values()) <= ROUNDING,
    )
