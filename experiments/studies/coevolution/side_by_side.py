"""Static prediction against dynamic outcome: who is left out if nothing moves, and who once everything does?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from experiments.console import Reporter
from experiments.report.coevolution_figures import side_by_side_figure
from experiments.report.figures import png
from experiments.run_directory import RunDirectory
from experiments.studies.coevolution.material import CoevolutionStudy
from experiments.studies.coevolution.tipping_point import verdicts
from experiments.study import Claim, Figure, Findings, Table
from sim.coevolution import Coevolution, Comparison, CoupledMap, Rates, advance, compare, fixed_points, full_house
from sim.coevolution.state import CoupledState, without

EXACT = 1e-12
"""Distance that counts as none."""
STARTS = ("full house", "minorities away")


@dataclass(frozen=True, kw_only=True)
class SideBySide(CoevolutionStudy):
    """The static equilibrium beside where the coupled map settles, along one parameter.

    Attributes:
        threshold: Weight below which a voice counts as excluded.
        points: Values of the parameter.
        starts_per_search: Starts of the search for all fixed points.
        searched: Values at which they are searched.
    """

    threshold: float
    points: int
    starts_per_search: int
    searched: list[float]

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        loaded, model = self.material(reporter)
        names = loaded.table.groups
        values = np.linspace(self.low, self.high, self.points)
        begin = (full_house(model), _minorities_away(model))
        with reporter.step(f"Static and dynamic at {self.points} values"):
            found = compare(model, self.parameter, values, starts=begin, threshold=self.threshold)
            fixed = replace(model, rates=replace(model.rates, ranking=0.0))
            untuned = compare(fixed, self.parameter, values, starts=begin, threshold=self.threshold)
        system = CoupledMap(model, self.parameter)
        with reporter.step(f"All fixed points at {len(self.searched)} values"):
            searched = tuple(
                fixed_points(system, value, self.starts(system, self.starts_per_search, value))
                for value in self.searched
            )
            checked = self.checked(system, searched)
        label = "weight on attractiveness (bA)" if self.parameter == "attractiveness" else self.parameter
        with reporter.step("Picture"):
            directory.bytes("static_and_dynamic.png", png(side_by_side_figure(found, names, label, STARTS)))
        return Findings(
            title=f"Static prediction and dynamic outcome: {loaded.source.name}",
            claims=(
                _still(model, self.parameter, values),
                _understates(found),
                _history(found),
                _retuning(found, untuned),
                verdicts(checked, searched),
            ),
            figures=(
                Figure(
                    path="static_and_dynamic.png",
                    caption=f"{loaded.source.name}: weight of each voice if nothing moves (black) and once audience, "
                    "tastes and ranking have settled, from a full house and with all but the two largest groups away. "
                    "Grey: the static prediction is wrong about who is below the threshold (dotted).",
                ),
            ),
            tables=(
                Table(
                    path="static_and_dynamic.csv",
                    caption="Weight of each voice and share of its group that is present",
                    rows=_table(found, names, label),
                ),
            ),
            assumptions=self.assumptions,
            limits=("Values of the parameter in between, and other starts, may settle elsewhere.",),
            sources=(loaded.source,),
        )


def _minorities_away(model: Coevolution) -> CoupledState:
    """Only the two largest groups are there."""
    small = np.argsort(-model.audience.base, kind="stable")[2:]
    state = full_house(model)
    for group in small:
        gone = state.audience.copy()
        gone[group] = 0.0
        state = replace(state, audience=gone)
    return state if small.size else without(model, int(model.audience.base.argmin()))


def _still(model: Coevolution, parameter: str, values: np.ndarray) -> Claim:
    gaps = []
    for value in values:
        still = replace(model.with_parameter(parameter, float(value)), rates=Rates())
        state = full_house(still)
        after = advance(still, state).state
        moved = (
            np.abs(after.audience - state.audience).max() + np.abs(after.tastes - state.tastes).max() + abs(after.lean)
        )
        gaps.append(float(np.abs(after.mixture - still.static).max() + moved))
    return Claim(
        name="with nothing moving it is the static equilibrium",
        statement="With every rate at zero the coupled map shows the static equilibrium and changes nothing.",
        found=f"largest difference at {len(gaps)} values: {max(gaps):.1g}",
        holds=max(gaps) <= EXACT,
    )


def _understates(found: Comparison) -> Claim:
    static, dynamic = found.excluded_statically, found.excluded_dynamically[:, 0]
    rest = found.at_rest[:, 0]
    more, fewer = (dynamic & ~static)[rest].any(axis=1).sum(), (static & ~dynamic)[rest].any(axis=1).sum()
    return Claim(
        name="the static prediction understates exclusion",
        statement="From a full house, voices that the static equilibrium keeps are lost once audience, tastes and "
        "ranking move, more often than the other way round.",
        found=f"at {more} of {rest.sum()} values a voice is lost that the static prediction keeps, at {fewer} one is "
        f"kept that it gives up; {(~rest).sum()} values didn't settle",
        holds=bool(more > fewer),
    )


def _history(found: Comparison) -> Claim:
    differs = found.depends_on_history.any(axis=1) & found.at_rest.all(axis=1)
    where = found.parameters[differs]
    span = f", between {where.min():.3g} and {where.max():.3g}" if where.size else ""
    return Claim(
        name="who is left out depends on history",
        statement="At the same parameters another voice is excluded if the minorities were away at the beginning.",
        found=f"at {differs.sum()} of {differs.size} values{span}",
        holds=bool(differs.any()),
    )


def _retuning(found: Comparison, untuned: Comparison) -> Claim:
    both = found.at_rest[:, 0] & untuned.at_rest[:, 0]
    tuned, still = (one.excluded_dynamically[both, 0].sum(axis=1) for one in (found, untuned))
    return Claim(
        name="a ranking that retunes to engagement excludes more",
        statement="From a full house more voices are lost with a ranking that leans towards more engagement than with "
        "the published one.",
        found=f"more voices at {(tuned > still).sum()} of {both.sum()} values, fewer at {(tuned < still).sum()}; on "
        f"average {tuned.mean():.2f} against {still.mean():.2f}",
        holds=bool(tuned.sum() > still.sum()),
    )


def _table(found: Comparison, names: tuple[str, ...], label: str) -> pd.DataFrame:
    rows = [
        {
            label: value,
            "voice": name,
            "static": found.static[p, d],
            **{start: found.dynamic[p, k, d] for k, start in enumerate(STARTS)},
            **{f"present, {start}": found.present[p, k, d] for k, start in enumerate(STARTS)},
            "settled": bool(found.at_rest[p].all()),
        }
        for p, value in enumerate(found.parameters)
        for d, name in enumerate(names)
    ]
    return pd.DataFrame(rows)
