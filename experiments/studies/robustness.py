"""Which statements hold under every reading of a, C and S that the theory leaves open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from experiments.console import Reporter
from experiments.report.figures import png
from experiments.report.study_robustness import robustness_figure
from experiments.run_directory import RunDirectory
from experiments.studies.evidence import EQUILIBRIUM, Loader, axis, checked_threshold
from experiments.studies.readings import STATEMENTS, Reading, read
from experiments.study import Claim, Figure, Findings, Table
from sim.arrays import whole_number
from sim.estimation import Choice, GameEstimator, OpinionTable, combinations
from sim.maps import exclusion_map


@dataclass(frozen=True, kw_only=True)
class Robustness:
    """Every combination of estimators, units and crowding on one data set.

    Attributes:
        data: The loader.
        estimator: The default reading, which says who is excluded "usually".
        accounts: Number of accounts M: where crowding is summed, bD = 1 weighs M - 1 times as much.
        threshold: Weight below which a group counts as excluded.
        points: Points along bI and along a slice.
    """

    data: Loader
    estimator: GameEstimator
    accounts: int
    threshold: float
    points: int

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        checked_threshold(self.threshold)
        whole_number("study.accounts", self.accounts, minimum=2)
        with reporter.step("Data"):
            loaded = self.data()
        table = loaded.table
        choices = list(combinations())
        usual = self._usual(table)
        with reporter.step(f"{len(choices)} readings"):
            readings = [
                read(
                    choice.estimator(table),
                    table.groups,
                    usual=usual,
                    crowd=float(self.accounts - 1) if choice.crowding == "sum" else 1.0,
                    points=self.points,
                    threshold=self.threshold,
                )
                for choice in choices
            ]
        rows = _table(choices, readings)
        directory.bytes("robustness.png", png(robustness_figure(rows, tuple(STATEMENTS))))
        refused = [reading.refused for reading in readings if reading.refused]
        name = loaded.source.name
        return Findings(
            title=f"Which statements survive every reading? {name}",
            claims=tuple(_claim(short, rows) for short in STATEMENTS),
            figures=(
                Figure(
                    path="robustness.png",
                    caption=f"{name}: in how many readings a statement holds, of those in which it can be tested, by "
                    "the estimators of C and S; the other choices (a, features, units, crowding) are counted together.",
                ),
            ),
            tables=(Table(path="readings.csv", caption=f"Every reading; usual group: {usual}", rows=rows),),
            assumptions=(
                EQUILIBRIUM,
                f"Crowding summed over the others is that of {self.accounts} accounts.",
                "Each reading is tested on the data as they are, without draws.",
            ),
            limits=(f"{len(refused)} readings make no game: {refused[0]}",) if refused else (),
            sources=(loaded.source,),
        )

    def _usual(self, table: OpinionTable) -> str:
        """The group that the default reading excludes most at bD = 1."""
        values = axis(self.points)
        grid: dict[str, ArrayLike] = {"attractiveness": values, "inconsistency": values, "diversity": 1.0}
        found = exclusion_map(**self.estimator(table)._asdict(), grid=grid, threshold=self.threshold, keep="areas")
        return table.groups[int(np.argmax([found.area(d) for d in range(found.dimension)]))]


def _table(choices: list[Choice], readings: list[Reading]) -> pd.DataFrame:
    words = {True: "yes", False: "no", None: ""}
    return pd.DataFrame(
        [
            {
                **choice.names,
                **{short: words[reading.holds[short]] for short in STATEMENTS},
                "excluded most": reading.group,
            }
            for choice, reading in zip(choices, readings, strict=True)
        ]
    )


def _claim(short: str, rows: pd.DataFrame) -> Claim:
    tested = rows[rows[short] != ""]
    holds = int((tested[short] == "yes").sum())
    found = f"in {holds} of {len(tested)} readings"
    if 0 < holds < len(tested):
        found += f"; it turns on {_decisive(short, tested)}"
    if len(tested) < len(rows):
        found += f" ({len(rows) - len(tested)} readings can't test it)"
    return Claim(
        name=STATEMENTS[short],
        statement=f"Under every reading of a, C, S, features, units and crowding: {STATEMENTS[short]}.",
        found=found,
        holds=None if tested.empty else holds == len(tested),
    )


def _decisive(short: str, tested: pd.DataFrame) -> str:
    """The choice whose options differ most in how often the statement holds, with the counts of each."""
    fields = ("attractiveness", "inconsistency", "similarity", "features", "normalisation", "crowding")
    shares = {field: (tested[short] == "yes").groupby(tested[field]).agg(["sum", "count"]) for field in fields}
    spread = {field: float(np.ptp(counts["sum"] / counts["count"])) for field, counts in shares.items()}
    field = max(spread, key=lambda name: spread[name])
    counts = shares[field]
    said = ", ".join(f"{option} {row['sum']} of {row['count']}" for option, row in counts.iterrows())
    return f"{field}: {said}"
