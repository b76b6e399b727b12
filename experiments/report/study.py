"""The report of a study: claims first, then the evidence, then what it rests on; as a page, as Markdown, as a table."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files

import jinja2
import numpy as np
from markupsafe import Markup
from pandas.api.types import is_numeric_dtype
from rich.table import Table as RichTable

from experiments.report.render import overrides
from experiments.run_directory import RunDirectory
from experiments.study import Claim, Findings, Table
from experiments.untrusted import plain

STYLES = {"agrees": "bold green", "differs": "bold yellow", "can't be tested": "bold cyan"}
COLOURS = {"agrees": "#0a6b3b", "differs": "#8a5a00", "can't be tested": "#1d4f91"}
MOST_ROWS = 60
"""Longer tables are shown from their beginning; the file holds all rows."""


def render_study(directory: RunDirectory, findings: Findings, seconds: Mapping[str, float]) -> None:
    """Write report.html, which needs no other file, and report.md, which shows the pictures beside it."""
    command = f"equipolis {overrides()}".strip()
    shown = {
        "findings": findings,
        "colours": COLOURS,
        "tables": [_Shown(table) for table in findings.tables],
        "most": MOST_ROWS,
        "name": directory.path.name,
        "hash": directory.hash,
        "command": command,
        "seconds": seconds,
    }
    page = _template(_page(), f"{findings.layout}.html.j2").render(image=_image(directory), **shown)
    directory.text("report.html", page)
    directory.text("report.md", _template(_markdown(), f"{findings.layout}.md.j2").render(**shown))


def claims_table(claims: Sequence[Claim]) -> RichTable:
    """The claims for the terminal."""
    table = RichTable(title="Claims", title_justify="left", show_lines=True)
    table.add_column("claim", max_width=24)
    table.add_column("", no_wrap=True)
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
        content = base64.b64encode((directory.path / path).read_bytes()).decode()
        return Markup('<img alt="{}" src="data:image/png;base64,{}">').format(alt, content)

    return image


def _page() -> jinja2.Environment:
    return jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def _markdown() -> jinja2.Environment:
    """Markdown lets HTML through, so what comes from data must not hold any, nor links or pictures from elsewhere."""
    environment = jinja2.Environment(
        autoescape=False,  # noqa: S701 - `finalize` escapes, and leaves quotation marks readable
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value.replace("<", "&lt;").replace("](", "]\\(") if isinstance(value, str) else value,
    )
    environment.filters["cell"] = lambda text: str(text).replace("|", "\\|").replace("\n", " ")
    return environment


def _template(environment: jinja2.Environment, name: str) -> jinja2.Template:
    return environment.from_string((files(__package__) / name).read_text(encoding="utf-8"))
