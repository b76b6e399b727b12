"""Checks of columns and cells; each complaint names the row, the column, what was expected and what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents.subpopulations.sources.table_file import TableFile
from sim.arrays import Array
from sim.errors import InputError

_COMMA = re.compile(r"^(-?\d+),(\d+)$")


def require_columns(file: TableFile, names: Sequence[str], layout: str) -> None:
    """Refuse a file that lacks a column.

    Args:
        file: The table.
        names: Columns needed.
        layout: Whose layout is expected, for the message.

    Raises:
        InputError: Names what is missing and what is there.
    """
    missing = [name for name in names if name not in file.rows.columns]
    if missing:
        there = ", ".join(map(repr, file.rows.columns[:12])) + (", ..." if len(file.rows.columns) > 12 else "")
        remedy = f"missing {', '.join(map(repr, missing))}; expected {layout}. Rename the columns, or get that version"
        raise InputError(f"columns of {file.path.name}", there, remedy)


def filled(file: TableFile, column: str) -> pd.Series:
    """A column without empty cells.

    Raises:
        InputError: Names the first empty row and counts the others.
    """
    cells = file.rows[column]
    empty = cells.index[cells == ""]
    if len(empty):
        more = f" (and {len(empty) - 1} more rows)" if len(empty) > 1 else ""
        raise InputError(f"{column} in {file.row(empty[0])}", "empty" + more, "fill the cell, or delete the row")
    return cells


def numbers(file: TableFile, column: str, *, low: float | None = None) -> Array:
    """A column as finite numbers, each at least `low`.

    Raises:
        InputError: Names the row of the first cell that is empty, not a number or too small.
    """
    cells = filled(file, column)
    plain = cells.str.replace(_COMMA, r"\1.\2", regex=True) if file.comma else cells
    values: Array = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=np.float64)
    wrong = ~np.isfinite(values)
    if wrong.any():
        at = cells.index[wrong][0]
        raise InputError(f"{column} in {file.row(at)}", repr(cells[at]), f"expected a number{_hint(cells[at])}")
    if low is not None and (values < low).any():
        at = cells.index[values < low][0]
        raise InputError(f"{column} in {file.row(at)}", cells[at], f"expected a number >= {low:g}; correct the cell")
    return values


def positions(cells: pd.Series, labels: Sequence[str]) -> NDArray[np.int32]:
    """Where each cell stands among the labels, -1 for a cell that is none of them.

    >>> positions(pd.Series(["no", "", "yes"]), ("yes", "no")).tolist()
    [1, -1, 0]
    """
    place = {label: n for n, label in enumerate(labels)}
    return np.fromiter((place.get(cell, -1) for cell in cells), np.int32, len(cells))


def _hint(cell: str) -> str:
    if re.fullmatch(r"-?\d+,\d+", cell):
        return f" with a decimal point, as in {cell.replace(',', '.')}"
    if re.fullmatch(r"-?[\d.]+\s*%", cell):
        return ": write 45% as 0.45"
    return "; correct the cell"
