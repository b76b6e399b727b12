"""Read a log of a live platform: a row per round and account, in CSV or Parquet."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from agents.subpopulations.sources.fetch import Given, sha256
from agents.subpopulations.sources.source import Source
from agents.subpopulations.sources.table_file import TableFile, read_table
from sim.alignment_game import Crowding
from sim.arrays import Array
from sim.errors import InputError
from sim.estimation.induced import PlayLog

PREFIX = "weight_"
LAYOUT = (
    "a row per round and account with columns round, account, payoff, weight_<group> for every group, and optionally "
    "neighbours (names of the accounts it met, with spaces or semicolons between)"
)
_MISSING = {"", "na", "nan", "null", "none"}


def read_log(path: Given, *, crowding: Crowding = "mean", encoding: str = "utf-8") -> tuple[PlayLog, Source]:
    """Read a log; what is unusable in it is counted in its `health`.

    Args:
        path: CSV (comma, semicolon, tab or bar) or Parquet.
        crowding: Whether payoffs depend on the "mean" or the "sum" of the others' mixtures.
        encoding: Of a text file.

    Raises:
        InputError: Not a log: a column is missing or holds text where a number must stand (with its row); or nothing in
            it is usable, one account, payoffs that never vary, an account with two different rows in one round.
    """
    file = read_table(path, encoding=encoding)
    there = list(file.rows.columns)
    weights = [name for name in there if name.startswith(PREFIX) and len(name) > len(PREFIX)]
    absent = [name for name in ("round", "account", "payoff") if name not in there]
    if absent or len(weights) < 2:
        lacking = f"no column {absent[0]!r}" if absent else f"{len(weights)} weight columns, at least 2 are needed"
        raise InputError(f"columns of {file.path.name}", there, f"{lacking}; expected {LAYOUT}")
    neighbours = None
    if "neighbours" in there:
        neighbours = [cell.replace(";", " ").split() or None for cell in file.rows["neighbours"]]
        _one_word_names(file)
    log = PlayLog.of_rows(
        rounds=_numbers(file, "round"),
        accounts=list(file.rows["account"]),
        mixtures=np.stack([_numbers(file, name) for name in weights], axis=1),
        payoffs=_numbers(file, "payoff"),
        neighbours=neighbours,
        crowding=crowding,
        groups=tuple(name.removeprefix(PREFIX) for name in weights),
    )
    source = Source(
        name=Path(file.path).name,
        licence="the user's own data",
        attribution="",
        url="",
        sha256=sha256(file.path),
        note=" ".join(log.health.sentences()).rstrip("."),
    )
    return log, source


def _numbers(file: TableFile, column: str) -> Array:
    cells = file.rows[column]
    values = np.full(len(cells), np.nan)
    for place, (index, cell) in enumerate(cells.items()):
        if cell.lower() in _MISSING:
            continue
        try:
            values[place] = float(cell)
        except ValueError as error:
            remedy = "expected a number; leave the cell empty where it is missing"
            raise InputError(f"{column} in {file.row(index)}", repr(cell), remedy) from error
    return values


def _one_word_names(file: TableFile) -> None:
    for index, name in file.rows["account"].items():
        if len(name.replace(";", " ").split()) > 1:
            remedy = "with a neighbours column, names of accounts must hold no spaces or semicolons"
            raise InputError(f"account in {file.row(index)}", repr(name), remedy)
