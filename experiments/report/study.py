"""The report of a study: claims first, then the evidence, then what it rests on; as a page, as Markdown, as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from markupsafe import Markup
from pandas.api.types import is_numeric_dtype
from rich.table import Table as RichTable

from experiments.health import Health
from experiments.report.render import overrides
from experiments.report.templates import markdown, page, picture
from experiments.run_directory import RunDirectory
from experiments.study import Claim, Findings, Table
from experiments.untrusted import plain

STYLES = {"agrees": "bold green", "differs": "bold yellow", "can't be tested": "bold cyan"}
COLOURS = {"agrees": "#0a6b3b", "differs": "#8a5a00", "can't be tested": "#1d4f91"}
MOST_ROWS = 60
"""Longer tables are shown from their beginning; the file holds all rows."""


def render_study(directory: RunDirectory, findings: Findings, health: Health, seconds: Mapping[str, float]) -> None:
    """Write report.html, which needs no other file, and report.md, which shows the pictures beside it."""
    command = f"equipolis {overrides()}".strip()
    shown = {
        "findings": findings,
        "health": health,
        "colours": COLOURS,
        "tables": [_Shown(table) for table in findings.tables],
        "most": MOST_ROWS,
        "name": directory.path.name,
        "hash": directory.hash,
        "command": command,
        "seconds": seconds,
    }
    directory.text("report.html", page(f"{findings.layout}.html.j2").render(image=_image(directory), **shown))
    directory.text("report.md", markdown(f"{findings.layout}.md.j2").render(**shown))


def claims_table(claims: Sequence[Claim]) -> RichTable:
    """The claims for the terminal."""
    table = RichTable(title="Claims", title_justify="left", show_lines=True)
    table.add_column("claim", max_width=24)
    table.add_column("outcome", no_wrap=True)
    table.add_column("found")
    for claim in claims:
        outcome = f"[{STYLES[claim.outcome]}]{claim.outcome}[/]"
        table.add_row(plain(claim.name), outcome, plain(claim.found))
    return table


class _Shown:
    """A table as text."""

    def __init__(self, table: Table) -> None:
        self.path, self.caption, self.length = table.path, table.caption, len(table.rows)
        self.columns = [str(name) for name in table.rows.columns]
        self.numeric = [is_numeric_dtype(kind) for kind in table.rows.dtypes]
        self.rows = [[_cell(value) for value in row] for row in table.rows.head(MOST_ROWS).itertuples(index=False)]


def _cell(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else f"{value:.4g}"
    return str(value)


def _image(directory: RunDirectory) -> Callable[[str, str], Markup]:
    def image(path: str, alt: str) -> Markup:
        return picture((directory.path / path).read_bytes(), alt)

    return image
