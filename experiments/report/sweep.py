"""The report of a sweep: how many points are done, what they found over the grid, which need a look."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.report.figures import png
from experiments.report.sweep_figures import sweep_figure
from experiments.report.templates import page, picture

MOST_ROWS = 200
"""A longer sweep's table is shown from its beginning, points that need a look first; sweep.csv holds all."""
_COLUMNS = ("state", "found", "distance", "seconds", "attempts")


def sweep_page(folder: Path, table: pd.DataFrame, keys: list[str], command: str) -> str:
    """The page, self-contained but for links to the reports of the points.

    Args:
        folder: The sweep's directory: its name, and where links start from.
        table: A row a point.
        keys: Columns in which points differ.
        command: What runs the sweep again.
    """
    counts = Counter(table["state"])
    found = Counter(kind for kind in table["found"] if kind)
    figure = sweep_figure(table, keys)
    ordered = table.assign(_fine=table["state"] == "done").sort_values(["_fine", "point"])
    columns = [*keys, *(name for name in _COLUMNS if name in table)]
    said: dict[str, Any] = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    return page("sweep.html.j2").render(
        name=folder.name,
        total=len(table),
        complete=counts["done"] == len(table),
        counts=counts,
        found=found.most_common(),
        claims=_claims(table),
        picture=None if figure is None else picture(png(figure), _alternative(keys, found)),
        keys=keys,
        columns=columns,
        rows=[_row(row, columns, folder) for row in ordered.head(MOST_ROWS).to_dict("records")],
        shown=min(len(table), MOST_ROWS),
        complaints=[row for row in ordered.to_dict("records") if row["state"] != "done" and row["message"]],
        command=command,
        seconds=said.get("seconds"),
        run_seconds=said.get("run_seconds"),
        hosts=sorted({host for host in table["host"] if host}),
    )


def _alternative(keys: list[str], found: Counter[str]) -> str:
    counted = ", ".join(f"{count} {kind}" for kind, count in found.most_common())
    return f"What was found over {' and '.join(keys)}: {counted}"


def _claims(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Of a sweep over studies: every claim, and at how many points it agrees, differs, can't be tested."""
    columns = [name for name in table.columns if name.startswith("claim: ")]
    return [
        {"name": column.removeprefix("claim: "), "outcomes": Counter(table[column].dropna()).most_common()}
        for column in columns
    ]


def _row(row: dict[Any, Any], columns: list[str], folder: Path) -> dict[str, Any]:
    report = Path(row["path"]) / "report.html" if row["path"] else None
    link = os.path.relpath(report, folder) if report is not None and report.is_file() else ""
    safe = link if re.fullmatch(r"[\w./-]+", link) else ""
    return {"cells": [_cell(row[name]) for name in columns], "number": row["point"], "link": safe}


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
