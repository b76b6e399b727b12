"""What a loader returns: the data and where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agents.subpopulations.corpus import Corpus
from sim.estimation.opinion_table import OpinionTable
from sim.estimation.respondents import Respondents


@dataclass(frozen=True)
class Source:
    """Provenance of a data set, for reports.

    Attributes:
        name: Name of the data set.
        licence: Licence as its publisher states it, or that none is stated.
        attribution: How to credit it.
        url: Where the publisher offers it; empty for a user's own data.
        sha256: Hash of the bytes that were read.
        note: What was done to the data, left out or assumed.
    """

    name: str
    licence: str
    attribution: str
    url: str
    sha256: str
    note: str = ""


@dataclass(frozen=True, eq=False)
class Loaded:
    """Answers of groups of people.

    Attributes:
        table: Answer distributions by group and question.
        respondents: The people behind the table, or None where only shares are published.
        source: Provenance.
        wording: Question name -> its wording, where the source gives it.
        doubts: What may not be what it was taken for, a sentence each.
    """

    table: OpinionTable
    respondents: Respondents | None
    source: Source
    wording: Mapping[str, str] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class LoadedCorpus:
    """Texts of groups, those to train on apart from those held out."""

    corpus: Corpus
    source: Source
