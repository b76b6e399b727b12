"""Coverage and risk: what each profile's heads gain over the best threshold for abstaining, and over no audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.console import Reporter
from experiments.report.figures import png
from experiments.report.oversight_language_figures import coverage_figure
from experiments.run_directory import RunDirectory
from experiments.studies.oversight.language_heads import LIMITS, LanguageOversight, Trained, ends, spread
from experiments.studies.oversight.language_prediction import calibrated
from experiments.studies.oversight.language_store import Generated, unreadable
from experiments.study import Claim, Figure, Findings, Table
from platforms.oversight.decision_heads import designs
from platforms.oversight.pipeline import Material
from sim.arrays import Array
from sim.oversight import PROFILES

GRID: Array = np.linspace(0.02, 1.0, 50)
"""Coverages at which risks are computed."""
LOOKED = 0.1
"""Audits per attempt from which a profile counts as one that audits."""


class Curves(NamedTuple):
    """Risks on tasks that neither heads nor threshold were fitted on; P profiles, S repetitions, C coverages.

    Attributes:
        best: Share wrong of what the best threshold hands in, (S, C).
        heads: Share wrong of what each profile's own order hands in, (P, S, C).
        coverage: What each profile's heads hand in, (P, S).
        wrong: Share wrong of that, (P, S).
        silent: Share wrong of that and not found, (P, S).
        audits: Share of that audited, (P, S).
        at_equal: Share wrong of as much, chosen by the best threshold, (P, S).
    """

    best: Array
    heads: Array
    coverage: Array
    wrong: Array
    silent: Array
    audits: Array
    at_equal: Array


@dataclass(frozen=True, kw_only=True)
class CoverageRisk(LanguageOversight):
    """Risk of what is handed in, beside the best threshold on the same scores.

    Attributes:
        coverages: Shares of answers handed in at which risks are tabled.
    """

    coverages: list[float]

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        with reporter.step("Arithmetic: answers and audits"):
            written = self.material({"arithmetic": self.arithmetic}, directory, reporter)
        return self.findings(written["arithmetic"], directory, reporter)

    def findings(self, written: Generated, directory: RunDirectory, reporter: Reporter) -> Findings:
        """What material says: curves, and the claims on them.

        Args:
            written: The material.
            directory: Gets the picture.
            reporter: Says each step.
        """
        material, model = written
        with reporter.step(f"Heads under {len(PROFILES)} profiles, {self.seeds} repetitions"):
            trained = self.trained(material)
        with reporter.step("Coverage and risk"):
            curves = coverage_risk(material, trained, check_rate=self.check_rate)
        mean = {name: curves.heads[p].mean(axis=0) for p, name in enumerate(PROFILES)}
        points = {
            name: (
                float(curves.coverage[p].mean()),
                float(curves.wrong[p].mean()),
                float(curves.silent[p].mean()),
            )
            for p, name in enumerate(PROFILES)
        }
        directory.bytes("coverage_risk.png", png(coverage_figure(GRID, curves.best, mean, points)))
        return Findings(
            title="Coverage and risk: falling hallucination by abstaining is not oversight",
            claims=(
                _alone(curves),
                _unbeaten(curves),
                _equal(curves),
                _silent(curves),
                _not_oversight(curves),
            ),
            figures=(
                Figure(
                    path="coverage_risk.png",
                    caption=f"Tasks not trained on, {self.seeds} repetitions. Black with a 95% band: the best "
                    "threshold on the solver's scores, without any audit. Lines: other cuts through each profile's own "
                    "order; marks: where its heads stand. Left only abstaining counts; right audits do too.",
                ),
            ),
            tables=(
                Table(
                    path="areas.csv",
                    caption="Area under the curve, and risk where the heads stand",
                    rows=_areas(curves),
                ),
                Table(path="risk.csv", caption="Share wrong by coverage", rows=_by_coverage(curves, self.coverages)),
            ),
            assumptions=(
                "The best threshold knows the truth of its training tasks: a logistic regression of right on the "
                "solver's two features. Heads learn from payments alone.",
                "Answers that can't be read are left out: nothing is handed in.",
            ),
            limits=LIMITS,
            details={"model": dict(model)},
            health=unreadable(material),
        )


def coverage_risk(material: Material, trained: Trained, *, check_rate: float) -> Curves:
    """Risks on held-out tasks, in expectation over the heads' choices and over random checks."""
    of_solver, _ = designs(material)
    seeds = len(trained.split.drawn)
    shape = (len(PROFILES), seeds)
    best, heads = np.empty((seeds, GRID.size)), np.empty((*shape, GRID.size))
    points = np.empty((5, *shape))
    attempt, audit = (one.reshape(*shape, -1) for one in (trained.attempt, trained.audit))
    for s, (drawn, held_out) in enumerate(zip(*trained.split, strict=True)):
        weights = drawn * material.readable.astype(np.float64)
        rows = held_out & material.readable
        wrong = ~material.right[rows]
        best[s] = risks(calibrated(of_solver, material.right, weights)[rows], wrong)
        for p in range(len(PROFILES)):
            tried, looked = attempt[p, s, rows], audit[p, s, rows]
            heads[p, s] = risks(tried, wrong)
            found = looked * material.flagged[rows]
            found += (1 - found) * check_rate * (1 - looked * ~material.audit_readable[rows])
            share = tried / tried.sum()
            coverage = tried.mean()
            points[:, p, s] = (
                coverage,
                share @ wrong,
                share @ (wrong * (1 - found)),
                share @ looked,
                np.interp(coverage, GRID, best[s]),
            )
    return Curves(best, heads, *points)


def risks(scores: Array, wrong: Array) -> Array:
    """Share wrong among the answers of highest score, at each coverage of `GRID`, (C,); ties count in expectation."""
    order = np.argsort(-scores, kind="stable")
    inverse = np.unique(-scores[order], return_inverse=True)[1]
    level = np.bincount(inverse, wrong[order].astype(np.float64)) / np.bincount(inverse)
    total = np.concatenate([[0.0], np.cumsum(level[inverse])])
    handed_in = GRID * wrong.size
    found: Array = np.interp(handed_in, np.arange(wrong.size + 1), total) / handed_in
    return found


def area(curves: Array) -> Array:
    """Mean risk over coverages, the area under the curve, (...)."""
    found: Array = np.trapezoid(curves, GRID, axis=-1) / (GRID[-1] - GRID[0])
    return found


def _alone(curves: Curves) -> Claim:
    quarter = np.array([np.interp(0.25, GRID, row) for row in curves.best])
    fall = curves.best[:, -1] - quarter
    return Claim(
        name="abstaining alone lowers risk",
        statement="Without any audit, the surest quarter of the answers is wrong less often than all of them.",
        found=f"wrong of all answers {spread(curves.best[:, -1])}, of the surest quarter {spread(quarter)}, "
        f"difference {spread(fall)}",
        holds=ends(fall)[0] > 0,
    )


def _unbeaten(curves: Curves) -> Claim:
    gaps = area(curves.heads) - area(curves.best)
    below = [name for name, gap in zip(PROFILES, gaps, strict=True) if ends(gap)[1] < 0]
    return Claim(
        name="no profile orders answers better than the best threshold",
        statement="The area under no profile's coverage-risk curve lies below that of the best threshold.",
        found=f"area of the threshold {spread(area(curves.best))}; heads less threshold: {_listed(gaps)}",
        holds=not below,
    )


def _equal(curves: Curves) -> Claim:
    gaps = curves.wrong - curves.at_equal
    below = [name for name, gap in zip(PROFILES, gaps, strict=True) if ends(gap)[1] < 0]
    return Claim(
        name="at equal coverage no profile is wrong less often",
        statement="Of as many answers as a profile's heads hand in, the best threshold alone hands in no more wrong.",
        found=f"share wrong, heads less threshold at the same coverage: {_listed(gaps)}",
        holds=not below,
    )


def _silent(curves: Curves) -> Claim:
    gaps = curves.silent - curves.at_equal
    looking = [p for p in range(len(PROFILES)) if curves.audits[p].mean() >= LOOKED]
    audited = ", ".join(
        f"{name.replace('_', ' ')} {rate:.2f}" for name, rate in zip(PROFILES, curves.audits.mean(axis=1), strict=True)
    )
    return Claim(
        name="audits lower silent failures at equal coverage",
        statement=f"Under every profile that audits at least {LOOKED:.0%} of attempts, fewer wrong answers stay "
        "unfound than the best threshold alone lets through at the same coverage.",
        found=f"unfound share, heads less threshold: {_listed(gaps)}; audits per attempt: {audited}",
        holds=all(ends(gaps[p])[1] < 0 for p in looking) if looking else None,
    )


def _not_oversight(curves: Curves) -> Claim:
    names = list(PROFILES)
    high, default = names.index("high_abstain"), names.index("default")
    wrong = curves.coverage * curves.wrong
    fall = wrong[high] - wrong[default]
    found = 1 - curves.silent / np.maximum(curves.wrong, 1e-12)
    change = found[high] - found[default]
    return Claim(
        name="falling hallucination is not oversight",
        statement="A dearer abstention (high_abstain) lowers hallucination against the default, and yet no larger "
        "share of the wrong answers handed in is found.",
        found=f"hallucination {spread(fall)} beside the default; share of wrong answers found {spread(change)} beside "
        f"{spread(found[default])}",
        holds=bool(ends(fall)[1] < 0 and ends(change)[0] <= 0),
    )


def _listed(gaps: Array) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {spread(gap)}" for name, gap in zip(PROFILES, gaps, strict=True))


def _areas(curves: Curves) -> pd.DataFrame:
    columns: Mapping[str, Array] = {
        "area": area(curves.heads),
        "area less the threshold's": area(curves.heads) - area(curves.best),
        "coverage": curves.coverage,
        "wrong": curves.wrong,
        "wrong less the threshold's": curves.wrong - curves.at_equal,
        "silent": curves.silent,
        "silent less the threshold's": curves.silent - curves.at_equal,
        "audits": curves.audits,
    }
    rows = []
    for p, profile in enumerate(PROFILES):
        row: dict[str, object] = {"profile": profile}
        for name, samples in columns.items():
            low, high = ends(samples[p])
            row |= {name: samples[p].mean(), f"{name} low": low, f"{name} high": high}
        rows.append(row)
    return pd.DataFrame(rows)


def _by_coverage(curves: Curves, coverages: list[float]) -> pd.DataFrame:
    lines = {"best threshold": curves.best, **dict(zip(PROFILES, curves.heads, strict=True))}
    return pd.DataFrame(
        [
            {"coverage": coverage}
            | {name: float(np.mean([np.interp(coverage, GRID, row) for row in rows])) for name, rows in lines.items()}
            for coverage in coverages
        ]
    )
