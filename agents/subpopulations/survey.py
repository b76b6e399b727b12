"""Read group answer distributions of a survey from a long-form table."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from sim.arrays import Array
from sim.errors import InputError
from sim.estimation.opinion_table import OpinionTable

REQUIRED = ("question_id", "option_index", "group", "p", "group_share")
ROUNDING = 1e-3
"""Published shares are rounded: sums may be off by this much, and are then scaled to one."""


def load_opinion_table(path: str | PathLike[str]) -> OpinionTable:
    """Load a CSV with one row per (question, option, group).

    Columns: question_id, option_index, group, p (share of the group that gave the option), group_share (share
    of the group in the population); optional: option (label), ordinal (0 or 1; absent means that no question
    is ordinal). Other columns are ignored. Groups and questions keep the order in which they first appear.
    Sums that miss one by rounding (up to 0.001) are scaled.

    Args:
        path: The file.

    Raises:
        InputError: The file is missing or not such a table; the message names the column, group or question.
    """
    rows = _read(Path(path))
    groups = tuple(str(group) for group in rows["group"].unique())
    shares = _group_shares(rows, groups)
    questions, tables, ordinal, options = [], [], [], []
    for question, block in rows.groupby("question_id", sort=False):
        questions.append(str(question))
        tables.append(_answers(str(question), block, groups))
        ordinal.append(_is_ordinal(str(question), block))
        options.append(_labels(block))
    return OpinionTable(
        groups=groups,
        shares=shares / shares.sum(),
        questions=tuple(questions),
        probabilities=tuple(tables),
        ordinal=tuple(ordinal),
        options=tuple(options),
    )


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise InputError("path", path, "no such file; give the path of a long-form survey CSV")
    try:
        # Labels such as "None" or "NA" are answers, not missing values.
        rows = pd.read_csv(path, dtype={"group": str, "question_id": str, "option": str}, keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError("path", path, f"not a readable CSV: {error}") from error
    missing = [column for column in REQUIRED if column not in rows.columns]
    if missing:
        raise InputError(
            "columns",
            sorted(map(str, rows.columns)),
            f"missing {', '.join(missing)}; needed are {', '.join(REQUIRED)}",
        )
    if rows.empty:
        raise InputError("path", path, "the table has no rows")
    for column in ("p", "group_share", "option_index"):
        numbers = pd.to_numeric(rows[column], errors="coerce")
        bad = numbers.isna()
        if bad.any():
            row = rows[bad].iloc[0]
            where = f"{column} of question {row['question_id']!r}, group {row['group']!r}"
            raise InputError(where, repr(row[column]), "expected a number")
        rows[column] = numbers
    return rows


def _group_shares(rows: pd.DataFrame, groups: tuple[str, ...]) -> Array:
    lowest = rows.groupby("group", sort=False)["group_share"].min().loc[list(groups)].to_numpy(np.float64)
    highest = rows.groupby("group", sort=False)["group_share"].max().loc[list(groups)].to_numpy(np.float64)
    for group, low, high in zip(groups, lowest, highest, strict=True):
        if high - low > 1e-9:
            raise InputError(f"group_share of {group!r}", f"{low} to {high}", "expected the same share in every row")
    if abs(lowest.sum() - 1) > ROUNDING:
        raise InputError("sum of group_share", lowest.sum(), "the shares of the groups must sum to 1")
    return np.asarray(lowest)


def _answers(question: str, block: pd.DataFrame, groups: tuple[str, ...]) -> Array:
    twice = block.duplicated(["option_index", "group"])
    if twice.any():
        row = block[twice].iloc[0]
        where = f"question {question!r}, group {row['group']!r}, option {row['option_index']}"
        raise InputError(where, "more than one row", "expected one row per question, option and group")
    wide = block.pivot(index="group", columns="option_index", values="p").reindex(list(groups))
    table: Array = wide.to_numpy(dtype=np.float64)
    for group, shares in zip(groups, table, strict=True):
        if np.isnan(shares).any():
            where = f"question {question!r}, group {group!r}, option {wide.columns[np.isnan(shares)][0]}"
            raise InputError(where, "no row", "expected every option for every group; p = 0 if never chosen")
        if shares.min() < 0:
            raise InputError(f"p of question {question!r}, group {group!r}", shares.min(), "expected a share >= 0")
        if abs(shares.sum() - 1) > ROUNDING:
            where = f"sum of p of question {question!r}, group {group!r}"
            raise InputError(where, shares.sum(), "the shares of the options must sum to 1")
    scaled: Array = table / table.sum(axis=1, keepdims=True)
    return scaled


def _is_ordinal(question: str, block: pd.DataFrame) -> bool:
    if "ordinal" not in block.columns:
        return False
    flags = {str(flag).strip().lower() for flag in block["ordinal"].unique()}
    if flags <= {"1", "true"}:
        return True
    if flags <= {"0", "false"}:
        return False
    raise InputError(f"ordinal of question {question!r}", sorted(flags), "expected 0 or 1, the same in every row")


def _labels(block: pd.DataFrame) -> tuple[str, ...]:
    column = "option" if "option" in block.columns else "option_index"
    first = block.drop_duplicates("option_index").sort_values("option_index")
    return tuple(str(label) for label in first[column])
