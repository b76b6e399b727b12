"""One row per respondent: columns for the group, the weight and the answers to each question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents.subpopulations.sources.cells import filled, numbers, positions, require_columns
from agents.subpopulations.sources.doubts import doubts
from agents.subpopulations.sources.fetch import Given, sha256
from agents.subpopulations.sources.source import Loaded, Source
from agents.subpopulations.sources.table_file import TableFile, read_table
from sim.arrays import Array
from sim.errors import InputError
from sim.estimation.respondents import Respondents

LAYOUT = "one row a respondent: column(s) for the group, a column for the weight if there is one, a column per question"
MOST_OPTIONS = 25
"""A column with more different answers than this is no closed question."""
MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", ".")
"""Cells that mean no answer, unless told otherwise."""


def load(
    path: Given,
    *,
    group: str | Sequence[str] = "group",
    weight: str | None = None,
    questions: Sequence[str] | None = None,
    options: Mapping[str, Sequence[str]] | None = None,
    ordinal: Sequence[str] = (),
    missing: Sequence[str] = MISSING,
    respondent: str | None = None,
    encoding: str = "utf-8",
    split: str = "train",
) -> Loaded:
    """Read a table of respondents.

    Args:
        path: CSV, Parquet, Stata (with its value labels) or a saved dataset.
        group: Column of the group; several are crossed: "Left / young".
        weight: Column of the design weight, >= 0; None: the column `weight` if there is one, else all count the same.
        questions: Columns of the questions; None for all other columns.
        options: Column -> its options in order; an answer outside them is an error. For the others the options are
            those that occur: numbers in their order, texts as they first appear.
        ordinal: Columns whose options are ordered.
        missing: Cells that mean no answer.
        respondent: Column that identifies respondents, each of whom may then occur once; None if there is none.
        encoding: Of a text file.
        split: Of a saved dataset with several.

    Raises:
        InputError: Not such a table; names the row and column at fault.
    """
    file = read_table(path, encoding=encoding, split=split, labelled=True)
    crossed = [group] if isinstance(group, str) else list(group)
    weighed = "weight" if weight is None and "weight" in file.rows.columns else weight
    own = [*crossed, *(name for name in (weighed, respondent) if name is not None)]
    asked = [c for c in file.rows.columns if c not in own] if questions is None else list(questions)
    require_columns(file, [*own, *asked, *ordinal], LAYOUT)
    if not asked:
        raise InputError(f"columns of {file.path.name}", own, "no question column is left; add one per question")
    if respondent is not None:
        _refuse_duplicates(file, respondent)
    labels = [filled(file, column) for column in crossed]
    joined = labels[0]
    for label in labels[1:]:
        joined = joined + " / " + label
    weights = np.ones(len(joined)) if weighed is None else numbers(file, weighed, low=0.0)
    if questions is None:
        _refuse_open_columns(file, asked, missing)
    known = {column: tuple(options[column]) for column in asked if options and column in options}
    found = [known.get(column) or _options(file, column, missing, column in ordinal) for column in asked]
    groups = tuple(dict.fromkeys(joined))
    people = Respondents(
        groups=groups,
        questions=tuple(asked),
        options=tuple(found),
        ordinal=tuple(column in ordinal for column in asked),
        group=positions(joined, groups),
        answers=np.stack(
            [_answers(file, c, o, missing, c in known) for c, o in zip(asked, found, strict=True)], axis=1
        ),
        weights=weights,
    )
    refuse_lone_respondents(people, file)
    note = f"{len(joined)} respondents, weighted by {weighed}" if weighed else f"{len(joined)} respondents, unweighted"
    source = Source(file.path.name, "the user's own data", "the user's own data", "", sha256(file.path), note)
    odd = doubts(file, asked=asked, options=found, own=own, missing=missing, weighed=weighed)
    return Loaded(people.opinion_table(), people, source, doubts=odd)


def refuse_lone_respondents(people: Respondents, file: TableFile) -> None:
    """Refuse a group of one respondent with a weight: it has no spread.

    Raises:
        InputError: Names the group and the row.
    """
    present = people.weights > 0
    counts = np.bincount(people.group[present], minlength=len(people.groups))
    if counts.min() < 2:
        lone = int(counts.argmin())
        at = file.rows.index[int(np.flatnonzero(people.group == lone)[0])]
        remedy = "one respondent has no spread; merge the group with another, or leave it out"
        raise InputError(f"group {people.groups[lone]!r} ({file.row(at)})", int(counts[lone]), remedy)


def _refuse_duplicates(file: TableFile, column: str) -> None:
    cells = filled(file, column)
    twice = cells.index[cells.duplicated()]
    if len(twice):
        first = cells.index[cells == cells[twice[0]]][0]
        where = f"{column} in {file.row(twice[0])}"
        raise InputError(where, repr(cells[twice[0]]), f"the same as in {file.row(first)}; delete one of the rows")


def _refuse_open_columns(file: TableFile, asked: Sequence[str], missing: Sequence[str]) -> None:
    """Refuse columns that are no closed questions (names, ages, comments), and say which are left."""
    counts = {column: file.rows.loc[~file.rows[column].isin(list(missing)), column].nunique() for column in asked}
    open_ended = [column for column in asked if counts[column] > MOST_OPTIONS]
    if not open_ended:
        return
    closed = ", ".join(repr(column) for column in asked if 2 <= counts[column] <= MOST_OPTIONS)
    named = f"questions=[{closed}] (in a command: data.questions=)"
    remedy = f"more than {MOST_OPTIONS} is no closed question; name those that are: {named}"
    given = ", ".join(f"{counts[column]} different answers" for column in open_ended)
    raise InputError(f"column {', '.join(map(repr, open_ended))}", given, remedy)


def _options(file: TableFile, column: str, missing: Sequence[str], ordinal: bool) -> tuple[str, ...]:
    given = [cell for cell in dict.fromkeys(file.rows[column]) if cell not in missing]
    if len(given) > MOST_OPTIONS:
        remedy = f"more than {MOST_OPTIONS} different answers is no closed question; name the others in questions=[...]"
        raise InputError(f"column {column!r}", f"{len(given)} different answers", remedy)
    if len(given) < 2:
        remedy = "everybody gave the same answer; leave the question out with questions=[...], or give options={...}"
        raise InputError(f"column {column!r}", given, remedy)
    values: Array = pd.to_numeric(pd.Series(given), errors="coerce").to_numpy(np.float64)
    if np.isfinite(values).all():
        return tuple(given[i] for i in np.argsort(values))
    if ordinal:
        example = f"options={{{column!r}: [...]}} (in a command: \"data.options=[['{column}', [first, second, ...]]]\")"
        remedy = f"texts have no order of their own; give it as {example}"
        raise InputError(f"options of ordinal column {column!r}", given, remedy)
    return tuple(given)


def _answers(
    file: TableFile, column: str, options: tuple[str, ...], missing: Sequence[str], strict: bool
) -> NDArray[np.int32]:
    cells = file.rows[column]
    codes = positions(cells, options)
    stray = cells.index[(codes < 0) & ~cells.isin(list(missing))]
    if strict and len(stray):
        remedy = f"expected one of {', '.join(map(repr, options))}, or a missing answer ({list(missing)})"
        raise InputError(f"{column} in {file.row(stray[0])}", repr(cells[stray[0]]), remedy)
    return codes
