"""Figure 2: what happens to each group as one incentive is turned up, and whether it is the middle that survives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from experiments.console import Reporter
from experiments.run_directory import RunDirectory
from experiments.studies.evidence import EQUILIBRIUM, Loader, axis, checked_threshold, gather
from experiments.studies.middle import TwoSlices, correlation, middle_rank, permutation_p, two_slices
from experiments.studies.ranked import Ranked, group_table, pictures, rank_table
from experiments.study import Claim, Findings, Table
from sim.arrays import Array
from sim.errors import InputError
from sim.estimation import GameEstimator, GameTerms, gram

SIGNIFICANT = 0.05


@dataclass(frozen=True, kw_only=True)
class MiddleSurvives:
    """Slices and ranks over every data set at hand.

    Attributes:
        data: Loaders by name; the first that is there is drawn. One without a path whose data can't be had is left out
            and named.
        estimator: How a, C and S are made.
        draws: Bootstrap draws of each data set.
        shuffles: Permutations behind a p-value.
        seed: Of draws and shuffles.
        threshold: Weight below which a group counts as excluded.
        points: Points along a slice, from 0.01 to 100.
    """

    data: Mapping[str, Loader]
    estimator: GameEstimator
    draws: int
    shuffles: int
    seed: int
    threshold: float
    points: int

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        checked_threshold(self.threshold)
        found: dict[str, Ranked] = {}
        absent: dict[str, str] = {}
        for name, loader in self.data.items():
            with reporter.step(f"Data, estimates and slices: {name}"):
                try:
                    found[name] = self._ranked(loader, reporter)
                except InputError as error:
                    if error.field != "path" or error.value not in (None, "none"):
                        raise
                    absent[name] = error.remedy
                    reporter.line(f"not at hand: {error.remedy}")
        if not found:
            raise InputError("study.data", sorted(self.data), "none is at hand; give one as study.data.<name>.path=...")
        with reporter.step("Pictures and permutations"):
            figures = pictures(directory, found)
            claims = (*_ends(found), *self._survivors(found))
        ranks, groups = rank_table(found), group_table(found)
        first = next(iter(found.values())).evidence
        return Findings(
            title=f"Does the middle survive? {len(found)} data sets",
            claims=claims,
            figures=figures,
            tables=(
                Table(path="ranks.csv", caption="Rank correlation (Kendall's tau-b) with survival", rows=ranks),
                Table(path="groups.csv", caption="Every group's survival and what may predict it", rows=groups),
            ),
            assumptions=(
                EQUILIBRIUM,
                f"Estimators: {'; '.join(first.provenance)}.",
                *(f"Intervals of {name}: {one.evidence.bootstrap}." for name, one in found.items()),
                "Survival of a group: share of the points of both slices at which its weight reaches the threshold, "
                "boundary equilibria included. Middle: least distance from the middle rank of a plus that of C_dd.",
                "The paper states no statistic; this one, and its permutation test over data sets, is ours. Distances "
                "from the mean opinion are those of the data in every draw.",
            ),
            limits=(
                *(f"Not at hand: {name}. {remedy}" for name, remedy in absent.items()),
                "Five to eight groups a data set, and data sets of one country share people and time: the permutation "
                "test treats groups as exchangeable within, and independent between, data sets.",
            ),
            sources=tuple(one.evidence.loaded.source for one in found.values()),
        )

    def _ranked(self, loader: Loader, reporter: Reporter) -> Ranked:
        evidence = gather(loader, self.estimator, draws=self.draws, seed=self.seed, reporter=reporter)
        draws = evidence.draws
        every = [] if draws is None else [draws[draw] for draw in range(draws.count)]
        values = axis(self.points)
        slices = two_slices(evidence.terms, values, self.threshold, evidence.groups)
        drawn = [two_slices(terms, values, self.threshold) for terms in every]
        # Opinions are not drawn again for this score: it stands beside the others, it is not a term of the game.
        near = -np.diag(gram(evidence.loaded.table, self.estimator.features))
        scores = _scores(evidence.terms, near)
        taus = {
            name: (
                correlation(score, slices.survival),
                np.array(
                    [
                        correlation(_scores(terms, near)[name], one.survival)
                        for terms, one in zip(every, drawn, strict=True)
                    ]
                ),
            )
            for name, score in scores.items()
        }
        return Ranked(evidence, slices, drawn, scores, taus)

    def _survivors(self, found: Mapping[str, Ranked]) -> tuple[Claim, ...]:
        def claim(score: str, name: str, statement: str) -> Claim:
            pairs = [(one.scores[score], one.slices.survival) for one in found.values()]
            p = permutation_p(pairs, draws=self.shuffles, seed=self.seed)
            mean = float(np.mean([one.taus[score][0] for one in found.values()]))
            failing = [name for name, one in found.items() if one.taus[score][0] <= 0]
            return Claim(
                name=name,
                statement=statement,
                found=f"mean rank correlation with survival {mean:+.2f} over {len(found)} data sets, permutation p = "
                f"{p:.2g}; no such order in {', '.join(failing) or 'none'}",
                holds=mean > 0 and p < SIGNIFICANT,
            )

        return (
            claim(
                "middle",
                "the middle survives",
                "Turning up inconsistency removes the most inconsistent group, turning up attractiveness all but the "
                "most attractive: groups in the middle ranks of both survive.",
            ),
            claim(
                "near",
                "those near the mean opinion survive",
                "Another reading of the middle: groups whose answers are nearest to the population's survive.",
            ),
            claim(
                "attractive",
                "the attractive survive",
                "The rival reading: survival follows attractiveness.",
            ),
        )


def _scores(terms: GameTerms, near: Array) -> dict[str, Array]:
    return {
        "middle": middle_rank(terms),
        "near": near,
        "attractive": terms.attractiveness,
        "consistent": -np.diag(terms.inconsistency),
    }


def _ends(found: Mapping[str, Ranked]) -> tuple[Claim, Claim]:
    """Who has the least weight at the end of one slice, and the most at the end of the other."""

    def suppressed(one: TwoSlices, terms: GameTerms) -> bool:
        return int(one.inconsistency.mixtures[-1].argmin()) == int(np.diag(terms.inconsistency).argmax())

    def concentrated(one: TwoSlices, terms: GameTerms) -> bool:
        return int(one.attractiveness.mixtures[-1].argmax()) == int(terms.attractiveness.argmax())

    lost = [name for name, one in found.items() if not suppressed(one.slices, one.evidence.terms)]
    spread = [name for name, one in found.items() if not concentrated(one.slices, one.evidence.terms)]
    drawn = {name: (one.drawn, one.evidence.draws) for name, one in found.items()}
    sure = {
        name: np.mean([suppressed(each, draws[b]) for b, each in enumerate(slices)])
        for name, (slices, draws) in drawn.items()
        if draws is not None
    }
    shares = ", ".join(f"{name} {share:.0%}" for name, share in sure.items())
    return (
        Claim(
            name="inconsistency suppresses the largest C_dd",
            statement="As inconsistency is turned up (bA = bD = 1), the group of largest C_dd is suppressed most.",
            found=f"so in {len(found) - len(lost)} of {len(found)} data sets, not in {', '.join(lost) or 'none'}; "
            f"share of the draws: {shares or 'no draws'}. The limit is C^-1 e, which the pairs C_dh enter too",
            holds=not lost,
        ),
        Claim(
            name="attractiveness concentrates on the largest a",
            statement="As attractiveness is turned up (bI = bD = 1), weight concentrates on groups with larger a.",
            found=f"at bA = 100 the most attractive group has most weight in {len(found) - len(spread)} of "
            f"{len(found)} data sets, not in {', '.join(spread) or 'none'}",
            holds=not spread,
        ),
    )
