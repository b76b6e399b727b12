"""Files of a run read with care: they may be half-written, damaged, huge, or something else altogether."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.errors import InputError

LARGEST_FILE = 64 * 2**20
"""Bytes of a JSON, CSV, picture or report that are read at most."""
MOST_ROWS = 2_000_000
"""Rows of a Parquet table that are read at most."""
_DAMAGED = "half-written or damaged"


def read_bytes(file: Path) -> bytes:
    """A file of reasonable size.

    Raises:
        InputError: It is too large, or can't be read.
    """
    try:
        if not file.is_file():
            raise InputError(file.name, "no file", "the run directory is incomplete")
        size = file.stat().st_size
        if size > LARGEST_FILE:
            raise InputError(file.name, f"{size / 2**20:.0f} MiB", "too large to be shown")
        return file.read_bytes()
    except OSError as error:
        raise InputError(file.name, error.strerror, "it can't be read") from error


def read_json(file: Path) -> dict[str, Any]:
    """A JSON object.

    Raises:
        InputError: It is too large, no JSON, no object, or holds a number that is none.
    """
    content = read_bytes(file)
    try:
        found = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise InputError(file.name, str(error)[:120], f"no valid JSON: {_DAMAGED}") from error
    if not isinstance(found, dict):
        raise InputError(file.name, type(found).__name__, "expected a JSON object")
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON number")


def read_parquet(file: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """A table of reasonable size.

    Raises:
        InputError: It is too large, no Parquet, or lacks a column.
    """
    try:
        source = pq.ParquetFile(file)
        if source.metadata.num_rows > MOST_ROWS:
            raise InputError(file.name, f"{source.metadata.num_rows:,} rows", f"more than {MOST_ROWS:,}; not shown")
        found: pd.DataFrame = source.read(columns=columns).to_pandas()
        return found
    except InputError:
        raise
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise InputError(
            file.name, str(error)[:160], "it is no readable Parquet table; half-written or damaged"
        ) from error


def read_csv(file: Path) -> pd.DataFrame:
    """A table that a study wrote.

    Raises:
        InputError: It is too large or no CSV.
    """
    read_bytes(file)
    try:
        return pd.read_csv(file)
    except (ValueError, OSError) as error:  # of which pandas' parsing errors are
        raise InputError(file.name, str(error)[:160], "it is no readable CSV") from error


def numbers(values: Any, name: str, shape: int = 1) -> list[Any]:
    """Finite numbers of a JSON file, as a list or a list of lists.

    Raises:
        InputError: They are not.
    """
    good = isinstance(values, list) and len(values) > 0
    if good and shape == 1:
        good = all(isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in values)
    if not good:
        raise InputError(name, str(values)[:60], "expected a list of numbers; the file is damaged")
    return list(values) if shape == 1 else [numbers(row, name, shape - 1) for row in values]
