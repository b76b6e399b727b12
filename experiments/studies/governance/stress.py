"""What levers bear: coefficients that are off, groups that enter, accounts that conspire, another sample of people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from experiments.console import Reporter
from experiments.report.figures import png
from experiments.report.governance_figures import blocs_figure, errors_figure
from experiments.run_directory import RunDirectory
from experiments.studies.evidence import Evidence, SurveyStudy
from experiments.studies.governance.stress_wording import stress_claims
from experiments.studies.governance.trials import game_of, kept_in_draws
from experiments.studies.governance.wording import incentives_text, percentage
from experiments.study import Figure, Findings, Table
from sim.alignment_game import AlignmentGame, Incentives
from sim.arrays import Array
from sim.design import (
    CertifiedChange,
    Entry,
    LeastPrice,
    Method,
    Restored,
    Tolerance,
    adversarial_bloc,
    colluding_bloc,
    entry,
    joint_tolerance,
    restore,
    tolerance,
    without_group,
)
from sim.design.bloc import Bloc, Conspiracy
from sim.design.closed_form import COEFFICIENTS
from sim.errors import InputError
from sim.maps import incentive_slice

FACTORS = np.geomspace(0.5, 2.0, 121)
UNSETTLED = (
    "With some blocs accounts of one kind could gain by no longer playing alike (crowding outweighs inconsistency): "
    "those equilibria are not where play would rest."
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Tested:
    """One lever, tested.

    Attributes:
        name: The lever in words.
        margin: Weight it was chosen to give every group, in thresholds.
        lever: The lever.
        off: By coefficient, the factors it bears alone.
        jointly: The factor it bears in all coefficients at once.
        hostile: Posts for the smallest group with k hostile accounts, (M + 1,).
        colluding: The same with k colluding ones, (M + 1,).
        settled: Whether every bloc's equilibrium was one that nobody gains by leaving.
        entries: By newcomer, what becomes of the lever chosen without it; None where no lever was found without it.
        drawn: Share of the draws of the data in which it holds; NaN without draws.
    """

    name: str
    margin: float
    lever: Restored
    off: dict[str, Tolerance]
    jointly: float
    hostile: Array
    colluding: Array
    settled: bool
    entries: dict[str, Entry | None]
    drawn: float

    def borne(self, weights: Array, threshold: float) -> float:
        """Largest share of accounts in a bloc up to which every group keeps the threshold; 0 if none is borne."""
        missed = np.flatnonzero(weights < threshold * (1 - 1e-9))
        most = weights.size - 1 if not missed.size else max(int(missed[0]) - 1, 0)
        return most / (weights.size - 1)


@dataclass(frozen=True, kw_only=True)
class StressStudy(SurveyStudy):
    """Stress tests of the smallest change and of changes with a margin.

    Attributes:
        incentives: Present coefficients.
        accounts: Number of accounts.
        margins: Levers that are tested: the smallest changes that give every group so many thresholds; 1 comes first.
        cheapest: Margin of one more lever, that of least price.
        error: Error of every coefficient that a lever should bear, as a factor.
        bloc: Share of hostile accounts that a lever should bear.
    """

    incentives: Incentives
    accounts: int
    margins: tuple[float, ...]
    cheapest: float
    error: float
    bloc: float

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        margins = [float(each) for each in self.margins]
        if len(margins) < 2 or margins[0] != 1 or margins != sorted(set(margins)):
            raise InputError("study.margins", list(self.margins), "expected 1 and larger ones, rising, two at least")
        evidence = self.evidence(reporter)
        most = 1 / (self.threshold * len(evidence.groups))
        if max(*margins, self.cheapest) >= most:
            remedy = f"{len(evidence.groups)} groups can't all have so much; ask for less than {most:.3g}"
            raise InputError("study.margins", max(*margins, self.cheapest), remedy)
        game = game_of(evidence, self.incentives, self.accounts)
        tested = []
        for margin in margins:
            name = "smallest change" if margin == 1 else f"margin {margin:g}"
            with reporter.step(f"Lever: {name}"):
                tested.append(self._tested(evidence, game, name, margin, CertifiedChange()))
        name = f"least price, margin {self.cheapest:g}"
        with reporter.step(f"Lever: {name}"):
            tested.append(self._tested(evidence, game, name, self.cheapest, LeastPrice()))
        with reporter.step("Pictures"):
            slices = {name: {one.name: self._slice(evidence, one, name) for one in tested} for name in COEFFICIENTS}
            directory.bytes("errors.png", png(errors_figure(FACTORS, slices, self.threshold)))
            blocs = ({one.name: one.hostile for one in tested}, {one.name: one.colluding for one in tested})
            shares = np.arange(self.accounts + 1) / self.accounts
            directory.bytes("blocs.png", png(blocs_figure(shares, *blocs, self.threshold)))
        source = evidence.loaded.source.name
        return Findings(
            title=f"What does a lever bear? {source}",
            claims=stress_claims(tested, threshold=self.threshold, error=self.error, bloc=self.bloc),
            figures=(
                Figure(
                    path="errors.png",
                    caption=f"{source}: posts for the smallest group when one coefficient is not what it was thought "
                    "to be. The smallest change stands on the threshold: any error in the wrong direction breaks it.",
                ),
                Figure(
                    path="blocs.png",
                    caption="Posts for the smallest group as a bloc of accounts grows: accounts that put all posts on "
                    "one group so as to leave the least to some group (left), and accounts that maximise the sum of "
                    "their own utilities (right).",
                ),
            ),
            tables=(
                Table(
                    path="stress.csv",
                    caption="What each lever bears: price in engagement; error of all coefficients at once, of each "
                    "alone (factors); share of hostile and of colluding accounts; share of the draws of the data",
                    rows=self._table(tested),
                ),
                Table(
                    path="newcomers.csv",
                    caption="The lever is chosen without a group; the group enters, all is estimated anew: posts "
                    "for the smallest group before and after, and for the newcomer",
                    rows=_entry_table(tested, evidence),
                ),
            ),
            assumptions=(
                *evidence.assumptions,
                f"Present incentives: {incentives_text(self.incentives)}; {self.accounts} accounts. Only ratios count.",
                "A lever with margin m is the smallest (or cheapest) change that gives every group m times "
                f"{percentage(self.threshold)} of the posts; it has failed where a group has less than "
                f"{percentage(self.threshold)}.",
                "Errors are exact: all crossings of one coefficient in closed form; all at once on 81 ratios.",
            ),
            limits=(
                "Members of a hostile bloc all post for one group. Where the others keep every group, no mixture of "
                "groups does more harm; elsewhere one might.",
                "Newcomers are groups of this survey, taken out and put back; groups nobody asked may differ more.",
                *(() if all(one.settled for one in tested) else (UNSETTLED,)),
            ),
            sources=(evidence.loaded.source,),
        )

    def _tested(self, evidence: Evidence, game: AlignmentGame, name: str, margin: float, method: Method) -> Tested:
        aim = margin * self.threshold
        lever = restore(game, method, shares=evidence.loaded.table.shares, threshold=aim)
        if lever is None:
            raise InputError("study.margins", margin, f"no incentives give every group {aim:.3g}; ask for less")
        changed = game.with_incentives(**_by_name(lever.incentives))
        hostile, colluding = (_blocs(changed, each) for each in (adversarial_bloc, colluding_bloc))
        positive = [name for name in COEFFICIENTS if getattr(lever.incentives, name) > 0]
        return Tested(
            name=name,
            margin=margin,
            lever=lever,
            off={
                each: tolerance(evidence.terms, lever.incentives, each, threshold=self.threshold) for each in positive
            },
            jointly=joint_tolerance(evidence.terms, lever.incentives, threshold=self.threshold)
            if len(positive) == len(COEFFICIENTS)
            else float("nan"),
            hostile=_least(hostile),
            colluding=_least(colluding),
            settled=all(each.settled for each in (*hostile, *colluding)),
            entries={group: self._entry(evidence, group, aim, method) for group in evidence.groups},
            drawn=kept_in_draws(evidence, lever.incentives, self.threshold),
        )

    def _entry(self, evidence: Evidence, group: str, aim: float, method: Method) -> Entry | None:
        """Choose the lever without a group, then let it in."""
        if len(evidence.groups) < 3:
            return None
        table = evidence.loaded.table
        smaller = without_group(table, group)
        terms = self.estimator(smaller)
        game = AlignmentGame(**terms._asdict(), incentives=self.incentives, accounts=self.accounts)
        lever = restore(game, method, shares=smaller.shares, threshold=aim)
        if lever is None:
            return None
        place = table.groups.index(group)
        return entry(terms, evidence.terms, place, lever.incentives, threshold=self.threshold)

    def _slice(self, evidence: Evidence, one: Tested, name: str) -> Array:
        """Posts for the smallest group as one coefficient is off by a factor."""
        values = _by_name(one.lever.incentives)
        grid: dict[str, ArrayLike] = {**values, name: values[name] * FACTORS}
        least: Array = incentive_slice(**evidence.terms._asdict(), grid=grid).mixtures.min(axis=1)
        return least

    def _table(self, tested: list[Tested]) -> pd.DataFrame:
        rows = []
        for one in tested:
            row: dict[str, object] = {
                "lever": one.name,
                "incentives": incentives_text(one.lever.incentives),
                "least weight": one.lever.after.least,
                "price": one.lever.price,
                "all off by": one.jointly,
            }
            row |= {f"{name} off by": f"{each.low:.3g} to {each.high:.3g}" for name, each in one.off.items()}
            row |= {
                "hostile accounts": one.borne(one.hostile, self.threshold),
                "colluding accounts": one.borne(one.colluding, self.threshold),
                "newcomers kept": sum(each is not None and each.holds for each in one.entries.values()),
                "draws": one.drawn,
            }
            rows.append(row)
        return pd.DataFrame(rows)


def _by_name(incentives: Incentives) -> dict[str, float]:
    return {name: getattr(incentives, name) for name in COEFFICIENTS}


def _blocs(game: AlignmentGame, conspiracy: Conspiracy) -> list[Bloc]:
    return [conspiracy(game, members) for members in range(game.accounts + 1)]


def _least(blocs: list[Bloc]) -> Array:
    return np.array([each.mixture.min() for each in blocs])


def _entry_table(tested: list[Tested], evidence: Evidence) -> pd.DataFrame:
    rows = []
    for one in tested:
        for group, found in one.entries.items():
            if found is None:
                continue
            smallest = int(found.after.argmin())
            rows.append(
                {
                    "lever": one.name,
                    "newcomer": group,
                    "smallest before": found.before.min(),
                    "smallest after": found.after[smallest],
                    "whose": evidence.groups[smallest],
                    "newcomer's": found.after[found.newcomer],
                    "every group kept": found.holds,
                }
            )
    return pd.DataFrame(rows)
