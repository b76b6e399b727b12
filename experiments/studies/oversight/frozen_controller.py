"""The controller stops and training goes on: does a good solver stay good under rewards that no longer adapt?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from agents.parametric import Pairs, Rates
from experiments.console import Reporter
from experiments.report.figures import png
from experiments.report.oversight_figures import drift_figure
from experiments.run_directory import RunDirectory
from experiments.studies.oversight.parametric_ends import Drift
from experiments.studies.oversight.parametric_rows import BOTH, THOMPSON, pulls
from experiments.studies.oversight.parametric_setting import AGENTS, ARMS, ParametricStudy, Span, span
from experiments.study import Claim, Figure, Findings, Table
from platforms.oversight.parametric import Played, Principal, Setting, govern, hold
from sim.arrays import Array
from sim.design.controllers import Controller
from sim.oversight import PROFILES, solver_threshold
from sim.oversight.events import event_values

STAYS, PULLED = "the profile it recommends", "average by its pulls"


@dataclass(frozen=True, kw_only=True)
class FrozenController(ParametricStudy):
    """Two starts, agents left by the controller and agents trained by the principal's value; then every profile stays.

    Attributes:
        controller: Maker of the controller, with `arms`.
        rounds: Its rounds.
        after: Rounds of training after it stopped.
        steps: Training steps of each phase of a round.
        episodes: Tasks on which the controller judges a round.
        last: Rounds at either end over which levels are averaged.
        margin: Loss of value that still counts as none.
    """

    controller: Callable[..., Controller]
    rounds: int
    after: int
    steps: int
    episodes: int
    last: int
    margin: float

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        worth = event_values(self.values)
        with reporter.step(f"{self.rounds} rounds with a controller, {self.seeds} runs"):
            first = govern(
                {THOMPSON: Principal(lambda: self.controller(arms=ARMS)), BOTH: Principal(pay=(worth, worth))},
                self._setting(),
                rounds=self.rounds,
            )
        counts = np.array([pulls(run) for run in first.profiles[0]]).sum(axis=0)
        singles = dict(zip(PROFILES, ARMS, strict=True))
        left = {**singles, PULLED: counts @ ARMS / counts.sum(), STAYS: first.recommended[0]}
        with reporter.step(f"{self.after} rounds without it"):
            stopped, good = self._stay(THOMPSON, first, left), self._stay(BOTH, first, singles)
        with reporter.step("Pictures"):
            directory.bytes("drift.png", png(drift_figure([stopped, good])))
        return Findings(
            title="The controller stops, training goes on",
            claims=(
                self._survives(stopped, "the controller's level survives", "Once Thompson sampling has stopped"),
                self._recommended(stopped),
                self._survives(good, "a good level survives", "From agents trained by the principal's value"),
                self._predicted(good),
                self._forgotten([stopped, good]),
            ),
            figures=(
                Figure(
                    path="drift.png",
                    caption=f"Value by round after the controller stopped, mean of {self.seeds} runs (shaded: all); "
                    "dashed: the level at which it stopped.",
                ),
            ),
            tables=(Table(path="drift.csv", caption="Drift by start and profile", rows=self._table([stopped, good])),),
            assumptions=AGENTS,
            limits=(
                "Levels are means over the last rounds before the stop; the agents of a run stop somewhere on the way.",
                "What survives is judged after as many rounds as the controller had; a slower drift would not show.",
            ),
        )

    def _setting(self) -> Setting:
        return Setting(
            pool=self.pool,
            audits=self.audits,
            values=self.values,
            training=self.training,
            steps=self.steps,
            episodes=self.episodes,
            seeds=self.seeds,
            seed=self.seed,
        )

    def _stay(self, start: str, first: Played, profiles: Mapping[str, Array]) -> Drift:
        """Go on from one row of the play; `profiles` are (12,) each, or (S, 12) where runs differ."""
        row = first.names.index(start)
        own = slice(row * self.seeds, (row + 1) * self.seeds)
        rows = np.concatenate([np.broadcast_to(profile, (self.seeds, 12)) for profile in profiles.values()])
        pairs = Pairs(
            np.tile(first.pairs.policies[own], (len(profiles), 1, 1)),
            np.tile(first.pairs.last[own], (len(profiles), 1, 1)),
            np.tile(first.pairs.streams[own], len(profiles)),
        )
        rates, _ = hold(rows, self._setting(), pairs, rounds=self.after, first=self.rounds)
        by_name = Rates(*(rate.T.reshape(len(profiles), self.seeds, self.after) for rate in rates))
        ends = Rates(*(rate[:, :, -self.last :].mean(axis=2) for rate in by_name))
        level = first.rates.value[row, :, -self.last :].mean(axis=1)
        return Drift(start, level, tuple(profiles), by_name.value, ends)

    def _drift(self, drift: Drift, name: str, *, at_once: int = 1) -> Span:
        return span(drift.ends.value[drift.names.index(name)] - drift.level, self.confidence, at_once=at_once)

    def _survives(self, drift: Drift, name: str, whose: str) -> Claim:
        moved = {profile: self._drift(drift, profile, at_once=len(PROFILES)) for profile in PROFILES}
        kept = [profile for profile, one in moved.items() if one.low > -self.margin]
        lost = [profile for profile in moved if profile not in kept]
        say: Callable[[list[str]], str] = lambda names: ", ".join(  # noqa: E731
            f"{profile.replace('_', ' ')} {moved[profile]}" for profile in names
        )
        return Claim(
            name=name,
            statement=f"{whose}, training under any one of the eight profiles loses no more than {self.margin:g}.",
            found=f"from {drift.level.mean():.3f}, kept under {len(kept)} of {len(moved)} ({say(kept) or 'none'}); "
            f"not under: {say(lost) or 'none'}",
            holds=not lost,
        )

    def _recommended(self, drift: Drift) -> Claim:
        one, averaged = self._drift(drift, STAYS), self._drift(drift, PULLED)
        return Claim(
            name="the recommended profile keeps it",
            statement=f"Stopped at the profile it recommends, the controller's level drifts down by no more than "
            f"{self.margin:g}.",
            found=f"{one} by the recommended profile; {averaged} by the average of what it played",
            holds=one.low > -self.margin,
        )

    def _predicted(self, drift: Drift) -> Claim:
        thresholds = {name: solver_threshold(profile) for name, profile in PROFILES.items()}
        kept = {name: self._drift(drift, name, at_once=len(PROFILES)).low > -self.margin for name in PROFILES}
        right = [name for name in PROFILES if kept[name] == (thresholds[name] > 0)]
        return Claim(
            name="the attempt threshold says which",
            statement="A good solver stays good under exactly those profiles that make some attempts not worth their "
            "while when nobody audits: (abstain - w)/(pass - w) > 0.",
            found=f"right for {len(right)} of {len(PROFILES)} profiles",
            holds=len(right) == len(PROFILES),
        )

    def _forgotten(self, drifts: list[Drift]) -> Claim:
        one, other = drifts
        apart = {
            name: span(
                one.ends.value[one.names.index(name)] - other.ends.value[other.names.index(name)],
                self.confidence,
                at_once=len(PROFILES),
            )
            for name in PROFILES
        }
        widest = max(apart, key=lambda name: max(abs(apart[name].low), abs(apart[name].high)))
        return Claim(
            name="where it ends is the profile's doing",
            statement=f"Agents of either start end within {self.margin:g} of each other, under every profile.",
            found=f"the widest is {widest.replace('_', ' ')}, {apart[widest]}",
            holds=all(-self.margin < one.low and one.high < self.margin for one in apart.values()),
        )

    def _table(self, drifts: list[Drift]) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "start": drift.start,
                "profile": name.replace("_", " "),
                "value at the stop": drift.level.mean(),
                "value at the end": drift.ends.value[k].mean(),
                "drift": str(self._drift(drift, name)),
                "hallucination at the end": drift.ends.hallucination[k].mean(),
                "audits per attempt at the end": drift.ends.audits[k].mean(),
                "attempt threshold, unaudited": solver_threshold(PROFILES[name]) if name in PROFILES else np.nan,
            }
            for drift in drifts
            for k, name in enumerate(drift.names)
        )
