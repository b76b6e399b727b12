"""Figure 3 from a language model: does a reward for diversity bring a group back that attention leaves out?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from omegaconf import DictConfig

from experiments.console import Reporter
from experiments.health import of_answers
from experiments.making import made
from experiments.report.figures import png
from experiments.report.study_maps import Panel, maps_figure
from experiments.run_directory import RunDirectory
from experiments.studies.evidence import axis, bounds, checked_threshold, percent
from experiments.studies.language.bigfive_language import voices_carry
from experiments.studies.language.evidence import LIMITS, drawn
from experiments.studies.language.language_study import LanguageStudy
from experiments.study import Claim, Figure, Findings, Table
from sim.arrays import Array
from sim.errors import InputError
from sim.estimation import GameDraws, GameEstimator
from sim.maps import ExclusionMap, exclusion_map, risk_map

Axes = dict[str, Array | float]

WITHOUT, WITH = 0.0, 1.0


@dataclass(frozen=True, kw_only=True)
class GovernanceLanguage(LanguageStudy):
    """One group's map on the (bA, bI) plane without and with diversity.

    Attributes:
        subpopulations: The population, as in conf/subpopulations.
        language: The language model, as in conf/language.
        group: The focal group.
    """

    subpopulations: DictConfig
    language: DictConfig
    group: str

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        checked_threshold(self.threshold)
        estimator: GameEstimator = made(self.estimator)
        opinions = self.read(
            self.subpopulations,
            self.language,
            label="Language model",
            name="language_model",
            directory=directory,
            reporter=reporter,
        )
        name = opinions.model["name"]
        evidence = self.evidence(name, opinions, estimator)
        if self.group not in evidence.groups:
            raise InputError("study.group", self.group, f"expected one of {', '.join(evidence.groups)}")
        with reporter.step(f"Maps at diversity {WITHOUT:g} and {WITH:g}, every draw"):
            grids = {level: self._grid(level) for level in (WITHOUT, WITH)}
            maps = {
                level: exclusion_map(
                    **evidence.terms._asdict(), grid=grid, threshold=self.threshold, groups=evidence.groups
                )
                for level, grid in grids.items()
            }
            found = {level: self._draws(drawn(evidence), grid) for level, grid in grids.items()}
            risks = {
                level: risk_map(drawn(evidence), grid=grid, threshold=self.threshold) for level, grid in grids.items()
            }
        most = max(evidence.groups, key=maps[WITHOUT].area)
        shown = dict.fromkeys((self.group, most))  # where the focal group is never excluded, one that is
        panels = [
            Panel(f"{group}, diversity {level:g}: {one.area(group):.2%} excluded", one, group, risks[level])
            for group in shown
            for level, one in maps.items()
        ]
        directory.bytes("governance.png", png(maps_figure(panels, columns=2)))
        claims = [*mitigates(self.group, maps, _of(self.group, found))]
        if most != self.group:
            other = mitigates(most, maps, _of(most, found))[0]
            claims.append(replace(other, name=f"{other.name}: {most}"))
        table = pd.concat([rows(group, maps, _of(group, found)) for group in evidence.groups])
        white = ", ".join(f"{one.white_area:.1%} at diversity {level:g}" for level, one in maps.items())
        return Findings(
            title=f"A reward for diversity: {self.group}, {name}",
            claims=(voices_carry(opinions), *claims),
            figures=(
                Figure(
                    path="governance.png",
                    caption=f"{' and '.join(shown)} without and with a reward for diversity, {name}. Black: excluded "
                    f"by every account. White: no interior equilibrium ({white}).",
                ),
            ),
            tables=(Table(path="areas.csv", caption="Shares of cells, 95% intervals", rows=table),),
            assumptions=evidence.assumptions,
            limits=(*LIMITS, "The paper's model here is DeepSeek-R1-Distill-Qwen-7B, which needs a GPU and its hub."),
            sources=(evidence.loaded.source,),
            details={"model": dict(opinions.model), "adapters": dict(opinions.adapters)},
            health=of_answers(opinions.answers),
        )

    def _grid(self, diversity: float) -> Axes:
        values = axis(self.points)
        return {"attractiveness": values, "inconsistency": values, "diversity": diversity}

    def _draws(self, draws: GameDraws, grid: Axes) -> dict[str, pd.DataFrame]:
        """The measures of every group in every draw."""
        maps = [
            exclusion_map(
                **draws[draw]._asdict(), grid=grid, threshold=self.threshold, keep="areas", groups=draws.groups
            )
            for draw in range(draws.count)
        ]
        return {group: pd.DataFrame([measures(one, group) for one in maps]) for group in draws.groups or ()}


def measures(found: ExclusionMap, group: str) -> dict[str, float]:
    """Shares of cells: excluded, below the threshold with boundary equilibria counted, without an interior one."""
    return {
        "excluded": found.area(group),
        "below the threshold": found.unrepresented_area(group),
        "no interior": found.white_area,
    }


def rows(group: str, maps: dict[float, ExclusionMap], draws: dict[float, pd.DataFrame]) -> pd.DataFrame:
    """The measures at each level of diversity."""
    table = []
    for level, found in maps.items():
        for name, value in measures(found, group).items():
            low, high = bounds(draws[level][name])
            table.append(
                {"group": group, "diversity": level, "measure": name, "estimate": value, "low": low, "high": high}
            )
    return pd.DataFrame(table)


def mitigates(group: str, maps: dict[float, ExclusionMap], draws: dict[float, pd.DataFrame]) -> tuple[Claim, ...]:
    """Is the group excluded in fewer cells with diversity, strictly speaking and with boundary equilibria counted?"""
    claims = []
    for name, measure, statement in (
        ("diversity shrinks the excluded region", "excluded", "excluded, the equilibrium being interior,"),
        ("diversity keeps the group", "below the threshold", "below the threshold, boundary equilibria included,"),
        ("diversity makes equilibria interior", "no interior", "without an interior equilibrium"),
    ):
        before, after = (measures(maps[level], group)[measure] for level in (WITHOUT, WITH))
        change = draws[WITH][measure] - draws[WITHOUT][measure]
        low, high = np.quantile(change, (0.025, 0.975))
        text = (
            f"{percent(before, draws[WITHOUT][measure])} of the cells at {WITHOUT:g}, "
            f"{percent(after, draws[WITH][measure])} at {WITH:g}; change {100 * (after - before):+.3g} points "
            f"[{100 * low:+.3g}, {100 * high:+.3g}]"
        )
        nowhere = before == after == 0
        unsure = low <= 0 <= high
        why = "so at neither" if nowhere else "more and fewer are both within the interval"
        claims.append(
            Claim(
                name=name,
                statement=f"{group} is {statement} in fewer cells at diversity 1 than at 0."
                if measure != "no interior"
                else f"Fewer cells are {statement} at diversity 1 than at 0.",
                found=f"{text}{f': {why}' if unsure else ''}",
                holds=None if unsure else bool(high < 0),
            )
        )
    return tuple(claims)


def _of(group: str, found: dict[float, dict[str, pd.DataFrame]]) -> dict[float, pd.DataFrame]:
    return {level: one[group] for level, one in found.items()}
