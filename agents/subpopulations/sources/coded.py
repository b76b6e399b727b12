"""Respondents from a file of answer codes and its codebook."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents.subpopulations.sources.cells import positions, require_columns
from agents.subpopulations.sources.respondent_form import refuse_lone_respondents
from agents.subpopulations.sources.table_file import TableFile
from sim.arrays import Array
from sim.errors import InputError
from sim.estimation.respondents import Respondents


@dataclass(frozen=True)
class Question:
    """A column of answer codes.

    Attributes:
        name: Column and question name.
        wording: What was asked.
        options: Labels of the answers in order.
        codes: The code of each; other codes are no answer.
        ordinal: Whether the options are ordered.
    """

    name: str
    wording: str
    options: tuple[str, ...]
    codes: tuple[str, ...]
    ordinal: bool


@cache
def codebook(name: str) -> tuple[Question, ...]:
    """Questions of a codebook that stands beside this file: scales, and which question has which."""
    book = json.loads((files(__package__) / f"{name}.json").read_text(encoding="utf-8"))
    return tuple(
        Question(
            name=column,
            wording=wording,
            options=tuple(scale["options"]),
            codes=tuple(scale.get("codes") or (str(n + 1) for n in range(len(scale["options"])))),
            ordinal=scale["ordinal"],
        )
        for scale, column, wording in ((book["scales"][s], c, w) for c, (w, s) in book["questions"].items())
    )


def codes_of(file: TableFile, column: str) -> pd.Series:
    """Answer codes of a column; whole numbers written as "1.0" become "1"."""
    return file.rows[column].str.removesuffix(".0")


def respondents(
    file: TableFile,
    questions: Sequence[Question],
    *,
    layout: str,
    groups: Sequence[str],
    group: pd.Series,
    weights: Array,
) -> Respondents:
    """Respondents of the groups named; those of another group are left out.

    Args:
        file: The answers.
        questions: Columns and their codes.
        layout: Whose layout is expected, for the message.
        groups: Groups in order.
        group: Group of every row of the file.
        weights: Weight of every row of the file, (rows,).

    Raises:
        InputError: A column is missing, or none of its cells is a code of the codebook.
    """
    require_columns(file, [question.name for question in questions], layout)
    answers = np.stack([_answers(file, question, layout) for question in questions], axis=1)
    index = positions(group, groups)
    kept = index >= 0
    people = Respondents(
        groups=tuple(groups),
        questions=tuple(question.name for question in questions),
        options=tuple(question.options for question in questions),
        ordinal=tuple(question.ordinal for question in questions),
        group=index[kept],
        answers=answers[kept],
        weights=weights[kept],
    )
    refuse_lone_respondents(people, TableFile(file.path, file.rows[kept], file.first_row))
    return people


def _answers(file: TableFile, question: Question, layout: str) -> NDArray[np.int32]:
    cells = codes_of(file, question.name)
    answers = positions(cells, question.codes)
    if (answers < 0).all():
        there = list(dict.fromkeys(cells))[:6]
        remedy = f"none is one of the codes {', '.join(question.codes)} of {layout}; export codes, not labels"
        raise InputError(f"column {question.name!r} of {file.path.name}", there, remedy)
    return answers
