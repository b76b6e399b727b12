"""Text that others wrote, on its way out: it prints as text in a terminal and stays text in a spreadsheet."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from rich.markup import escape

# Controls but tab and line feed; those of C1, as a terminal may read 0x9b as ESC [; what turns the reading direction.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_FORMULA = re.compile(r"[=+\-@\t\n＝＋－＠]")


def plain(text: str) -> str:
    r"""Text for a rich console: no escape sequence reaches the terminal, and no markup is obeyed.

    >>> plain("\x1b[2J[red]sold\x9b31m")
    '[2J\\[red]sold31m'
    """
    return escape(_CONTROLS.sub("", text))


def csv_text(rows: pd.DataFrame) -> str:
    r"""A table as CSV whose texts no spreadsheet takes for a formula: they get an apostrophe; numbers stay as they are.

    Args:
        rows: Columns of numbers and of texts; the index is left out.

    >>> csv_text(pd.DataFrame({"=group": ["=1+1", "left", "-0.5"], "gap": [-1.5, 0.0, 1.0]}))
    "'=group,gap\n'=1+1,-1.5\nleft,0.0\n-0.5,1.0\n"
    """
    safe = rows.rename(columns=_inert)
    for number, (_, column) in enumerate(rows.items()):
        if not (pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype)):
            safe.isetitem(number, np.array([_inert(value) for value in column], dtype=object))
    return safe.to_csv(index=False)


def _inert(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.replace("\r", "\n")  # which is quoted; a bare one would begin a row, and a cell in it
    return f"'{text}" if _FORMULA.match(text) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text == text.strip()
