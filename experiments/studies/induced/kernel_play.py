"""A platform that pays what it says: do its logs give back its incentives, and do accounts settle as these predict?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from agents.subpopulations.synthetic import SyntheticPopulation
from experiments.console import Reporter
from experiments.play import publish
from experiments.report.figures import png
from experiments.run_directory import RunDirectory
from experiments.studies.induced.figures import estimates_figure
from experiments.study import Claim, Figure, Findings, Table
from platforms.social.platform import PayoffRules, PlatformSettings, SocialPlatform
from sim.alignment_game import AlignmentGame, Crowding, Incentives
from sim.arrays import Array, whole_number
from sim.dynamics.floor import Floored
from sim.dynamics.protocol import Dynamics
from sim.equilibrium import homogeneous_equilibrium
from sim.estimation.induced import (
    Comparison,
    PlayLog,
    Published,
    ScalarFit,
    Script,
    WithShapes,
    compare,
    exploration,
    fit_scalar,
    form_test,
    held_out,
    predict,
)

NAMES = ("bA", "bI", "bD")
_FITTED, _PUBLISHED = "fitted", "published"


class _Seed(NamedTuple):
    fit: ScalarFit
    covered: bool
    rejected: bool
    better: bool


@dataclass(frozen=True, kw_only=True)
class KernelPlay:
    """Explore, fit, predict, let accounts learn, compare; over many seeds, without text.

    Attributes:
        population: Groups with known answers.
        payoffs: Kernels the platform pays by.
        incentives: The published coefficients, which here are the induced ones.
        crowding: "mean" or "sum" over the other accounts.
        accounts: Number of accounts.
        posts: Posts an account publishes in a round.
        drafts: Topics on which every group drafts an answer.
        readers: Readers who meet each post.
        profiles: Exploration: scattered profiles, one a round.
        dynamics: The accounts' learning rule.
        floor: Least weight while learning.
        rounds: Rounds of learning.
        window: Share of these, the last ones, that count as the end.
        seeds: Logs that are fitted.
        plays: Of these, the first ones, in which accounts then learn.
        seed: First seed.
        draws: Draws behind each region.
        confidence: Of intervals and regions.
    """

    population: SyntheticPopulation
    payoffs: Mapping[str, Any]
    incentives: Incentives
    crowding: Crowding
    accounts: int
    posts: int
    drafts: int
    readers: int
    profiles: int
    dynamics: Dynamics
    floor: float
    rounds: int
    window: float
    seeds: int
    plays: int
    seed: int
    draws: int
    confidence: float

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        whole_number("study.plays", self.plays, minimum=2)
        whole_number("run.seeds", self.seeds, minimum=self.plays)
        game = self._rules.game(self.population.table, self.incentives, self.accounts, self.crowding)
        with reporter.step(f"Explore and fit, {self.seeds} logs"), reporter.progress() as progress:
            task = progress.add_task("logs", total=self.seeds)
            found = []
            for seed in range(self.seed, self.seed + self.seeds):
                found.append(self._explored(game, seed))
                progress.advance(task)
        with reporter.step(f"Learn, {self.plays} plays"), reporter.progress() as progress:
            task = progress.add_task("plays", total=self.plays)
            ends = []
            for seed in range(self.seed, self.seed + self.plays):
                ends.append(self._learned(seed))
                progress.advance(task)
        with reporter.step("Compare"):
            compared = self._compared(found[: self.plays], np.array(ends))
        values, low, high = self._estimates(found)
        truth = np.array([getattr(self.incentives, n) for n in ("attractiveness", "inconsistency", "diversity")])
        directory.bytes("incentives.png", png(estimates_figure(NAMES, values, low, high, truth)))
        settled = homogeneous_equilibrium(game, self.floor).mixture
        return Findings(
            title="Incentives induced by kernel payoffs",
            claims=(
                self._coverage(found, (low <= truth) & (truth <= high)),
                self._form(found),
                self._fair(found),
                self._settles(compared, np.array(ends), settled),
            ),
            figures=(
                Figure(
                    path="incentives.png",
                    caption=f"Fitted incentives of {self.seeds} logs with {self.confidence:.0%} intervals; dashed: the "
                    "published ones.",
                ),
            ),
            tables=(_table(values, low, high, found), _ends(self.population.table.groups, compared, settled)),
            assumptions=(
                f"{self.accounts} accounts, {self.profiles} rounds of scattered mixtures, {self.posts} posts a round, "
                f"{self.readers} readers a post; every post is heard as the group that was drawn. No text is written.",
                "Noise may be shared within each round; covariance CR2 with Satterthwaite degrees of freedom.",
            ),
            limits=("Published shapes a, C and S are the true ones here; a platform may realise others.",),
            details={"covered": sum(one.covered for one in found), "logs": self.seeds},
        )

    @property
    def _rules(self) -> PayoffRules:
        return PayoffRules(**self.payoffs)

    def _explored(self, game: AlignmentGame, seed: int) -> _Seed:
        scattered = exploration(self.accounts, game.dimension, profiles=self.profiles, seed=seed)
        profiles, paid = self._played(scattered[0], Script(scattered), self.profiles, seed)
        log = PlayLog.of_play(profiles, paid, crowding=self.crowding, groups=game.groups)
        fit = fit_scalar(log, game)
        errors = held_out(log, {_FITTED: WithShapes(game), _PUBLISHED: Published(game)})
        test = errors.paired(_FITTED, _PUBLISHED)
        return _Seed(
            fit=fit,
            covered=fit.test(self.incentives).p_value >= 1 - self.confidence,
            rejected=bool(form_test(log).rejected(1 - self.confidence)),
            better=test.difference < 0 and test.p_value < 1 - self.confidence,
        )

    def _learned(self, seed: int) -> Array:
        start = exploration(self.accounts, len(self.population.table.groups), profiles=1, floor=self.floor, seed=seed)
        rule = Floored(self.dynamics, self.floor)
        # Seeds of their own: the readers of the exploration must not come back here.
        profiles, _ = self._played(start[0], rule, self.rounds, seed + self.seeds)
        last: Array = profiles[-max(1, round(self.window * self.rounds)) :].mean(axis=(0, 1))
        end: Array = last / last.sum()
        return end

    def _played(self, start: Array, dynamics: Dynamics, rounds: int, seed: int) -> tuple[Array, Array]:
        """Profiles (T, M, D) and payoffs (T, M) of a play without text."""
        platform = SocialPlatform(
            table=self.population.table,
            incentives=self.incentives,
            rules=self._rules,
            settings=PlatformSettings(posts_per_round=self.posts, drafts_per_round=self.drafts, readers=self.readers),
            dynamics=dynamics,
            start=start,
            seed=seed,
            crowding=self.crowding,
        )
        profiles, paid = [], []
        for _ in range(rounds):
            profiles.append(platform.profile)
            drafts = platform.plan_round()
            posts = publish(drafts, ["-"] * len(drafts), [None] * len(drafts))
            paid.append(platform.play_round(posts).payoffs)
        platform.close()
        return np.array(profiles), np.array(paid)

    def _compared(self, found: list[_Seed], ends: Array) -> list[Comparison]:
        settings = {"draws": self.draws, "confidence": self.confidence, "floor": self.floor}
        return [compare(predict(one.fit, accounts=self.accounts, **settings), ends) for one in found]  # type: ignore[arg-type]

    def _estimates(self, found: list[_Seed]) -> tuple[Array, Array, Array]:
        estimates = [one.fit.incentives for one in found]
        bounds = [each.interval(self.confidence) for each in estimates]
        return (
            np.array([each.values for each in estimates]),
            np.array([each.low for each in bounds]),
            np.array([each.high for each in bounds]),
        )

    def _coverage(self, found: list[_Seed], each: NDArray[np.bool_]) -> Claim:
        covered = sum(one.covered for one in found)
        single = ", ".join(f"{name} {share:.0%}" for name, share in zip(NAMES, each.mean(axis=0), strict=True))
        return Claim(
            name="fitted incentives cover the true ones",
            statement="The joint region of bA, bI and bD at 95% holds the true ones in at least 93 of 100 logs.",
            found=f"In {covered} of {self.seeds} logs; single intervals: {single}.",
            holds=covered >= 0.93 * self.seeds,
        )

    def _form(self, found: list[_Seed]) -> Claim:
        rejected, most = sum(one.rejected for one in found), self._by_chance()
        return Claim(
            name="the quadratic form is accepted",
            statement="Kernel payoffs are quadratic: the test rejects no more often than its level.",
            found=f"Rejected in {rejected} of {self.seeds} logs; up to {most} by chance (99%).",
            holds=rejected <= most,
        )

    def _fair(self, found: list[_Seed]) -> Claim:
        better, most = sum(one.better for one in found), self._by_chance()
        return Claim(
            name="nothing beats what is true",
            statement="Where the published model is true, no fit predicts unseen rounds better.",
            found=f"Significantly better in {better} of {self.seeds} logs; up to {most} by chance (99%).",
            holds=better <= most,
        )

    def _settles(self, compared: list[Comparison], ends: Array, settled: Array) -> Claim:
        inside = sum(one.inside for one in compared)
        gap = float(np.abs(ends.mean(axis=0) - settled).sum() / 2)
        least = int(stats.binom.ppf(0.01, self.plays, self.confidence))
        return Claim(
            name="accounts settle in the predicted region",
            statement="Regions predicted from exploration hold the mean end of play in 95% of the logs.",
            found=f"In {inside} of {self.plays}; at least {least} expected (99%). Ends lie {gap:.3f} from the "
            "equilibrium of the true incentives (total variation).",
            holds=inside >= least,
        )

    def _by_chance(self) -> int:
        return int(stats.binom.ppf(0.99, self.seeds, 1 - self.confidence))


def _table(values: Array, low: Array, high: Array, found: list[_Seed]) -> Table:
    rows = pd.DataFrame({"log": np.arange(len(values))})
    for k, name in enumerate(NAMES):
        rows[name], rows[f"{name} low"], rows[f"{name} high"] = values[:, k], low[:, k], high[:, k]
    rows["R2"] = [one.fit.regression.r_squared for one in found]
    rows["all three covered"] = [one.covered for one in found]
    rows["form rejected"] = [one.rejected for one in found]
    return Table(path="incentives.csv", caption="Fitted incentives of every log", rows=rows)


def _ends(groups: tuple[str, ...], compared: list[Comparison], settled: Array) -> Table:
    first = compared[0]
    return Table(
        path="ends.csv",
        caption="Mean mixture at the end of play, over plays, and the equilibrium of the true incentives",
        rows=pd.DataFrame(
            {"group": groups, "played": first.played, "standard error": first.error, "equilibrium": settled}
        ),
    )
