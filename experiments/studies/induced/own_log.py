"""The study behind `equipolis induced log.csv`: which incentives does a platform induce?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from agents.subpopulations.sources.source import Source
from experiments.console import Reporter
from experiments.report.audit_figures import matrices
from experiments.report.figures import png
from experiments.run_directory import RunDirectory
from experiments.studies.evidence import Loader
from experiments.studies.induced import findings as words
from experiments.studies.induced.figures import induced_figure
from experiments.studies.induced.log_file import read_log
from experiments.studies.induced.reading import Reading, read
from experiments.study import Figure, Findings
from sim.alignment_game import AlignmentGame, Crowding, Incentives
from sim.arrays import whole_number
from sim.errors import InputError
from sim.estimation import GameEstimator, OpinionTable
from sim.estimation.induced import PlayLog, as_matrix
from sim.estimation.induced.columns import Clusters, Intercepts


@dataclass(frozen=True, kw_only=True)
class OwnLog:
    """Fit the log of a platform, test the fit, and predict where its accounts settle.

    Attributes:
        path: The log; `log_file.LAYOUT` says what is in it.
        data: Loader of an opinion table whose a, C and S are the published shapes; None: no shapes are given.
        estimator: How a, C and S are made of it.
        incentives: The published coefficients, of use only with `data`.
        crowding: Whether payoffs depend on the "mean" or the "sum" of the others' mixtures.
        clusters: Rows that may share noise: of a "round", of an "account", or each "row" alone.
        intercepts: One level of payoffs ("common"), or one per "account" or "round".
        symmetric: Take S to be symmetric.
        draws: Draws behind the region of the prediction.
        confidence: Of the region.
        window: Share of the rounds, the last ones, that count as the end of play.
        seed: Of the draws.
        encoding: Of a text file.
    """

    path: str
    data: Loader | None
    estimator: GameEstimator
    incentives: Incentives
    crowding: Crowding
    clusters: Clusters
    intercepts: Intercepts
    symmetric: bool
    draws: int
    confidence: float
    window: float
    seed: int
    encoding: str

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        whole_number("study.draws", self.draws, minimum=50)
        for name in ("confidence", "window"):
            if not 0 < getattr(self, name) < 1:
                raise InputError(f"study.{name}", getattr(self, name), "expected a share between 0 and 1")
        with reporter.step("The log"):
            log, source = read_log(self.path, crowding=self.crowding, encoding=self.encoding)
            people = f"{len(log.names)} accounts, {np.unique(log.rounds).size} rounds, {log.dimension} groups"
            reporter.line(f"{source.name}: {people}")
            for line in log.health.sentences():
                reporter.line(line)
            published, sources = self._published(log)
        with reporter.step("Fits, tests and prediction"):
            reading = read(
                log,
                published,
                clusters=self.clusters,
                intercepts=self.intercepts,
                symmetric=self.symmetric,
                draws=self.draws,
                confidence=self.confidence,
                window=self.window,
                seed=self.seed,
            )
            for line in reading.full.identification.sentences():
                reporter.line(line)
        with reporter.step("Pictures"):
            figures = _drawn(directory, reading)
        return Findings(
            title=f"Incentives induced by the platform of {source.name}",
            claims=words.claims(reading),
            figures=figures,
            tables=words.tables(reading),
            assumptions=words.assumptions(reading, self.clusters, self.intercepts),
            limits=words.limits(reading, self.clusters),
            sources=(source, *sources),
        )

    def _published(self, log: PlayLog) -> tuple[AlignmentGame | None, tuple[Source, ...]]:
        if self.data is None:
            return None, ()
        loaded = self.data()
        table = _in_order(loaded.table, log.labels)
        terms = self.estimator(table)
        game = AlignmentGame(
            **terms._asdict(),
            incentives=self.incentives,
            accounts=max(len(log.names), 2),
            crowding=self.crowding,
            groups=log.groups,
        )
        return game, (loaded.source,)


def _in_order(table: OpinionTable, groups: tuple[str, ...]) -> OpinionTable:
    """The table with its groups in the order of the log."""
    if set(table.groups) != set(groups):
        remedy = f"expected the groups of the log's weight columns: {', '.join(groups)}"
        raise InputError("groups of study.data", ", ".join(table.groups), remedy)
    place = [table.groups.index(group) for group in groups]
    return replace(
        table,
        groups=groups,
        shares=table.shares[place],
        probabilities=tuple(rows[place] for rows in table.probabilities),
        sizes=None if table.sizes is None else table.sizes[place],
    )


def _drawn(directory: RunDirectory, reading: Reading) -> tuple[Figure, ...]:
    slopes = reading.full.attractiveness
    drawn = [
        Figure(
            path="induced.png",
            caption="Left: what a unit of weight earns at the uniform profile, less the mean, with 95% intervals. "
            "Right: where accounts should settle, with the joint region, and the mean mixture of the last rounds.",
        )
    ]
    picture = induced_figure(reading.log.labels, slopes.values, slopes.interval(), reading.prediction, reading.end)
    directory.bytes("induced.png", png(picture))
    own, crowd = as_matrix(reading.full.inconsistency)[0], as_matrix(reading.full.similarity)[0]
    if np.isfinite(own).all() and np.isfinite(crowd).all():
        directory.bytes("matrices.png", png(matrices(reading.log.labels, own, crowd)))
        drawn.append(
            Figure(
                path="matrices.png",
                caption="Induced inconsistency bI C and similarity bD S, rows and columns summing to zero.",
            )
        )
    return tuple(drawn)
