"""The Big Five as a language model voices them, beside real people: a, C and S, maps, and the paper's table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from omegaconf import DictConfig

from experiments.console import Reporter
from experiments.health import of_answers
from experiments.making import made
from experiments.report.figures import png
from experiments.report.study_maps import Panel, maps_figure
from experiments.run_directory import RunDirectory
from experiments.studies.evidence import Evidence, checked_threshold, gather, number, percent
from experiments.studies.language.evidence import LIMITS, term_rows
from experiments.studies.language.figures import terms_figure
from experiments.studies.language.language_study import LanguageStudy
from experiments.studies.language.model_opinions import ModelOpinions
from experiments.studies.language.paper_table import PLANE, PUBLISHED, SOME, measured, paper_rows, published_rows
from experiments.studies.language.yardstick import maps_like_people, terms_like_people
from experiments.studies.planes import Planes, contiguity, solve_planes
from experiments.study import Claim, Figure, Findings, Table
from sim.estimation import GameEstimator

MODEL, PEOPLE = "language model", "people"
VANISHING = "Neuroticism"
"""The group of which the paper says that it vanishes although it is prevalent."""


@dataclass(frozen=True, kw_only=True)
class BigFiveLanguage(LanguageStudy):
    """What one language model says of the five groups, and whom it leaves out, against real people.

    Attributes:
        subpopulations: The population, as in conf/subpopulations.
        language: The language model, as in conf/language.
        data: Loader of the real people.
    """

    subpopulations: DictConfig
    language: DictConfig
    data: DictConfig

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        checked_threshold(self.threshold)
        estimator: GameEstimator = made(self.estimator)
        with reporter.step("Real people"):
            people = gather(made(self.data), estimator, draws=self.draws, seed=self.seed, reporter=reporter)
        opinions = self.read(
            self.subpopulations,
            self.language,
            label="Language model",
            name="language_model",
            directory=directory,
            reporter=reporter,
        )
        with reporter.step("Estimates and maps of every draw"):
            model = self.evidence(MODEL, opinions, estimator)
            evidence = {MODEL: model, PEOPLE: people}
            planes = {
                label: solve_planes(one, points=self.points, threshold=self.threshold, fixed=((PLANE, 1.0),))
                for label, one in evidence.items()
            }
        with reporter.step("Pictures"):
            figures = self._pictures(directory, evidence, planes)
        return self.findings(opinions, evidence, planes, figures, estimator)

    def findings(
        self,
        opinions: ModelOpinions,
        evidence: dict[str, Evidence],
        planes: dict[str, Planes],
        figures: tuple[Figure, ...],
        estimator: GameEstimator,
    ) -> Findings:
        """What the estimates and maps of `MODEL` and `PEOPLE` say."""
        model = evidence[MODEL]
        areas = pd.concat([*(paper_rows(label, one) for label, one in planes.items()), published_rows()])
        name = opinions.model["name"]
        return Findings(
            title=f"Big Five from a language model: {name}",
            claims=(
                voices_carry(opinions),
                some_excluded(planes[MODEL]),
                contiguity(model, self.threshold),
                vanishes(model, planes[MODEL]),
                like_the_paper(planes[MODEL], name),
                terms_like_people(model, evidence[PEOPLE]),
                maps_like_people(model, evidence[PEOPLE], planes[PEOPLE].maps[PLANE], estimator),
            ),
            figures=figures,
            tables=(
                Table(path="areas.csv", caption=f"The paper's table ({PLANE} = 1), 95% intervals", rows=areas),
                Table(path="terms.csv", caption="a, C and S, 95% intervals", rows=term_rows(evidence)),
            ),
            assumptions=(*model.assumptions, f"Real people: {evidence[PEOPLE].bootstrap}."),
            limits=LIMITS,
            sources=tuple(one.loaded.source for one in evidence.values()),
            details={"model": dict(opinions.model), "adapters": dict(opinions.adapters)},
            health=of_answers(opinions.answers),
        )

    def _pictures(
        self, directory: RunDirectory, evidence: dict[str, Evidence], planes: dict[str, Planes]
    ) -> tuple[Figure, ...]:
        found = [Figure(path="terms.png", caption="Estimates with 95% intervals, language model and people.")]
        directory.bytes("terms.png", png(terms_figure(evidence)))
        for label, one in planes.items():
            plane = one.maps[PLANE]
            panels = [
                Panel(f"{group}: {plane.area(group):.2%} excluded", plane, group, one.risks[PLANE])
                for group in one.groups
            ]
            path = f"maps_{label.replace(' ', '_')}.png"
            directory.bytes(path, png(maps_figure(panels)))
            caption = (
                f"Big Five, {label}, {PLANE} = 1. Black: excluded by every account. White: no interior equilibrium "
                f"({plane.white_area:.1%} of the cells)."
            )
            found.append(Figure(path=path, caption=caption))
        return tuple(found)


def voices_carry(opinions: ModelOpinions) -> Claim:
    """Do the voices pass their checks? All else rests on it."""
    checks = "; ".join(f"{f.check} {f.value:+.2f} (needs {f.required:+.2f})" for f in opinions.quality)
    fit = opinions.calibration
    gain = "" if fit is None else f"; correlation with people on items left out {fit.correlation:+.2f}"
    return Claim(
        name="voices carry their groups",
        statement="On held-out texts, in posts and on items left out, every group's model is told from the others.",
        found=f"{checks}{gain}" if opinions.quality else "nothing was there to check them with",
        holds=opinions.passed if opinions.quality else None,
    )


def some_excluded(planes: Planes) -> Claim:
    """Is some group left out by all accounts, under some incentives?"""
    one = measured(planes, SOME)
    low = float(np.quantile(one.areas, 0.025))
    out = [f"{group} {planes.maps[PLANE].area(group):.2%}" for group in planes.groups]
    return Claim(
        name="some group is excluded by all",
        statement="Under some incentives all accounts leave a group out although the equilibrium is interior.",
        found=f"{percent(one.area, one.areas)} of the cells at {PLANE} = 1; {', '.join(out)}",
        holds=low > 0,
    )


def vanishes(evidence: Evidence, planes: Planes) -> Claim:
    """Does the group vanish of which the paper says so, and is it what the paper says it is?"""
    statement = f"{VANISHING}, prevalent but inconsistent, is excluded under some incentives."
    if VANISHING not in planes.groups:
        return Claim(name="a prevalent group can vanish", statement=statement, found="no such group here", holds=None)
    d = planes.groups.index(VANISHING)
    draws = evidence.draws
    one, own = measured(planes, VANISHING), np.diag(evidence.terms.inconsistency)
    above = sum(own > own[d])
    spread = number(float(own[d]), None if draws is None else draws.inconsistency[:, d, d])
    shares = evidence.loaded.table.shares
    return Claim(
        name="a prevalent group can vanish",
        statement=statement,
        found=f"{VANISHING} is excluded in {percent(one.area, one.areas)} of the cells; its share of people is "
        f"{shares[d]:.3f} ({sum(shares > shares[d])} groups have more), its inconsistency {spread} ({above} groups "
        f"have more)",
        holds=bool(np.quantile(one.areas, 0.025) > 0),
    )


def like_the_paper(planes: Planes, name: str) -> Claim:
    """Are the sizes within the range of the paper's five models?"""
    rows, one = PUBLISHED.values(), measured(planes, SOME)
    worst = max(planes.groups, key=planes.maps[PLANE].area)
    most = measured(planes, worst)
    ranges = {
        "area": ([row.area for row in rows], most.area, most.areas),
        "conditional": ([row.conditional for row in rows], most.conditional, most.conditionals),
        "interior share": ([row.interior for row in rows], one.interior, one.interiors),
    }
    said, inside = [], []
    for what, (published, value, draws) in ranges.items():
        inside.append(min(published) <= value <= max(published))
        place = "inside" if inside[-1] else "below" if value < min(published) else "above"
        said.append(
            f"{what} {percent(value, draws)}, {place} the published {min(published):.2%} to {max(published):.2%}"
        )
    return Claim(
        name="size as in the paper's table",
        statement="Five models of 4B to 7B: area 0.21% to 4.5%, conditional 0.22% to 5.0%, interior 45% to 93%.",
        found=f"{name}, most excluded group ({worst}): {'; '.join(said)}. The paper's grid, C and S are not published, "
        "so a difference may come from them as much as from the model",
        holds=all(inside),
    )
