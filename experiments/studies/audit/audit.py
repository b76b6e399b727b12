"""The study behind `equipolis audit data.csv`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from matplotlib.figure import Figure as Drawing
from rich.table import Table as RichTable

from experiments.console import Reporter
from experiments.report import audit_figures
from experiments.report.figures import png
from experiments.run_directory import RunDirectory
from experiments.studies.audit import wording
from experiments.studies.audit.findings import AuditFindings
from experiments.studies.audit.levers import LEVERS, Lever, pulled
from experiments.studies.audit.standing import Standing, standing_at
from experiments.studies.audit.steps import seven_steps
from experiments.studies.audit.tables import tables
from experiments.studies.evidence import Evidence, Loader, gather
from experiments.study import Figure
from experiments.untrusted import plain
from sim.alignment_game import Incentives
from sim.arrays import Array, positive, whole_number
from sim.design.closed_form import COEFFICIENTS
from sim.errors import InputError
from sim.estimation import GameEstimator
from sim.maps import (
    ExclusionMap,
    RiskMap,
    Slice,
    axis_around,
    exclusion_map,
    grid_around,
    held_coefficient,
    incentive_slice,
    risk_map,
)

_FOCAL = 5
_CAPTIONS = {
    "represented": "Weight of every group in equilibrium at the current incentives, beside its share of the people.",
    "matrices": "Inconsistency C (diagonal: how much a group contradicts itself) and similarity S (who crowds whom).",
    "sweep": "Weights as one incentive is varied, the others held. Green: every group is kept.",
    "maps": "Weights over the ratio of incentives: every combination occurs on this plane. Black: below the threshold. "
    "White: no interior equilibrium, which is not to say that nobody is left out: the lines say who. They are the "
    "chance to be below the threshold, boundary equilibria included.",
}


@dataclass(frozen=True, kw_only=True)
class Audit:
    """Groups, their game, who is at risk, and the smallest change of incentives that keeps every group.

    Attributes:
        data: The loader.
        estimator: How a, C and S are made.
        incentives: The current ones.
        accounts: Number of accounts; the stability number depends on it, the equilibrium does not.
        draws: Bootstrap draws.
        seed: Of the draws.
        threshold: Weight below which a group counts as left out.
        confidence: Share of the draws that counts as sure.
        points: Points along each axis of a map and along a sweep.
        draw_points: The same where every draw is solved.
    """

    data: Loader
    estimator: GameEstimator
    incentives: Incentives
    accounts: int
    draws: int
    seed: int
    threshold: float
    confidence: float
    points: int
    draw_points: int

    def run(self, directory: RunDirectory, reporter: Reporter) -> AuditFindings:
        """See `experiments.study.Study`."""
        self._check()
        with reporter.step("1 to 4: groups, their answers, attractiveness and inconsistency"):
            evidence = gather(self.data, self.estimator, draws=self.draws, seed=self.seed, reporter=reporter)
            self._check_threshold(len(evidence.groups))
        with reporter.step("5: competition at the current incentives"):
            now = self._solve(evidence, self.incentives)
            reporter.line(wording.who_is_out(evidence, now))
        with reporter.step("6: sweep of the incentives"):
            found, risk = self._maps(evidence)
            slices, kept = self._sweeps(evidence, reporter)
        with reporter.step("7: the smallest changes that keep every group"), reporter.progress() as progress:
            task = progress.add_task("levers", total=len(LEVERS))
            levers = pulled(evidence, now, lambda point: self._solve(evidence, point), lambda: progress.advance(task))
        with reporter.step("Pictures"):
            drawn = {
                "represented": audit_figures.represented(
                    evidence.groups,
                    now.equilibrium.mixture,
                    evidence.loaded.table.shares,
                    status=now.status(),
                    interval=None if now.risk is None else now.risk.interval,
                    threshold=self.threshold,
                ),
                "matrices": audit_figures.matrices(
                    evidence.groups, evidence.terms.inconsistency, evidence.terms.similarity
                ),
                "maps": audit_figures.phase_maps(found, risk, now.riskiest(_FOCAL), _marked(now, levers)),
                "sweep": audit_figures.sweep(slices, kept, self.incentives, self.confidence),
            }
            figures = _written(directory, drawn)
        reporter.console.print(_group_table(evidence, now))
        return AuditFindings(
            title=f"Audit of {evidence.loaded.source.name}",
            lead=wording.lead(evidence, now, levers),
            claims=wording.claims(evidence, now, levers),
            steps=seven_steps(evidence, now, levers, figures),
            figures=tuple(figures.values()),
            tables=tables(evidence, now, levers),
            assumptions=evidence.assumptions,
            limits=wording.limits(evidence, now),
            sources=(evidence.loaded.source,),
        )

    def _check(self) -> None:
        positive("study.threshold", self.threshold)
        if not 0.5 < self.confidence < 1:
            raise InputError("study.confidence", self.confidence, "expected a share between 0.5 and 1, such as 0.95")
        for name in ("points", "draw_points"):
            whole_number(f"study.{name}", getattr(self, name), minimum=2)
        if self.incentives.inconsistency == 0 and self.incentives.diversity == 0:
            remedy = "without inconsistency and diversity every account is only as attractive as it can be; raise one"
            raise InputError("game.inconsistency and game.diversity", "0 and 0", remedy)

    def _check_threshold(self, groups: int) -> None:
        if self.threshold >= 1 / groups:
            remedy = f"{groups} groups cannot all have it; set study.threshold below {1 / groups:.3g}"
            raise InputError("study.threshold", self.threshold, remedy)

    def _solve(self, evidence: Evidence, incentives: Incentives) -> Standing:
        return standing_at(
            evidence, incentives, accounts=self.accounts, threshold=self.threshold, confidence=self.confidence
        )

    def _maps(self, evidence: Evidence) -> tuple[ExclusionMap, RiskMap | None]:
        found = exclusion_map(
            **evidence.terms._asdict(),
            grid=grid_around(self.incentives, self.points),
            threshold=self.threshold,
            groups=evidence.groups,
        )
        if evidence.draws is None:
            return found, None
        grid = grid_around(self.incentives, self.draw_points)
        return found, risk_map(evidence.draws, grid=grid, threshold=self.threshold)

    def _sweeps(self, evidence: Evidence, reporter: Reporter) -> tuple[dict[str, Slice], dict[str, Array]]:
        draws = [] if evidence.draws is None else [evidence.draws[k] for k in range(evidence.draws.count)]
        slices, kept = {}, {}
        with reporter.progress() as progress:
            task = progress.add_task("sweeps", total=len(COEFFICIENTS) * (1 + len(draws)))
            for name in COEFFICIENTS:
                grid = {**asdict(self.incentives), name: axis_around(self.incentives, name, self.points)}
                if not (np.any(grid["inconsistency"]) or np.any(grid["diversity"])):
                    continue
                slices[name] = incentive_slice(
                    **evidence.terms._asdict(), grid=grid, threshold=self.threshold, groups=evidence.groups
                )
                progress.advance(task)
                share = np.zeros(self.points)
                for terms in draws:
                    one = incentive_slice(**terms._asdict(), grid=grid, threshold=self.threshold)
                    share += one.mixtures.min(axis=1) >= self.threshold
                    progress.advance(task)
                kept[name] = share / max(len(draws), 1)
        return slices, kept


def _marked(now: Standing, levers: tuple[Lever, ...]) -> list[audit_figures.Point]:
    together = levers[0]
    points = [audit_figures.Point(now.incentives, "now", "o")]
    for outcome, label, marker in (
        (together.outcome, "smallest change", "^"),
        (together.sure, f"in {now.confidence:.0%} of draws", "*"),
    ):
        if outcome is not None and outcome.change.changed:
            new = outcome.change.incentives
            # Only ratios count: the point with the held coefficient as it is.
            held = held_coefficient(now.incentives)
            scale = getattr(now.incentives, held) / getattr(new, held)
            same = Incentives(*(scale * value for value in asdict(new).values()))
            points.append(audit_figures.Point(same, label, marker))
    return points


def _written(directory: RunDirectory, drawn: Mapping[str, Drawing]) -> dict[str, Figure]:
    for name, figure in drawn.items():
        directory.bytes(f"{name}.png", png(figure))
    return {name: Figure(path=f"{name}.png", caption=_CAPTIONS[name]) for name in drawn}


def _group_table(evidence: Evidence, now: Standing) -> RichTable:
    table = RichTable(title="Groups at the current incentives", title_justify="left")
    table.add_column("group")
    for name in ("people", "weight", f"P(below {now.threshold:g})"):
        table.add_column(name, justify="right")
    table.add_column("status")
    for d, (group, status) in enumerate(zip(evidence.groups, now.status(), strict=True)):
        table.add_row(
            plain(group),
            f"{evidence.loaded.table.shares[d]:.3f}",
            f"{now.equilibrium.mixture[d]:.3f}",
            "" if now.risk is None else f"{now.risk.below[d]:.2f}",
            f"[{_STYLES[status]}]{status}[/]",
        )
    return table


_STYLES = {"kept": "green", "at risk": "yellow", "left out": "bold red"}
