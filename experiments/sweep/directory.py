"""The directory of a sweep: named by its points, it holds how each of them stands, and what they found in one table."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.secrecy import hidden
from experiments.sweep.grid import identity
from experiments.sweep.point import START, Row
from experiments.untrusted import csv_text
from sim.errors import InputError

FOLDER = "sweeps"
STATES = ("done", "unhealthy", "failed", "running", "missing")


class SweepDirectory:
    """Where a sweep keeps its table; the runs themselves lie in their own directories, as always.

    Args:
        runs: Parent of the run directories.
        name: First part of the directory's name.
        points: Overrides of each point.

    Raises:
        InputError: The directory can't be written.
    """

    def __init__(self, runs: Path, name: str, points: Sequence[Sequence[str]]) -> None:
        self.points = points
        digest = hashlib.sha256(json.dumps(identity(points)).encode()).hexdigest()[:8]
        self.path = runs.resolve() / FOLDER / f"{name}-{digest}"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError("run.directory", str(runs), f"can't be written ({error.strerror})") from error

    @contextmanager
    def locked(self, start: str) -> Iterator[None]:
        """Keep a second start of the same sweep out until this one ends.

        Args:
            start: Names this start; workers look for it.

        Raises:
            InputError: The sweep is under way.
        """
        with (self.path / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise InputError("sweep", self.path.name, "is under way already; wait for it") from error
            self._write(START, start.encode())
            yield

    def write(
        self, rows: Mapping[int, Row], running: set[int], attempts: Mapping[int, int], details: Mapping[str, Any]
    ) -> None:
        """Write sweep.json, sweep.csv and sweep.parquet, each whole.

        Args:
            rows: Number of a point to what became of it.
            running: Points under way.
            attempts: Point to how often it was begun.
            details: What else sweep.json says of the sweep.
        """
        table = self.table(rows, running, attempts)
        counts = {state: int((table["state"] == state).sum()) for state in STATES}
        said = {"points": len(self.points), **counts, **details}
        self._write("sweep.json", (json.dumps(said, indent=2, allow_nan=False) + "\n").encode())
        self._write("sweep.csv", csv_text(table).encode())
        sink = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_pandas(table, preserve_index=False), sink, compression="zstd")
        self._write("sweep.parquet", sink.getvalue().to_pybytes())

    def report(self, page: str) -> None:
        """Write sweep.html."""
        self._write("sweep.html", hidden(page).encode())

    def table(self, rows: Mapping[int, Row], running: set[int], attempts: Mapping[int, int]) -> pd.DataFrame:
        """A row per point: what it differs in from the others, how it stands, what was found, who ran it."""
        states = {n: rows[n].state if n in rows else "running" if n in running else "missing" for n in self._numbers}
        found = [rows.get(n, Row(number=n, overrides=tuple(self.points[n]), state=states[n])) for n in self._numbers]
        columns: dict[str, Any] = {"point": list(self._numbers)}
        columns |= {key: pd.Series(_numbers_if_all(values)) for key, values in varied(self.points).items()}
        columns |= {"state": [row.state for row in found], "found": [row.kind for row in found]}
        columns |= _columns([row.numbers for row in found], "")
        columns |= _columns([row.claims for row in found], "claim: ")
        columns |= {key: [getattr(row, key) for row in found] for key in ("seconds", "host", "process")}
        columns["attempts"] = [attempts.get(n, 0) for n in self._numbers]
        columns |= {key: [getattr(row, key) for row in found] for key in ("path", "message")}
        return pd.DataFrame(columns)

    @property
    def _numbers(self) -> range:
        return range(len(self.points))

    def _write(self, name: str, content: bytes) -> None:
        partial = self.path / f".{name}.partial"
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.path / name)


def varied(points: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    """The keys in which points differ, with the value of each point.

    >>> varied([["a=1", "b=2"], ["a=1", "b=3"]])
    {'b': ['2', '3']}
    """
    given = [dict(override.lstrip("+").partition("=")[::2] for override in point) for point in points]
    keys = dict.fromkeys(key for point in given for key in point)
    columns = {key: [point.get(key, "") for point in given] for key in keys}
    return {key: values for key, values in columns.items() if len(set(values)) > 1}


def _columns(found: Sequence[Mapping[str, Any]], prefix: str) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for row in found for name in row)
    return {prefix + name: [row.get(name) for row in found] for name in names}


def _numbers_if_all(values: Sequence[str]) -> Sequence[Any]:
    try:
        return [int(value) for value in values]
    except ValueError:
        pass
    try:
        return [float(value) for value in values]
    except ValueError:
        return values
