"""A study: an experiment without play. It takes data or models, computes, draws, and says which claims hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import pandas as pd
from omegaconf import DictConfig

from agents.subpopulations.sources.source import Source
from experiments.console import Reporter
from experiments.health import Measured, judged, of_models
from experiments.making import made
from experiments.run_directory import FINDINGS, RunDirectory
from experiments.untrusted import csv_text

_OUTCOMES = {True: "agrees", False: "differs", None: "can't be tested"}


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A statement that was tested.

    Attributes:
        name: A few words that name it, all different within a study.
        statement: What was published or predicted.
        found: What was found, in words, with numbers and intervals.
        holds: Whether it holds on these data; None where that can't be tested here, and `found` says why.
    """

    name: str
    statement: str
    found: str
    holds: bool | None

    @property
    def outcome(self) -> str:
        """Whether the finding "agrees", "differs" or "can't be tested"."""
        return _OUTCOMES[self.holds]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A picture that the study wrote into its run directory.

    Attributes:
        path: File name there, ending in .png.
        caption: What it shows, and from which data.
    """

    path: str
    caption: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """Numbers behind a claim.

    Attributes:
        path: File name in the run directory, ending in .csv.
        caption: What they are.
        rows: The numbers; columns are named in words, with units.
    """

    path: str
    caption: str
    rows: pd.DataFrame


@dataclass(frozen=True, kw_only=True, eq=False)
class Findings:
    """What a study found.

    Attributes:
        title: Of the report.
        claims: Every claim that was tested.
        figures: Pictures, in the order of the report.
        tables: Tables, in the order of the report.
        assumptions: What the numbers rest on.
        limits: What they don't show.
        sources: Provenance of every data set used.
        details: What else belongs in the manifest, such as the identity of a language model.
        health: What can be counted of the run's health, by the keys of the configuration's `health`.
        layout: Templates of the report: experiments/report/<layout>.html.j2 and .md.j2.
    """

    title: str
    claims: tuple[Claim, ...]
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    assumptions: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    health: Measured = field(default_factory=dict)
    layout: str = "study"

    def summary(self) -> dict[str, Any]:
        """The findings as JSON; of tables and pictures, where they are."""
        return {
            "title": self.title,
            "claims": [{**asdict(claim), "outcome": claim.outcome} for claim in self.claims],
            "figures": [asdict(figure) for figure in self.figures],
            "tables": [{"path": table.path, "caption": table.caption} for table in self.tables],
            "assumptions": list(self.assumptions),
            "limits": list(self.limits),
            "sources": [asdict(source) for source in self.sources],
        }


class Study(Protocol):
    """A study with its settings: data, estimators, grid, draws, seed."""

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """Compute, write the figures into the directory, and say what was found."""
        ...


def run_study(config: DictConfig, directory: RunDirectory, reporter: Reporter) -> Findings:
    """Run the study of a validated configuration and leave everything in its run directory.

    Args:
        config: The composed configuration; `config.study` names the study.
        directory: Where results go; what an interrupted run left there is taken up.
        reporter: Says each step and its seconds.

    Raises:
        InputError: Data or settings that the study can't use.
    """
    from experiments.report.study import claims_table, render_study

    directory.begin(reporter.line)
    study: Study = made(config.study)
    findings = study.run(directory, reporter)
    with reporter.step("Report"):
        for table in findings.tables:
            directory.text(table.path, csv_text(table.rows))
        health = judged(findings.health | of_models(*directory.answering), config.health)
        directory.json(FINDINGS, {**findings.summary(), "health": health.to_dict()})
        render_study(directory, findings, health, reporter.seconds)
    directory.manifest(
        {
            "data": [asdict(source) for source in findings.sources],
            "seconds": reporter.seconds,
            **findings.details,
        }
    )
    reporter.console.print(claims_table(findings.claims))
    reporter.health(health)
    directory.finish(health.complaint)
    return findings


def finished_claims(directory: RunDirectory) -> tuple[Claim, ...]:
    """The claims of a finished run directory."""
    found = json.loads((directory.path / FINDINGS).read_text(encoding="utf-8"))
    return tuple(
        Claim(**{key: claim[key] for key in ("name", "statement", "found", "holds")}) for claim in found["claims"]
    )
