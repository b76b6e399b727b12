"""What in a table of respondents may not be what it was taken for: weights as questions, codes as answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from agents.subpopulations.sources.table_file import TableFile
from sim.arrays import Array

_WEIGHT = re.compile(r"(w|wt|wgt|(.*[_ ])?(weight|gewicht|poids|pond)(s|ed|ing)?([_ ].*)?)", re.IGNORECASE)
_NO_ANSWER = re.compile(
    r"-\d+(\.0)?|[789]7|[789]8|99+|[789]{2}[789]|\W*(don.?t know|do not know|dk|refused|refusal|no answer|no opinion"
    r"|prefer not to (say|answer)|not applicable|skipped|missing|unknown|n\.a\.)\W*",
    re.IGNORECASE,
)
_MOST = 5


def doubts(
    file: TableFile,
    *,
    asked: Sequence[str],
    options: Sequence[Sequence[str]],
    own: Sequence[str],
    missing: Sequence[str],
    weighed: str | None,
) -> tuple[str, ...]:
    """Sentences for whoever has to check; none where nothing looks odd.

    Args:
        file: The table.
        asked: Columns taken as questions.
        options: What was taken as the options of each.
        own: Columns of groups, weights and respondents.
        missing: Cells that mean no answer.
        weighed: Column of the weights, if there is one.
    """
    said = []
    if weighed is None:
        heavy = [column for column in file.rows.columns if column not in own and _like_weights(file, column)]
        use = [
            f"column {column!r} looks like weights, and isn't used as such: data.weight={column}" for column in heavy
        ]
        said += use[:_MOST]
    found: dict[str, list[str]] = {}
    for column, among in zip(asked, options, strict=True):
        for option in filter(lambda option: _like_no_answer(option, among), among):
            found.setdefault(option, []).append(column)
    if found:
        named = ", ".join(f"{option!r} ({', '.join(columns[:_MOST])})" for option, columns in found.items())
        cells = ", ".join(f'\\"{c}\\"' if "'" in c else f"'{c}'" for c in [*missing, *found])
        remedy = f'if they mean that there is none: "data.missing=[{cells}]"'
        said.append(f"counted as answers: {named}; {remedy}")
    return tuple(said)


def _like_weights(file: TableFile, column: str) -> bool:
    cells = file.rows.loc[file.rows[column] != "", column].str.replace(",", ".")
    values: Array = pd.to_numeric(cells, errors="coerce").to_numpy(np.float64)
    if not len(values) or not np.isfinite(values).all() or values.min() < 0:
        return False
    fractions = bool((values % 1 != 0).mean() > 0.5)
    return _WEIGHT.fullmatch(column.strip()) is not None or (fractions and 0.8 < values.mean() < 1.25)


def _like_no_answer(option: str, among: Sequence[str]) -> bool:
    """Words that say so; or a code, where it lies apart from the numbers of the other options."""
    if _NO_ANSWER.fullmatch(option) is None:
        return False
    try:
        code = float(option)
        others = [float(other) for other in among if _NO_ANSWER.fullmatch(other) is None]
    except ValueError:
        return True
    if not others:
        return False
    return (code < 0 and (-code not in others or 0 not in others)) or code > 2 * max(others)
