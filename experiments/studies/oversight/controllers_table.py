"""Controllers of reward profiles beside everything that a controller has to beat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from agents.parametric import AuditQuality, Rates
from experiments.console import Reporter
from experiments.report.figures import png
from experiments.report.oversight_figures import order_figure, rows_figure
from experiments.run_directory import RunDirectory
from experiments.studies.oversight.parametric_ends import Ends
from experiments.studies.oversight.parametric_rows import (
    AVERAGE,
    BOTH,
    BY_PULLS,
    DEFAULT,
    MIDDLE,
    PROTOTYPE,
    THOMPSON,
    UNIFORM,
    fixed,
    pulls,
    rows,
)
from experiments.studies.oversight.parametric_setting import AGENTS, ARMS, ParametricStudy, Span, span
from experiments.study import Claim, Figure, Findings, Table
from platforms.oversight.parametric import Played, Principal, Setting, govern
from sim.arrays import Array, finite_array
from sim.design.controllers import Controller
from sim.errors import InputError

REFERENCE_FALL = (0.60 - 0.41) / 0.60
"""What the reference experiment reports: hallucination .60 under the fixed default, .41 under Thompson sampling."""


@dataclass(frozen=True, kw_only=True)
class ControllersTable(ParametricStudy):
    """Every row is played with the same tasks; the sweep repeats it at other step sizes and with better audits.

    Attributes:
        bandits: Makers of controllers that choose among the eight profiles, by name.
        searches: Makers of controllers that search a box of profiles, by name.
        feedback: Makers of controllers that lean against what they are told, within the box, by name.
        low: Least reward of each kind, in the order of `RewardProfile`, (12,).
        high: Greatest, (12,).
        rounds: Decisions of the principal.
        steps: Training steps of each phase between two of them.
        episodes: Tasks on which a round is judged.
        last: Rounds at the end over which the table averages.
        rates: Step sizes of the sweep.
        unswept: Searches that the sweep leaves out, for their price.
        able: Better audits, for one more table.
    """

    bandits: dict[str, Callable[..., Controller]]
    searches: dict[str, Callable[..., Controller]]
    feedback: dict[str, Callable[..., Controller]]
    low: list[float]
    high: list[float]
    rounds: int
    steps: int
    episodes: int
    last: int
    rates: list[float]
    unswept: list[str]
    able: AuditQuality

    def __post_init__(self) -> None:
        if len(self.rates) < 2:
            raise InputError("rates", self.rates, "expected at least two step sizes, to compare them")

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        box = (finite_array("low", self.low, ndim=1), finite_array("high", self.high, ndim=1))
        everyone = rows(self.bandits, {**self.searches, **self.feedback}, box, self.values)
        with reporter.step(f"{len(everyone)} rows, {self.seeds} runs each"):
            played = self._play(everyone, self.training.rate, self.audits)
        taken = np.array([[pulls(one) for one in row] for row in played.profiles])
        shares = taken[played.names.index(THOMPSON)].sum(axis=0)
        with reporter.step("Average by pulls"):
            averaged = self._play({BY_PULLS: fixed(shares @ ARMS / shares.sum())}, self.training.rate, self.audits)
        ends, counted = self._ends([played, averaged]), _pulls(played, taken)
        swept = {name: one for name, one in everyone.items() if name not in self.unswept}
        sweep = {}
        for rate in self.rates:
            with reporter.step(f"Step size {rate:g}"):
                sweep[rate] = self._ends([self._play(swept, rate, self.audits)])
        with reporter.step("Better audits"):
            able = self._ends([self._play(swept, self.training.rate, self.able)])
        with reporter.step("Pictures"):
            directory.bytes("rows.png", png(rows_figure(ends.names, ends.rates, self.confidence)))
            directory.bytes("step_sizes.png", png(order_figure(sweep)))
        return Findings(
            title="Controllers of reward profiles, and what they have to beat",
            claims=(
                *self._against_baselines(ends, played),
                self._pulls(counted),
                self._audits(ends),
                self._order(sweep),
                self._switching_in_sweep(sweep),
                self._able(able),
            ),
            figures=(
                Figure(
                    path="rows.png",
                    caption=f"Mean of the last {self.last} of {self.rounds} rounds of {self.steps} + {self.steps} "
                    f"training steps; bars: {self.confidence:.0%} of the mean over {self.seeds} runs.",
                ),
                Figure(
                    path="step_sizes.png",
                    caption="The same at other step sizes of training; every line is a row.",
                ),
            ),
            tables=(
                Table(path="rows.csv", caption="Every row, with paired differences", rows=self._table(ends)),
                Table(path="better_audits.csv", caption="The same with better audits", rows=self._table(able)),
                Table(
                    path="pulls.csv",
                    caption="Rounds by arm, and the test of an even mixture",
                    rows=counted,
                ),
                Table(path="step_sizes.csv", caption="Value by step size", rows=_sweep(sweep)),
            ),
            assumptions=(
                *AGENTS,
                f"A round is judged on {self.episodes} fresh tasks; rates in tables are exact.",
                "Rewards 0 or 1: solver for right answers, auditor for right verdicts. Solver only: no audits.",
            ),
            limits=(
                "Rows are compared at one size of signal and one distribution of tasks.",
                "A search of twelve numbers in so few rounds is judged by its start more than by what it learns.",
            ),
        )

    def _play(self, principals: dict[str, Principal], rate: float, audits: AuditQuality) -> Played:
        setting = Setting(
            pool=self.pool,
            audits=audits,
            values=self.values,
            training=replace(self.training, rate=rate),
            steps=self.steps,
            episodes=self.episodes,
            seeds=self.seeds,
            seed=self.seed,
        )
        return govern(principals, setting, rounds=self.rounds)

    def _ends(self, plays: list[Played]) -> Ends:
        rates = [
            np.concatenate([getattr(one.rates, name)[:, :, -self.last :].mean(axis=2) for one in plays])
            for name in Rates._fields
        ]
        return Ends(tuple(name for one in plays for name in one.names), Rates(*rates))

    def _difference(self, ends: Ends, one: str, other: str, *, at_once: int = 1) -> Span:
        return span(ends.of(one) - ends.of(other), self.confidence, at_once=at_once)

    def _against_baselines(self, ends: Ends, played: Played) -> tuple[Claim, ...]:
        learned = self._difference(ends, THOMPSON, DEFAULT)
        lot = self._difference(ends, THOMPSON, UNIFORM)
        whole = played.rates.value.mean(axis=2)
        along = span(whole[played.names.index(THOMPSON)] - whole[played.names.index(UNIFORM)], self.confidence)
        averages = [self._difference(ends, THOMPSON, name) for name in (AVERAGE, BY_PULLS)]
        singles = [
            name for name in ends.names if name.startswith("fixed: ") and name not in (MIDDLE, AVERAGE, BY_PULLS)
        ]
        best = max(singles, key=lambda name: float(ends.of(name).mean()))
        single = self._difference(ends, THOMPSON, best, at_once=len(singles))
        moved = {name: self._difference(ends, name, MIDDLE, at_once=len(self.searches)) for name in self.searches}
        rivals = [name for name in ends.names if name != BOTH]
        above = {name: self._difference(ends, name, BOTH, at_once=len(rivals)) for name in rivals}
        higher = [name for name, one in above.items() if one.low > 0]
        lower = [name for name, one in above.items() if one.high < 0]
        closest = max(above, key=lambda name: above[name].mean)
        fall = span(1 - ends.of(THOMPSON, "hallucination") / ends.of(DEFAULT, "hallucination"), self.confidence)
        return (
            Claim(
                name="Thompson sampling beats the fixed default",
                statement="It ends at a higher value to the principal, in paired runs.",
                found=f"{learned} higher",
                holds=learned.low > 0,
            ),
            Claim(
                name="hallucination falls by a third",
                statement=f"Under Thompson sampling it ends at least {REFERENCE_FALL:.0%} below that of the fixed "
                "default, as the reference experiment reports of a single run.",
                found=f"{fall.mean:.0%} [{fall.low:.0%}, {fall.high:.0%}] below",
                holds=fall.low >= REFERENCE_FALL,
            ),
            Claim(
                name="Thompson sampling beats uniform switching",
                statement="What it learns from feedback is worth something: it ends higher than profiles by lot.",
                found=f"{lot} higher at the end, {along} over all rounds",
                holds=lot.low > 0,
            ),
            Claim(
                name="Thompson sampling beats the average profile",
                statement="It ends higher than the one profile that is the mean of the eight, by its pulls or even.",
                found=f"{averages[0]} against the even mean, {averages[1]} against the mean by its pulls",
                holds=all(one.low > 0 for one in averages),
            ),
            Claim(
                name="Thompson sampling beats every single profile",
                statement="No one of the eight profiles, kept throughout, and no reward of 0 or 1 does as well.",
                found=f"{single} against the best of {len(singles)}, {best.removeprefix('fixed: ')}",
                holds=single.low > 0,
            ),
            Claim(
                name="a search of the box improves on its middle",
                statement="At least one search ends higher than the profile in the middle of the box.",
                found="; ".join(f"{name} {one}" for name, one in moved.items()),
                holds=any(one.low > 0 for one in moved.values()),
            ),
            Claim(
                name="nothing beats the principal's own value as reward",
                statement="No row ends significantly above solver and auditor who are paid what the principal gets.",
                found=f"of {len(above)} rows {len(lower)} are lower, {len(higher)} higher; the closest is {closest}, "
                f"{above[closest]}",
                holds=not higher,
            ),
        )

    def _pulls(self, counted: pd.DataFrame) -> Claim:
        own = counted.loc[counted["row"] == THOMPSON, "p"]
        rejected = (counted["p"] < 1 - self.confidence).groupby(counted["row"]).sum()
        return Claim(
            name="Thompson's pulls differ from a lot's",
            statement="In every run the rounds by arm reject an even mixture (chi-squared test).",
            found=f"p from {own.min():.2f} to {own.max():.2f}; runs out of {self.seeds} that reject it: "
            + ", ".join(f"{name} {count}" for name, count in rejected.items()),
            holds=bool((own < 1 - self.confidence).all()),
        )

    def _audits(self, ends: Ends) -> Claim:
        audits, silent = (span(ends.of(THOMPSON, rate), self.confidence) for rate in ("audits", "silent"))
        abstention = span(ends.of(THOMPSON, "abstention") - ends.of(DEFAULT, "abstention"), self.confidence)
        return Claim(
            name="oversight survives",
            statement="Under Thompson sampling at least one attempt in twenty is still audited at the end.",
            found=f"{audits.mean:.1%} of attempts are audited; {abstention} more tasks than under the fixed default "
            f"are declined, and {silent} of all tasks are silent failures",
            holds=audits.low >= 0.05,
        )

    def _order(self, sweep: dict[float, Ends]) -> Claim:
        names = next(iter(sweep.values())).names
        pairs = list(combinations(names, 2))
        signs = np.array(
            [[_sign(self._difference(ends, *pair, at_once=len(pairs))) for pair in pairs] for ends in sweep.values()]
        )
        same = int((np.abs(signs.sum(axis=0)) == len(sweep)).sum())
        turned = np.flatnonzero((signs == 1).any(axis=0) & (signs == -1).any(axis=0))
        ranks = [
            stats.spearmanr(a.rates.value.mean(axis=1), b.rates.value.mean(axis=1)).statistic
            for a, b in combinations(sweep.values(), 2)
        ]
        return Claim(
            name="the order survives the step size",
            statement="No two rows are in one order at one step size of training and in the other at another "
            "(intervals that hold together).",
            found=f"of {len(pairs)} pairs {same} keep their order at all {len(sweep)} step sizes, {turned.size} turn "
            f"round, the rest are too close at some; rank correlations from {min(ranks):.2f}"
            + "".join(f"; e.g. {pairs[k][0]} and {pairs[k][1]}" for k in turned[:2]),
            holds=not turned.size,
        )

    def _switching_in_sweep(self, sweep: dict[float, Ends]) -> Claim:
        gaps = {rate: self._difference(ends, UNIFORM, AVERAGE) for rate, ends in sweep.items()}
        return Claim(
            name="switching falls short of the average profile at every step size",
            statement="Uniform switching ends lower than the mean of the eight profiles, at every step size.",
            found="; ".join(f"at {rate:g}: {gap}" for rate, gap in gaps.items()),
            holds=all(gap.high < 0 for gap in gaps.values()),
        )

    def _able(self, ends: Ends) -> Claim:
        gap, audits = self._difference(ends, THOMPSON, UNIFORM), span(ends.of(THOMPSON, "audits"), self.confidence)
        return Claim(
            name="better audits make the controller matter",
            statement="With audits that catch more and accuse less, Thompson sampling ends above uniform switching.",
            found=f"{gap} higher; {audits.mean:.0%} of attempts are audited then, and the best row is "
            f"{ends.names[int(ends.rates.value.mean(axis=1).argmax())]}",
            holds=gap.low > 0,
        )

    def _table(self, ends: Ends) -> pd.DataFrame:
        listed = []
        for name in sorted(ends.names, key=lambda one: -float(ends.of(one).mean())):
            row: dict[str, Any] = {"row": name}
            for rate in Rates._fields:
                row[rate] = ends.of(name, rate).mean()
            for other in (DEFAULT, UNIFORM):
                row[f"value above {other}"] = str(self._difference(ends, name, other))
            row["prototype: value"], row["prototype: hallucination"] = PROTOTYPE.get(name, (np.nan, np.nan))
            listed.append(row)
        return pd.DataFrame(listed)


def _sign(one: Span) -> int:
    return int(one.low > 0) - int(one.high < 0)


def _pulls(played: Played, taken: Array) -> pd.DataFrame:
    """Rows that play nothing but the arms, and not one of them throughout."""
    listed = []
    for name, counts in zip(played.names, taken, strict=True):
        for run, one in enumerate(counts):
            if one.sum() == played.profiles.shape[2] and one.max() < one.sum():
                test = stats.chisquare(one)
                listed.append(
                    {"row": name, "run": run, **{f"arm {k + 1}": int(n) for k, n in enumerate(one)}, "p": test.pvalue}
                )
    return pd.DataFrame(listed)


def _sweep(sweep: dict[float, Ends]) -> pd.DataFrame:
    names = next(iter(sweep.values())).names
    return pd.DataFrame(
        {"row": names, **{f"step size {rate:g}": ends.rates.value.mean(axis=1) for rate, ends in sweep.items()}}
    )
