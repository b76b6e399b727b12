"""What rankings induce: is it the announced utility, is it quadratic at all, and where do accounts settle under it?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from agents.subpopulations.sources.source import Loaded
from experiments.console import Reporter
from experiments.report.feed_figures import settled_figure
from experiments.report.figures import png
from experiments.run_directory import RunDirectory
from experiments.studies.feed.feed import Feed
from experiments.studies.feed.prediction import Explorer, Predicted
from experiments.studies.played import in_words
from experiments.study import Claim, Figure, Findings, Table
from platforms.social.ranking.feeds import Ranking
from sim.alignment_game import AlignmentGame, Incentives
from sim.arrays import Array, whole_number
from sim.convergence.intervals import interval_over_seeds
from sim.convergence.verdict import Interval
from sim.dynamics.floor import Floored
from sim.dynamics.protocol import Dynamics
from sim.equilibrium import homogeneous_equilibrium
from sim.estimation.induced import (
    FormTest,
    PairedTest,
    Published,
    Quadratic,
    exploration,
    form_test,
    held_out,
)
from sim.estimation.opinion_table import OpinionTable

_INDUCED, _ANNOUNCED = "induced", "announced"


class Reading(NamedTuple):
    """What was found about one ranking.

    Attributes:
        predicted: Under the induced utility.
        announced: Equilibrium of the announced one, (D,).
        wide: Test of the quadratic form on mixtures from the whole simplex.
        near: The same near the equilibrium.
        unseen: Squared errors of the induced less those of the announced utility on unseen rounds.
        r_squared: Share of the payoffs' variance on unseen rounds that each explains.
        ends: Mean mixture at the end of each play, (S, D).
    """

    predicted: Predicted
    announced: Array
    wide: FormTest
    near: FormTest
    unseen: PairedTest
    r_squared: Mapping[str, float]
    ends: Array

    def gap(self, point: Array, confidence: float) -> Interval:
        """Total variation of each play's end from a point, mean over plays with its interval."""
        return interval_over_seeds(np.abs(self.ends - point).sum(axis=1) / 2, confidence)


@dataclass(frozen=True, kw_only=True)
class InducedByRankings:
    """Explore, test, predict and play a feed under one ranking after the other, without text.

    Attributes:
        data: What the groups answer, and their shares.
        feed: The feed; its ranking is replaced by each of the rankings.
        rankings: By name in reports.
        explorer: How the induced utility is found.
        dynamics: The accounts' learning rule.
        rounds: Rounds of a play.
        window: Share of these, the last ones, that count as the end.
        plays: Plays under each ranking.
    """

    data: Callable[[], Loaded]
    feed: Feed
    rankings: Mapping[str, Ranking]
    explorer: Explorer
    dynamics: Dynamics
    rounds: int
    window: float
    plays: int

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        whole_number("study.plays", self.plays, minimum=2)
        loaded = self.data()
        table = loaded.table
        readings = {}
        for name, ranking in self.rankings.items():
            with reporter.step(f"{name}: explore, fit, predict, play {self.plays} times"):
                readings[name] = self._read(replace(self.feed, ranking=ranking), table)
        confidence = self.explorer.confidence
        directory.bytes("settled.png", png(settled_figure(table.groups, _points(readings, confidence))))
        return Findings(
            title="What rankings induce",
            claims=tuple(claim for name, one in readings.items() for claim in self._claims(name, one)),
            figures=(
                Figure(
                    path="settled.png",
                    caption="Where accounts settle under each ranking: predicted from the announced utility, predicted "
                    f"from the induced one with its {confidence:.0%} region, and played ({self.plays} plays, intervals "
                    "over plays).",
                ),
            ),
            tables=(
                Table(path="readings.csv", caption="Tests and errors by ranking", rows=self._rows(readings)),
                Table(path="ends.csv", caption="Weights by ranking and group", rows=_ends(readings, table.groups)),
            ),
            assumptions=(
                f"{self.explorer.accounts} accounts, {self.feed.members} readers in the groups' shares, "
                f"{self.explorer.rounds} rounds in each of two explorations; every post is heard as the group that was "
                "drawn. No text is written.",
                "Announced: creators are paid by engaged view, so the utility is attractiveness less the price of "
                "contradiction, without crowding.",
            ),
            limits=(
                "The induced utility holds near the predicted place; far from it the test of the form tells whether "
                "one quadratic holds everywhere.",
            ),
            sources=(loaded.source,),
        )

    def _read(self, feed: Feed, table: OpinionTable) -> Reading:
        predicted = self.explorer.predict(feed, table)
        game = announced(feed, table, self.explorer.accounts)
        errors = held_out(predicted.near, {_INDUCED: Quadratic(symmetric=True), _ANNOUNCED: Published(game)})
        return Reading(
            predicted,
            homogeneous_equilibrium(game, self.explorer.floor).mixture,
            form_test(predicted.wide),
            form_test(predicted.near),
            errors.paired(_INDUCED, _ANNOUNCED),
            errors.r_squared,
            np.array([self._end(feed, table, play) for play in range(self.plays)]),
        )

    def _end(self, feed: Feed, table: OpinionTable, play: int) -> Array:
        # The explorer uses its seed and the two after it.
        seed, floor = self.explorer.seed + 3 + play, self.explorer.floor
        start = exploration(self.explorer.accounts, len(table.groups), profiles=1, floor=floor, seed=seed)[0]
        rule = Floored(self.dynamics, floor)
        profiles = feed.without_text(table, None, rule, start, rounds=self.rounds, seed=seed).profiles
        end: Array = profiles[-max(1, round(self.window * self.rounds)) :].mean(axis=(0, 1))
        return end

    def _claims(self, name: str, one: Reading) -> tuple[Claim, ...]:
        confidence, unseen = self.explorer.confidence, one.unseen
        induced = one.gap(one.predicted.equilibrium.mixture, confidence)
        naive = one.gap(one.announced, confidence)
        return (
            Claim(
                name=f"{name}: a quadratic form holds",
                statement="Payoffs are a quadratic form of the mixtures, near the equilibrium and everywhere.",
                found=f"near: {_said(one.near)}; everywhere: {_said(one.wide)}",
                holds=_neither(one.near, one.wide),
            ),
            Claim(
                name=f"{name}: induced beats announced on unseen rounds",
                statement="The induced utility predicts payoffs of unseen rounds better than the announced one.",
                found=f"squared error {unseen.difference:+.3g} [{unseen.low:+.3g}, {unseen.high:+.3g}]; R2 "
                f"{one.r_squared[_INDUCED]:.3f} against {one.r_squared[_ANNOUNCED]:.3f}",
                holds=None if unseen.low <= 0 <= unseen.high else unseen.high < 0,
            ),
            Claim(
                name=f"{name}: induced beats announced on where accounts settle",
                statement="Play ends nearer to the equilibrium of the induced utility than to the announced one's.",
                found=f"total variation {in_words(induced)} from the induced, {in_words(naive)} from the announced",
                holds=None if induced.high >= naive.low and naive.high >= induced.low else induced.high < naive.low,
            ),
        )

    def _rows(self, readings: Mapping[str, Reading]) -> pd.DataFrame:
        rows = []
        for name, one in readings.items():
            induced = one.gap(one.predicted.equilibrium.mixture, self.explorer.confidence)
            naive = one.gap(one.announced, self.explorer.confidence)
            rows.append(
                {
                    "ranking": name,
                    "form rejected near": one.near.rejected(),
                    "form rejected everywhere": one.wide.rejected(),
                    "R2 unseen, induced": one.r_squared[_INDUCED],
                    "R2 unseen, announced": one.r_squared[_ANNOUNCED],
                    "gap to induced": induced.estimate,
                    "gap to announced": naive.estimate,
                    "kappa": one.predicted.equilibrium.stability,
                }
            )
        return pd.DataFrame(rows)


def announced(feed: Feed, table: OpinionTable, accounts: int) -> AlignmentGame:
    """What a creator would read from the rules: paid by engaged view, charged for contradiction, nothing else."""
    rewards = feed.rewards
    return AlignmentGame(
        attractiveness=feed.audience(table).attractiveness,
        inconsistency=feed.inconsistency.estimate(table),
        similarity=np.eye(len(table.groups)),
        incentives=Incentives(rewards.per_engaged_view, feed.moderation, 0.0),
        accounts=accounts,
        groups=table.groups,
    )


def _points(readings: Mapping[str, Reading], confidence: float) -> dict[str, dict[str, tuple[Array, Array, Array]]]:
    """By ranking and kind: weights with low and high ends, (D,) each."""
    points = {}
    for name, one in readings.items():
        found = one.predicted.equilibrium
        played = [interval_over_seeds(column, confidence) for column in one.ends.T]
        points[name] = {
            "announced": (one.announced,) * 3,
            "induced": (found.mixture, *found.region),
            "played": (
                np.array([p.estimate for p in played]),
                np.array([p.low for p in played]),
                np.array([p.high for p in played]),
            ),
        }
    return points


def _ends(readings: Mapping[str, Reading], groups: tuple[str, ...]) -> pd.DataFrame:
    rows = []
    for name, one in readings.items():
        for g, group in enumerate(groups):
            weights = {"announced": one.announced[g], "induced": one.predicted.equilibrium.mixture[g]}
            rows.append({"ranking": name, "group": group, **weights, "played": one.ends[:, g].mean()})
    return pd.DataFrame(rows)


def _said(test: FormTest) -> str:
    return {None: "not told", True: "rejected", False: "not rejected"}[test.rejected()]


def _neither(*tests: FormTest) -> bool | None:
    rejected = [test.rejected() for test in tests]
    return None if None in rejected else not any(rejected)
