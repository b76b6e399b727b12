"""What a sweep says in the terminal: how many points stand how, each failure as it comes, and the table at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from experiments.sweep.directory import STATES, varied
from experiments.sweep.point import Row
from experiments.untrusted import plain

STYLES = {"done": "green", "unhealthy": "yellow", "failed": "red", "running": "cyan", "missing": "dim"}
LISTED = 40  # points of a sweep that is shown one by one


class SweepProgress:
    """A live line of counts.

    Args:
        console: Where to print.
        points: Overrides of each.
    """

    def __init__(self, console: Console, points: Sequence[Sequence[str]]) -> None:
        self._console = console
        self._points = len(points)
        self._varied = varied(points)
        self._progress = Progress(
            BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[counts]}"), console=console
        )
        self._task = TaskID(0)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show the line while the sweep goes on."""
        with self._progress:
            self._task = self._progress.add_task("", total=self._points, counts="")
            yield

    def update(self, rows: Mapping[int, Row], running: int) -> None:
        """Show how the points stand."""
        counts = Counter(row.state for row in rows.values())
        counts["running"] = running
        counts["missing"] = self._points - len(rows) - running
        shown = "  ".join(f"[{STYLES[state]}]{counts[state]} {state}[/]" for state in STATES if counts[state])
        self._progress.update(self._task, completed=len(rows), counts=shown)

    def failure(self, row: Row) -> None:
        """Say at once what went wrong with a point, named by what it differs in from the others."""
        point = " ".join(f"{key}={values[row.number]}" for key, values in self._varied.items())
        self._console.print(
            f"[{STYLES[row.state]}]{row.state}[/] {plain(point)}: {plain(row.message)}",
            highlight=False,
            soft_wrap=True,
        )


def standing(table: pd.DataFrame, keys: Sequence[str]) -> Table:
    """How every point stands; of a large sweep, how many points were found what.

    Args:
        table: Of the sweep's directory.
        keys: Its columns in which the points differ.
    """
    if len(table) <= LISTED:
        shown = Table(*map(plain, keys), "state", "found", "distance", "seconds")
        for row in table.to_dict("records"):
            distance = row.get("distance")
            number = "" if distance is None or pd.isna(distance) else f"{distance:.4f}"
            values = [plain(str(row[key])) for key in keys]
            shown.add_row(*values, _styled(row["state"]), plain(row["found"]), number, f"{row['seconds']:.1f}")
        return shown
    shown = Table("state", "found", "points")
    for (state, found), count in Counter(zip(table["state"], table["found"], strict=True)).items():
        shown.add_row(_styled(state), plain(found), str(count))
    return shown


def _styled(state: str) -> str:
    return f"[{STYLES[state]}]{state}[/]"
