"""Controllers that tune a platform while it is played: accounts learn on, nobody waits until they have settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from agents.subpopulations.synthetic import SyntheticPopulation
from experiments.console import Reporter
from experiments.report.figures import png
from experiments.report.played_levers_figure import played_levers_figure
from experiments.run_directory import RunDirectory
from experiments.study import Claim, Figure, Findings, Table
from platforms.social.governed import Governed, left_out
from platforms.social.platform import PayoffRules, PlatformSettings, SocialPlatform
from sim.alignment_game import AlignmentGame, Incentives
from sim.arrays import Array, positive, whole_number
from sim.convergence.intervals import interval_over_seeds
from sim.design import CoefficientLevers
from sim.design.controllers import Controller, Fixed, Play, play
from sim.design.restoring import DECADE
from sim.dynamics.floor import Floored
from sim.dynamics.protocol import Dynamics
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.estimation.induced import exploration

LEVERS = ("attractiveness", "diversity")
PUBLISHED, BEST, SWITCHING = "published", "best in closed form", "uniform switching"
CONFIDENCE = 0.95
_GRIDS = (41, 9)
"""Points a side of each grid on which the best lever is sought: the value has several hills of nearly one height."""


class Paired(NamedTuple):
    """A mean difference over seeds with its interval."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, differences: Array) -> Paired:
        """Of one difference per seed, (S,)."""
        mean = float(differences.mean())
        half = interval_over_seeds(differences, CONFIDENCE).high - mean
        return cls(mean, mean - half, mean + half)

    def __str__(self) -> str:
        return f"{self.mean:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"


@dataclass(frozen=True, kw_only=True)
class PlayedLevers:
    """Every controller tunes a platform of its own; seeds are paired: the same accounts, readers and start.

    Attributes:
        population: Groups with known answers.
        payoffs: Kernels the platform pays by.
        incentives: The published coefficients.
        accounts: Number of accounts.
        posts: Posts an account publishes in a round.
        drafts: Topics on which every group drafts an answer.
        readers: Readers who meet each post.
        dynamics: The accounts' learning rule, the same for ever: it never comes to rest.
        floor: Least weight while learning.
        threshold: Weight below which a group counts as left out.
        price: Of leaving the whole audience out, in units of engagement.
        switching: Uniform switching, the baseline.
        learners: Controllers that learn, by name.
        block: Rounds that a proposal is kept.
        proposals: Number of proposals.
        blocks: Blocks whose values are held against settled ones, in rounds, ascending.
        compared: Proposals of each.
        low: Least levers of the best in closed form, as powers of ten: those of the controllers' box.
        high: Greatest levers.
        tolerance: Difference of values that counts as none.
        seeds: Plays of each controller, at least two.
        seed: First seed.
    """

    population: SyntheticPopulation
    payoffs: Mapping[str, Any]
    incentives: Incentives
    accounts: int
    posts: int
    drafts: int
    readers: int
    dynamics: Dynamics
    floor: float
    threshold: float
    price: float
    switching: Callable[[], Controller]
    learners: Mapping[str, Callable[[], Controller]]
    block: int
    proposals: int
    blocks: list[int]
    compared: int
    low: list[float]
    high: list[float]
    tolerance: float
    seeds: int
    seed: int

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        whole_number("run.seeds", self.seeds, minimum=2)
        whole_number("study.proposals", self.proposals, minimum=4)
        whole_number("study.block", self.block, minimum=1)
        positive("study.threshold", self.threshold)
        if not self.learners:
            raise InputError("study.learners", "nothing", "name at least one controller that learns")
        if len(self.blocks) < 2 or sorted(set(self.blocks)) != list(self.blocks):
            raise InputError("study.blocks", list(self.blocks), "expected two or more lengths, ascending")
        with reporter.step("Best lever in closed form"):
            best = self._best()
        makers: dict[str, Callable[[], Controller]] = {
            PUBLISHED: lambda: Fixed(np.zeros(2)),
            BEST: lambda: Fixed(best),
            SWITCHING: self.switching,
            **{name.replace("_", " "): make for name, make in self.learners.items()},
        }
        plays: dict[str, list[Play]] = {}
        for name, make in makers.items():
            with reporter.step(f"{self.seeds} platforms tuned by {name}"):
                plays[name] = [self._played(make(), self.block, self.proposals, seed) for seed in self._every]
        with reporter.step("How far accounts settle in a block"):
            misled = {block: self._misled(block) for block in self.blocks}
        values = {name: np.array([one.values for one in each]) for name, each in plays.items()}
        late = {name: rows[:, self.proposals // 2 :].mean(axis=1) for name, rows in values.items()}
        kept = {name: np.array([self.settled(one.recommended) for one in each]) for name, each in plays.items()}
        with reporter.step("Picture"):
            picture = played_levers_figure(values, self.block, self.settled(best), misled)
            directory.bytes("levers.png", png(picture))
        names = [name for name in makers if name not in {PUBLISHED, BEST, SWITCHING}]
        return Findings(
            title="A principal who tunes a platform that never stands still",
            claims=(
                self._ahead("learning beats the published incentives", names, late, PUBLISHED),
                self._ahead("learning beats uniform switching", names, late, SWITCHING),
                self._unbeaten(names, late, best),
                self._near(names, kept, best),
                self._settling(misled),
            ),
            figures=(
                Figure(
                    path="levers.png",
                    caption=f"Left: value of the levers in force, mean over {self.seeds} platforms and five proposals; "
                    "dashed: the best lever in closed form once accounts have settled. Right: how far the value of a "
                    "block is from that of the same levers with settled accounts; bars: standard deviation over "
                    "platforms.",
                ),
            ),
            tables=(self._table(late, kept), _blocks_table(misled)),
            assumptions=(
                f"{self.accounts} accounts, {self.posts} posts a round, {self.readers} readers a post; posts carry no "
                "text and are heard as the group that was drawn. Accounts are never reset; a proposal is in force for "
                f"{self.block} rounds.",
                f"Value: engaged readers per reader of a post, less {self.price:g} times the share of the audience "
                f"left out, counted below {self.threshold:g} of the posts; both from the block's own posts.",
                "Levers: bA and bD as factors, bI held: where accounts settle depends on ratios only. The published "
                f"incentives are bA {self.incentives.attractiveness:g}, bI {self.incentives.inconsistency:g}, bD "
                f"{self.incentives.diversity:g}.",
            ),
            limits=(
                "Arms and boxes hold levers that work; a principal would have to guess them.",
                "Groups, kernels and the value's price are one example; accounts learn by one rule.",
            ),
            details={"best": {name: float(10**power) for name, power in zip(LEVERS, best, strict=True)}},
        )

    @property
    def _every(self) -> range:
        return range(self.seed, self.seed + self.seeds)

    @cached_property
    def _rules(self) -> PayoffRules:
        return PayoffRules(**self.payoffs)

    @cached_property
    def _game(self) -> AlignmentGame:
        return self._rules.game(self.population.table, self.incentives, self.accounts, "mean")

    def levers(self, profile: Array) -> Incentives:
        """Incentives at powers of ten (2,) of the published ones."""
        levers = CoefficientLevers.around(self._game, LEVERS, factor=1e6)
        return levers.incentives(levers.present + DECADE * np.asarray(profile))

    def settled(self, profile: Array) -> float:
        """The value of levers (2,) once accounts have settled, in closed form and without noise."""
        changed = self.levers(profile)
        game = self._game.with_incentives(attractiveness=changed.attractiveness, diversity=changed.diversity)
        mixture = homogeneous_equilibrium(game, self.floor).mixture
        out = left_out(mixture, self.population.table.shares, self.threshold)
        return float(game.attractiveness @ mixture) - self.price * out

    def _best(self) -> Array:
        """The best levers of the box: on a grid, then on a finer one around the best point."""
        ends = np.array([self.low, self.high])
        low, high = ends
        for points in _GRIDS:
            axes = [np.linspace(*side, points) for side in zip(low, high, strict=True)]
            grid = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)
            best = grid[int(np.argmax([self.settled(point) for point in grid]))]
            spacing = (high - low) / (points - 1)
            low, high = np.clip([best - spacing, best + spacing], *ends)
        return np.asarray(best)

    def _played(self, controller: Controller, block: int, proposals: int, seed: int) -> Play:
        platform = SocialPlatform(
            table=self.population.table,
            incentives=self.incentives,
            rules=self._rules,
            settings=PlatformSettings(posts_per_round=self.posts, drafts_per_round=self.drafts, readers=self.readers),
            dynamics=Floored(self.dynamics, self.floor),
            start=exploration(self.accounts, self._game.dimension, profiles=1, floor=self.floor, seed=seed)[0],
            seed=seed,
        )
        measure = Governed(platform, self.levers, block=block, threshold=self.threshold, price=self.price)
        try:
            return play(controller, measure, rounds=proposals, seed=seed)
        finally:
            platform.close()

    def _misled(self, block: int) -> Array:
        """Mean distance of a block's value from the settled one under switching, by seed, (S,)."""
        found = []
        for seed in self._every:
            one = self._played(self.switching(), block, self.compared, seed)
            found.append(np.mean([abs(v - self.settled(p)) for v, p in zip(one.values, one.profiles, strict=True)]))
        return np.array(found)

    def _ahead(self, name: str, learners: list[str], late: Mapping[str, Array], behind: str) -> Claim:
        ahead = {each: Paired.of(late[each] - late[behind]) for each in learners}
        return Claim(
            name=name,
            statement=f"In the second half of the proposals every controller earns more than {behind}, seed by seed.",
            found="; ".join(f"{each} {gap}" for each, gap in ahead.items()),
            holds=all(gap.low > 0 for gap in ahead.values()),
        )

    def _unbeaten(self, learners: list[str], late: Mapping[str, Array], best: Array) -> Claim:
        gaps = {each: Paired.of(late[each] - late[BEST]) for each in learners}
        theory, played = self.settled(best), Paired.of(late[BEST] - self.settled(best))
        factors = " and ".join(f"{n} x {10**power:.3g}" for n, power in zip(LEVERS, best, strict=True))
        return Claim(
            name="no controller earns more than the best lever in closed form",
            statement=f"Held fixed, that lever earns its settled value within {self.tolerance:g}, and no controller "
            "significantly more.",
            found=f"{factors}: {theory:.3f} in theory, off by {played} in play; "
            + "; ".join(f"{each} {gap}" for each, gap in gaps.items()),
            holds=abs(played.mean) <= self.tolerance and all(gap.low <= 0 for gap in gaps.values()),
        )

    def _near(self, learners: list[str], kept: Mapping[str, Array], best: Array) -> Claim:
        top = self.settled(best)
        lost = {each: Paired.of(top - kept[each]) for each in learners}
        return Claim(
            name="what controllers recommend comes near it",
            statement=f"Once settled, the levers recommended at the end are worth less by at most {self.tolerance:g}.",
            found="less by " + "; ".join(f"{each} {gap.mean:.3f} (worst {gap.high:.3f})" for each, gap in lost.items()),
            holds=all(gap.mean <= self.tolerance for gap in lost.values()),
        )

    def _settling(self, misled: Mapping[int, Array]) -> Claim:
        first, last = misled[self.blocks[0]], misled[self.blocks[-1]]
        gain = Paired.of(first - last)
        return Claim(
            name="accounts that have not settled blur what a lever is worth",
            statement="A block's value is farther from the settled one the shorter the block.",
            found="mean distance: "
            + ", ".join(f"{block} rounds {each.mean():.3f}" for block, each in misled.items())
            + f"; shortest less longest {gain}",
            holds=gain.low > 0,
        )

    def _table(self, late: Mapping[str, Array], kept: Mapping[str, Array]) -> Table:
        rows = [
            {
                "controller": name,
                "value, second half": late[name].mean(),
                "less published": str(Paired.of(late[name] - late[PUBLISHED])),
                "less switching": str(Paired.of(late[name] - late[SWITCHING])),
                "settled value of what it recommends": kept[name].mean(),
            }
            for name in late
        ]
        return Table(
            path="controllers.csv",
            caption=f"Every controller on {self.seeds} platforms; differences paired over seeds, 95%",
            rows=pd.DataFrame(rows),
        )


def _blocks_table(misled: Mapping[int, Array]) -> Table:
    return Table(
        path="blocks.csv",
        caption="Distance of a block's value from the settled value of the same levers, under uniform switching",
        rows=pd.DataFrame({"rounds": list(misled), "distance": [each.mean() for each in misled.values()]}),
    )
