"""A tipping point and a hysteresis loop: where is a group lost, and where is it won back, if at all?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.console import Reporter
from experiments.report.coevolution_figures import Overlay, bifurcation_figure, loop_figure
from experiments.report.figures import png
from experiments.run_directory import RunDirectory
from experiments.studies.coevolution.material import Checked, CoevolutionStudy
from experiments.study import Claim, Figure, Findings, Table
from sim.arrays import Array
from sim.coevolution import (
    AtRest,
    Branch,
    Coevolution,
    CoupledMap,
    FixedPoints,
    Loop,
    MembersRun,
    at_rest,
    bifurcation_diagram,
    continue_branch,
    crossing,
    full_house,
    hysteresis_loop,
    play_members,
    settle,
    with_members,
)
from sim.coevolution.hysteresis import staircase
from sim.errors import InputError

BEYOND = 1e-3
"""How far past a fold the map is let go, as a share of the parameter's range."""


class Tipping(NamedTuple):
    """What continuation says.

    Attributes:
        group: Index of the group that is lost.
        lost_at: The fold at which a full house ends.
        won_back_at: The fold at which the state without the group ends; NaN: not within the range.
        level: Share of the group, half way over the jump.
        ends: Of the sweeps: past both folds.
        start: At rest at the first end.
    """

    group: int
    lost_at: float
    won_back_at: float
    level: float
    ends: tuple[float, float]
    start: Array


@dataclass(frozen=True, kw_only=True)
class TippingPoint(CoevolutionStudy):
    """Raise a parameter until a group leaves, lower it until it is back: by continuation, by the map, with people.

    Attributes:
        searched: Values at which all fixed points are searched.
        starts_per_search: Starts of each search.
        rounds: Rounds of the sweeps of the map, at least four speeds.
        members: People in the finite audience.
        member_rounds: Rounds of its sweeps.
        seeds: Finite audiences.
        tolerance: Largest distance that counts as agreement.
    """

    searched: list[float]
    starts_per_search: int
    rounds: list[int]
    members: int
    member_rounds: int
    seeds: int
    tolerance: float

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        loaded, model = self.material(reporter)
        system = CoupledMap(model, self.parameter)
        with reporter.step("Tipping points of a full house"):
            tipping = self._tipping(system, model)
        with reporter.step("Branches of fixed points"):
            branches, found = bifurcation_diagram(
                system,
                (self.low, self.high),
                self.searched,
                lambda value: self.starts(system, self.starts_per_search, value),
            )
        names = loaded.table.groups
        with reporter.step("Stability by disturbance"):
            checked = self.checked(system, found)
        group = names[tipping.group]
        column = tipping.group  # the audience is the first part of the coordinates
        with reporter.step("Sweeps of the map"):
            loops = [
                hysteresis_loop(
                    system,
                    tipping.start,
                    tipping.ends,
                    rounds=rounds,
                    observe=lambda points: points[:, column],
                    level=tipping.level,
                )
                for rounds in self.rounds
            ]
        with reporter.step(f"{self.seeds} audiences of {self.members:,} people"):
            crowd = with_members(model, self.members)
            there = staircase(*tipping.ends, self.member_rounds)
            values = np.concatenate([there, there[::-1]])
            runs = [play_members(crowd, self.parameter, values, seed=self.seed + k) for k in range(self.seeds)]
            jumps = self._jumps(crowd, runs, tipping)
        speeds = [abs(tipping.ends[1] - tipping.ends[0]) / rounds for rounds in self.rounds]
        label = "weight on attractiveness (bA)" if self.parameter == "attractiveness" else self.parameter
        with reporter.step("Pictures"):
            overlay = Overlay(group, column, label, tipping.lost_at, tipping.won_back_at)
            directory.bytes("bifurcation.png", png(bifurcation_figure(system, branches, loops[-1], overlay)))
            shares = np.stack([run.present[:, column] / crowd.audience.base[column] for run in runs])
            directory.bytes("loop.png", png(loop_figure(values, shares, loops, jumps, overlay)))
        return Findings(
            title=f"A tipping point and the way back: {loaded.source.name}",
            claims=(
                self._agreement("a full house ends where continuation says", speeds, loops, tipping, lost=True),
                self._agreement("the group comes back where continuation says", speeds, loops, tipping, lost=False),
                _hysteresis(group, tipping, jumps),
                self._people(group, loops, jumps),
                verdicts(checked, found),
            ),
            figures=(
                Figure(
                    path="bifurcation.png",
                    caption=f"{loaded.source.name}: fixed points of the coupled map; solid stable, dashed unstable, "
                    "dots tipping points, crosses where a voice falls silent or speaks up. Thin: the map swept up and "
                    f"down in {self.rounds[-1]:,} rounds each way.",
                ),
                Figure(
                    path="loop.png",
                    caption=f"{self.seeds} audiences of {self.members:,} people, {self.member_rounds:,} rounds each "
                    f"way; grey bands: 95% of the audiences cross a share of {tipping.level:.2f} there. Lines: tipping "
                    "points by continuation.",
                ),
            ),
            tables=(
                Table(path="events.csv", caption="What happens on the branches", rows=_events(branches, names, label)),
                Table(
                    path="jumps.csv",
                    caption=f"Where the share of {group} crosses {tipping.level:.2f}, by audience",
                    rows=pd.DataFrame(jumps, columns=["lost at", "won back at"]),
                ),
                Table(path="sweeps.csv", caption="The same of the map, by speed", rows=_sweeps(speeds, loops)),
            ),
            assumptions=self.assumptions,
            limits=(
                "Branches that no searched value of the parameter meets are not drawn.",
                "A finite audience leaves a little early by chance and a little late by inertia.",
            ),
            sources=(loaded.source,),
        )

    def _tipping(self, system: CoupledMap, model: Coevolution) -> Tipping:
        """Where a full house ends, who leaves then, and where the state without them ends on the way back."""
        rest = settle(system, system.pack(full_house(model)), self.low)
        full = continue_branch(system, rest.point, self.low, bounds=(self.low, self.high))
        folds = full.tipping_points
        if not folds:
            raise InputError(
                "study.high",
                self.high,
                "a full house has no tipping point within the range; widen it, or lower study.temperature",
            )
        lost_at = folds[0].parameter
        past = min(lost_at + BEYOND * (self.high - self.low), self.high)
        without = settle(system, folds[0].point, past).point
        change = (folds[0].point - without)[: model.groups]
        group = int(change.argmax())
        lower = continue_branch(system, without, past, bounds=(self.low, past))
        # It starts at the upper end of the range and is listed from the other one.
        back = [event.parameter for event in lower.tipping_points]
        won_back_at = back[-1] if back else np.nan
        level = float(folds[0].point[group] + without[group]) / 2
        width = lost_at - (won_back_at if back else self.low)
        ends = (max(self.low, lost_at - 1.4 * width), min(self.high, lost_at + 0.4 * width))
        return Tipping(group, lost_at, won_back_at, level, ends, settle(system, rest.point, ends[0]).point)

    def _jumps(self, crowd: Coevolution, runs: list[MembersRun], tipping: Tipping) -> Array:
        """Where each audience loses the group and wins it back, shape (seeds, 2)."""
        half = runs[0].parameters.size // 2
        base = crowd.audience.base[tipping.group]
        return np.array(
            [
                [
                    crossing(run.parameters[part], run.present[part, tipping.group] / base, tipping.level)
                    for part in (slice(None, half), slice(half, None))
                ]
                for run in runs
            ]
        )

    def _agreement(self, name: str, speeds: list[float], loops: list[Loop], tipping: Tipping, *, lost: bool) -> Claim:
        fold = tipping.lost_at if lost else tipping.won_back_at
        seen = [loop.lost_at if lost else loop.won_back_at for loop in loops]
        statement = (
            "Swept ever more slowly, the map jumps at the fold that continuation finds: the jump extrapolated to "
            f"speed zero is within {self.tolerance:g} of it."
        )
        if not np.isfinite([fold, *seen]).all():
            return Claim(
                name=name, statement=statement, found=f"continuation: {fold:.5g}; sweeps: {seen[-1]:.5g}", holds=None
            )
        rest: AtRest = at_rest(speeds, seen)
        return Claim(
            name=name,
            statement=statement,
            found=f"fold at {fold:.5f}; the slowest of {len(speeds)} sweeps jumps at {seen[-1]:.5f}, extrapolated "
            f"{rest.value:.5f} (leaving one speed out moves that by up to {rest.spread:.1g})",
            holds=bool(abs(rest.value - fold) <= self.tolerance),
        )

    def _people(self, group: str, loops: list[Loop], jumps: Array) -> Claim:
        nearest = loops[int(np.argmin([abs(rounds - self.member_rounds) for rounds in self.rounds]))]
        expected = np.array([nearest.lost_at, nearest.won_back_at])
        low, high = interval(jumps)
        known = np.isfinite(jumps).all()
        text = "; ".join(
            f"{what} at {mean:.4f} [{a:.4f}, {b:.4f}] (the map: {where:.4f})"
            for what, mean, a, b, where in zip(
                ("lost", "won back"), jumps.mean(axis=0), low, high, expected, strict=True
            )
        )
        return Claim(
            name="people do what the map says",
            statement="Audiences of people who leave and come back one by one jump, at the same speed, within "
            f"{10 * self.tolerance:g} of the map on average.",
            found=f"{group}, {self.seeds} audiences of {self.members:,}: {text}",
            holds=bool(np.abs(jumps.mean(axis=0) - expected).max() <= 10 * self.tolerance) if known else None,
        )


def _hysteresis(group: str, tipping: Tipping, jumps: Array) -> Claim:
    widths = jumps[:, 0] - jumps[:, 1]
    never = np.isnan(jumps[:, 1]).sum()
    low, high = interval(widths[:, None])
    by_theory = tipping.lost_at - tipping.won_back_at
    return Claim(
        name="a group that left is won back only further back",
        statement="The parameter has to go back beyond the value at which the group left: a hysteresis loop, in "
        "continuation and with people.",
        found=f"{group} is lost at {tipping.lost_at:.4f} and won back at {tipping.won_back_at:.4f} (continuation); "
        f"with people the loop is {np.nanmean(widths):.3f} wide, 95% of the audiences {low[0]:.3f} to {high[0]:.3f}"
        + (f"; {never} audiences never win it back within the range" if never else ""),
        holds=bool(low[0] > 0 and (np.isnan(by_theory) or by_theory > 0)) if never < len(jumps) else None,
    )


def verdicts(checked: Checked, found: tuple[FixedPoints, ...]) -> Claim:
    """The claim that verdicts of stability are borne out, with the check that no fixed point is missing."""
    sums = [one.index_sum for one in found]
    return Claim(
        name="stability verdicts are borne out",
        statement="After a small disturbance the map returns to fixed points with spectral radius below one and to no "
        "others.",
        found=f"{checked.agree} of {checked.agree + checked.differ} verdicts borne out, {checked.undecided} points "
        f"without one; indices sum to 1, so that none need be missing, at {sums.count(1)} of {len(sums)} values",
        holds=checked.differ == 0,
    )


def interval(samples: Array) -> tuple[Array, Array]:
    """Ends of the range that holds 95% of the rows, by column; rows without a number are left out."""
    low, high = np.nanquantile(samples, [0.025, 0.975], axis=0)
    return low, high


def _events(branches: tuple[Branch, ...], names: tuple[str, ...], label: str) -> pd.DataFrame:
    """Every event on every branch."""
    voice: Callable[[int | None], str] = lambda border: "" if border is None else names[border % len(names)]  # noqa: E731
    rows = [
        {
            "branch": number,
            "event": event.kind,
            label: event.parameter,
            "voice": voice(event.border),
            "unstable directions before": event.unstable[0],
            "after": event.unstable[1],
        }
        for number, branch in enumerate(branches, start=1)
        for event in branch.events
    ]
    return pd.DataFrame(rows, columns=["branch", "event", label, "voice", "unstable directions before", "after"])


def _sweeps(speeds: list[float], loops: list[Loop]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "change in a round": speeds,
            "lost at": [loop.lost_at for loop in loops],
            "won back at": [loop.won_back_at for loop in loops],
        }
    )
