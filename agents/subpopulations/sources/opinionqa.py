"""OpinionQA: answers of Pew's American Trends Panel, one wave a folder.

Layout (github.com/tatsu-lab/opinions_qa, helpers.py): human_resp/American_Trends_Panel_W26 with responses.csv
(answers as texts, demographic columns, WEIGHT_W26), info.csv (key, question, references: the options, refusals last;
option_ordinal: a value for each option but the refusals) and metadata.csv (key, options: the demographic groups).
Pew's terms of use hold for the answers, so the user brings the folder and its hash is recorded.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from agents.subpopulations.sources.cells import require_columns
from agents.subpopulations.sources.coded import Question, respondents
from agents.subpopulations.sources.fetch import Given, own, sha256
from agents.subpopulations.sources.source import Loaded, Source
from agents.subpopulations.sources.table_file import TableFile, read_table
from sim.errors import InputError

URL = "https://worksheets.codalab.org/worksheets/0x6fb693719477478aac73fc07db333f69"
LAYOUT = "an OpinionQA wave (human_resp/American_Trends_Panel_W*)"


def load(path: Given | None = None, grouping: str = "POLIDEOLOGY", questions: Sequence[str] | None = None) -> Loaded:
    """Read one wave.

    Args:
        path: Folder of the wave.
        grouping: Demographic attribute, as POLIDEOLOGY, POLPARTY, CREGION, AGE, RELIG.
        questions: Keys of questions; None for all that every group answered.

    Raises:
        InputError: No folder, another layout, an unknown attribute or question, or a question that nobody of a group
            answered.
    """
    folder = own(path, URL, "OpinionQA's human_resp and unpack it: a folder American_Trends_Panel_W*")
    info, metadata, answers = (_table(folder, name) for name in ("info.csv", "metadata.csv", "responses.csv"))
    require_columns(info, ("key", "question", "references", "option_ordinal"), LAYOUT)
    require_columns(metadata, ("key", "options"), LAYOUT)
    groups = _groups(metadata, grouping)
    weight = [column for column in answers.rows.columns if column.startswith("WEIGHT_W")]
    if len(weight) != 1:
        raise InputError(f"columns of {answers.path.name}", weight, f"expected one column WEIGHT_W*, as in {LAYOUT}")
    require_columns(answers, (grouping,), LAYOUT)
    known = {question.name: question for question in (_question(info, at) for at in info.rows.index)}
    unknown = [name for name in questions or () if name not in known]
    if unknown:
        raise InputError("questions", unknown, f"not in info.csv, which has {', '.join(list(known)[:8])}, ...")
    weights = pd.to_numeric(answers.rows[weight[0]], errors="coerce").fillna(0.0).to_numpy(np.float64)
    group = answers.rows[grouping].where(weights > 0)
    asked = [known[name] for name in questions] if questions else _answered(known, answers, group, groups)
    people = respondents(answers, asked, layout=LAYOUT, groups=groups, group=group, weights=weights)
    source = Source(
        name=f"OpinionQA {folder.name}, {grouping}",
        licence="Pew Research Center's terms of use; not shipped",
        attribution="Pew Research Center, American Trends Panel; Santurkar et al., Whose Opinions Do Language Models "
        "Reflect? (2023)",
        url=URL,
        sha256=sha256(folder),
        note=f"{len(asked)} of {len(known)} questions (those that every group answered); refusals are no answer; "
        f"{people.group.size} respondents, weighted by {weight[0]}",
    )
    return Loaded(people.opinion_table(), people, source, {q.name: q.wording for q in asked})


def _table(folder: Path, name: str) -> TableFile:
    if not (folder / name).is_file():
        raise InputError("path", folder, f"no {name} in it; expected {LAYOUT}")
    return read_table(folder / name)


def _groups(metadata: TableFile, grouping: str) -> tuple[str, ...]:
    found = metadata.rows[metadata.rows["key"] == grouping]
    if found.empty:
        remedy = f"expected one of {', '.join(metadata.rows['key'])}"
        raise InputError("grouping", repr(grouping), remedy)
    return tuple(map(str, literal(metadata, found.index[0], "options")))


def _question(info: TableFile, at: int) -> Question:
    """The options without refusals, in the order of their values; ordered if no two values are the same."""
    references = [str(option) for option in literal(info, at, "references")]
    values = [float(str(value)) for value in literal(info, at, "option_ordinal")]
    options = references[: len(values)]
    ordered = len(set(values)) == len(values)
    if ordered:
        options = [options[n] for n in np.argsort(values)]
    return Question(
        str(info.rows.at[at, "key"]), str(info.rows.at[at, "question"]), tuple(options), tuple(options), ordered
    )


def literal(file: TableFile, at: int, column: str) -> list[object]:
    """A cell that holds a list as Python writes it.

    Raises:
        InputError: It doesn't.
    """
    cell = str(file.rows.at[at, column])
    try:
        value = ast.literal_eval(cell)
    except (ValueError, SyntaxError):
        value = None
    if not isinstance(value, list):
        raise InputError(f"{column} in {file.row(at)}", repr(cell[:60]), "expected a list, as in ['Yes', 'No']")
    return value


def _answered(
    known: dict[str, Question], answers: TableFile, group: pd.Series, groups: tuple[str, ...]
) -> list[Question]:
    there = [question for name, question in known.items() if name in answers.rows.columns and len(question.options) > 1]
    kept = [
        question
        for question in there
        if set(groups) <= set(group[answers.rows[question.name].isin(question.options)].dropna())
    ]
    if not kept:
        remedy = "no question was answered by every group; choose another grouping, or check that this is one wave"
        raise InputError("questions", f"{len(there)} in the wave", remedy)
    return kept
