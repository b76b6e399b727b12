"""Table 1: exclusion by model, with what each model's voices are worth, and whether models that think exclude more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from omegaconf import DictConfig

from experiments.console import Reporter
from experiments.health import of_answers
from experiments.making import made
from experiments.report.figures import png
from experiments.run_directory import RunDirectory
from experiments.studies.evidence import Evidence, checked_threshold, percent
from experiments.studies.language.evidence import LIMITS, term_rows
from experiments.studies.language.figures import areas_figure
from experiments.studies.language.language_study import LanguageStudy
from experiments.studies.language.model_opinions import ModelOpinions
from experiments.studies.language.paper_table import (
    PLANE,
    PUBLISHED,
    SOME,
    THINKING,
    measured,
    paper_rows,
    published_rows,
)
from experiments.studies.planes import Planes, solve_planes
from experiments.study import Claim, Figure, Findings, Table
from sim.errors import InputError
from sim.estimation import GameEstimator

TELLING = 0.001
"""Smallest difference of areas that counts: a tenth of a percent of the cells, half of the smallest published area."""


@dataclass(frozen=True, kw_only=True)
class BaseModels(LanguageStudy):
    """The paper's table for any set of models.

    Attributes:
        variants: Name -> `subpopulations` and `language` of a model, `label` in tables, and optionally `thinks_as`:
            the name of the same model without thinking.
    """

    variants: DictConfig

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        checked_threshold(self.threshold)
        labels = self._labels()
        estimator: GameEstimator = made(self.estimator)
        rows = []
        for name, label in labels.items():
            variant = self.variants[name]
            opinions = self.read(
                variant.subpopulations,
                variant.language,
                label=label,
                name=name,
                directory=directory,
                reporter=reporter,
            )
            with reporter.step(f"{label}: estimates and maps of every draw"):
                evidence = self.evidence(label, opinions, estimator)
                planes = solve_planes(evidence, points=self.points, threshold=self.threshold, fixed=((PLANE, 1.0),))
            rows.append(Row(label=label, opinions=opinions, evidence=evidence, planes=planes))
        thinking = {
            label: labels[str(self.variants[name].thinks_as)]
            for name, label in labels.items()
            if self.variants[name].thinks_as is not None
        }
        findings = compare(rows, thinking)
        directory.bytes(findings.figures[0].path, png(areas_figure(_one_each(rows), _notes(rows))))
        return findings

    def _labels(self) -> dict[str, str]:
        labels = {str(name): str(one.label) for name, one in self.variants.items()}
        if len(labels) < 2 or len(set(labels.values())) < len(labels):
            raise InputError("study.variants", list(labels.values()), "give at least two, each with its own label")
        for name in labels:
            plain = self.variants[name].thinks_as
            if plain is not None and plain not in labels:
                where = f"study.variants.{name}.thinks_as"
                raise InputError(where, plain, f"expected one of {', '.join(labels)}, or null")
        return labels


@dataclass(frozen=True, kw_only=True, eq=False)
class Row:
    """One model of the table.

    Attributes:
        label: Its name there.
        opinions: Its answers, and what its voices are worth.
        evidence: a, C and S with their draws.
        planes: Its maps.
    """

    label: str
    opinions: ModelOpinions
    evidence: Evidence
    planes: Planes


def compare(rows: list[Row], thinking: dict[str, str]) -> Findings:
    """What the models' maps say, side by side.

    Args:
        rows: The models.
        thinking: Label of a model that thinks -> label of the same without thinking.
    """
    tables = []
    for row in rows:
        fit, own = row.opinions.calibration, paper_rows(row.label, row.planes)
        own["voices"] = row.opinions.judged
        own["correlation with people"] = np.nan if fit is None else fit.correlation
        tables.append(own)
    published = published_rows()
    published["voices"] = "published, not run here"
    by_label = {row.label: row for row in rows}
    return Findings(
        title="Exclusion by model",
        claims=(
            *(_thinkers_exclude_more(by_label[one], by_label[other]) for one, other in thinking.items()),
            _models_differ(rows),
            _voices(rows),
            _published(set(by_label)),
        ),
        figures=(
            Figure(
                path="areas.png",
                caption=f"Cells in which some group is excluded, and cells with an interior equilibrium, {PLANE} = 1; "
                "lines are 95% intervals. Published values: whom they count, and the grid, are not said.",
            ),
        ),
        tables=(
            Table(
                path="table1.csv",
                caption=f"The paper's table ({PLANE} = 1), 95% intervals",
                rows=pd.concat([*tables, published], ignore_index=True),
            ),
            Table(
                path="terms.csv",
                caption="a, C and S, 95% intervals",
                rows=term_rows({row.label: row.evidence for row in rows}),
            ),
        ),
        assumptions=tuple(dict.fromkeys(line for row in rows for line in row.evidence.assumptions)),
        limits=(
            *LIMITS,
            "Models that fail their checks don't speak for their groups: their rows say what such models would give.",
            "A thought of a small model is a line of its own on the topic, not the reasoning of the paper's models.",
        ),
        sources=tuple(row.evidence.loaded.source for row in rows),
        details={"models": {row.label: dict(row.opinions.model) for row in rows}},
        health=of_answers(*(row.opinions.answers for row in rows)),
    )


def _thinkers_exclude_more(thinks: Row, plain: Row) -> Claim:
    """The paper's claim, on one base model with and without thinking; the draws share prompts and people."""
    one, other = (measured(row.planes, SOME) for row in (thinks, plain))
    gap = one.area - other.area
    low, high = np.quantile(one.areas - other.areas, (0.025, 0.975))
    failed = [row.label for row in (thinks, plain) if not row.opinions.passed]
    text = (
        f"{thinks.label} {percent(one.area, one.areas)} of the cells with an excluded group, {plain.label} "
        f"{percent(other.area, other.areas)}; difference {100 * gap:+.3g} points [{100 * low:+.3g}, {100 * high:+.3g}]"
    )
    holds = _more(low, high)
    if failed:
        holds, text = None, f"{text}; can't be tested: the voices of {' and '.join(failed)} fail their checks"
    elif holds is None:
        text = f"{text}: too few prompts to tell more from no more"
    plain_ones = [row.area for name, row in PUBLISHED.items() if name not in THINKING]
    published = f"{min(PUBLISHED[name].area for name in THINKING):.1%} or more against {max(plain_ones):.1%} or less"
    return Claim(
        name=f"models that think exclude more: {thinks.label}",
        statement=f"Reasoning models exclude more than others (published areas: {published}).",
        found=text,
        holds=holds,
    )


def _models_differ(rows: list[Row]) -> Claim:
    statement = "The same groups are excluded under more incentives by one model than by another."
    areas = {row.label: measured(row.planes, SOME) for row in rows if row.opinions.passed}
    if len(areas) < 2:
        found = "fewer than two models have voices that pass their checks"
        return Claim(name="exclusion depends on the model", statement=statement, found=found, holds=None)
    most, least = (find(areas, key=lambda label: areas[label].area) for find in (max, min))
    gap = areas[most].areas - areas[least].areas
    low, high = np.quantile(gap, (0.025, 0.975))
    estimate = areas[most].area - areas[least].area
    return Claim(
        name="exclusion depends on the model",
        statement=statement,
        found=f"voices that pass; most: {most} {percent(areas[most].area, areas[most].areas)}; least: {least} "
        f"{percent(areas[least].area, areas[least].areas)}; difference {100 * estimate:.3g} "
        f"points [{100 * low:.3g}, {100 * high:.3g}]",
        holds=_more(low, high),
    )


def _more(low: float, high: float) -> bool | None:
    """Whether a difference is at least `TELLING`, by the ends of its interval; None where they don't say."""
    return True if low >= TELLING else False if high < TELLING else None


def _voices(rows: list[Row]) -> Claim:
    return Claim(
        name="every model's voices carry their groups",
        statement="Each model in the table tells its groups apart on held-out texts, in posts and in answers.",
        found="; ".join(f"{row.label}: {row.opinions.judged}" for row in rows),
        holds=all(row.opinions.passed for row in rows),
    )


def _published(labels: set[str]) -> Claim:
    run = [name for name in PUBLISHED if name in labels]
    missing = [name for name in PUBLISHED if name not in labels]
    if missing:
        text = (
            f"not run: {', '.join(missing)}. They need a GPU and the models' hub: "
            "equipolis experiment=table1_base_models variants@study.variants=paper"
        )
    else:
        text = f"run: {', '.join(run)}; see the table. The paper's grid, C and S are not published"
    return Claim(
        name="the paper's five models",
        statement="; ".join(f"{name} {row.area:.2%}, {row.conditional:.2%}" for name, row in PUBLISHED.items()),
        found=text,
        holds=None,
    )


def _one_each(rows: list[Row]) -> pd.DataFrame:
    return pd.concat([paper_rows(row.label, row.planes).head(1) for row in rows], ignore_index=True)


def _notes(rows: list[Row]) -> dict[str, str]:
    return {row.label: "" if row.opinions.passed else " (voices fail)" for row in rows}
