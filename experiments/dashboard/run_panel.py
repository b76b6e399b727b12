"""Open any run: what came out, its figures and tables, its play, also while it goes on, and its report to keep."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import solara
from markupsafe import Markup

from experiments.dashboard import reading, roots
from experiments.dashboard.followers import Followers
from experiments.dashboard.live import Live
from experiments.dashboard.parts import badge, card, message, png, rows, show
from experiments.dashboard.runs import REPORT, Run, open_run, stamp
from experiments.run_directory import FINDINGS
from experiments.studies.feed.followers import FOLLOWERS
from sim.errors import InputError

KINDS = {"done": "good", "running": "info", "unhealthy": "bad", "failed": "bad", "interrupted": "warn"}
VERDICTS = {"converged": "good", "converged elsewhere": "warn", "undecided": "info"}
OUTCOMES = {"agrees": "good", "differs": "warn"}
_EVERY = 1.0
"""Seconds between two looks at a run's files."""
_MOST_CELLS = 40


@solara.component
def RunPanel(place: Path | None, choose: Callable[[Path], None]) -> None:
    """The panel of one run.

    Args:
        place: Its directory; None for none.
        choose: Opens another.
    """
    with solara.Div(classes=["eq-stack"]):
        with card("Open a run"):
            OpenRun(place, choose)
        if place is not None:
            Watched(place).key(str(place))


@solara.component
def OpenRun(place: Path | None, choose: Callable[[Path], None]) -> None:
    """A list of what lies in the allowed folders, and a field for a path."""
    problem, complain = solara.use_state("")
    typed, set_typed = solara.use_state("")
    found = solara.use_memo(roots.listing, [place])
    names = {_name(each): each for each in found}

    def opened(text: str) -> None:
        set_typed(text)
        if not text.strip():
            return
        try:
            there = roots.within(text)
            open_run(there)
            complain("")
            choose(there)
        except InputError as error:
            complain(str(error))

    with solara.Div(classes=["eq-two"]):
        chosen = next((name for name, each in names.items() if each == place), None)
        solara.Select(
            label=f"{len(names)} runs, newest first", values=list(names), value=chosen,
            on_value=lambda name: choose(names[name]) if name else None,
        )  # fmt: skip
        solara.InputText("or the path of a run directory, then Enter", value=typed, on_value=opened)
    if problem:
        message(problem)


def _name(place: Path) -> str:
    return f"{place.name}  ({place.parent.name})"


@solara.component
def Watched(place: Path) -> None:
    """A run that is looked at again as its files change."""
    seen, see = solara.use_state(stamp(place))

    async def look() -> None:
        while True:
            await asyncio.sleep(_EVERY)
            see(stamp(place))

    solara.lab.use_task(look, dependencies=[place])

    def loaded() -> Run | InputError:
        try:
            return open_run(place)
        except InputError as error:
            return error

    run = solara.use_memo(loaded, [place, seen])
    if isinstance(run, InputError):
        message(run)
        return
    with solara.Div(classes=["eq-stack"]):
        Heading(run)
        for problem in run.problems:
            message(problem)
        if run.verdict is not None:
            Verdict(run)
        if run.findings is None:
            Live(run, seen)
        else:
            Findings(run)
            if (place / FOLLOWERS).is_file():
                Followers(place)
            if (place / "rounds.parquet").is_file() or (place / "progress").is_dir():
                Live(run, seen)


@solara.component
def Heading(run: Run) -> None:
    """How a run stands, and its report to keep."""
    with card(run.name):
        kind = badge(run.state, KINDS.get(run.state, ""))
        said = Markup(" {}").format(run.note) if run.note else Markup("")
        show(Markup("<p>{}{}</p>").format(kind, said))
        if run.rounds is not None and run.rounds[1] > 0:
            share = min(run.rounds[0] / run.rounds[1], 1.0)
            bar = Markup('<span class="meter"><b style="width:{:.1f}%;background:#0b5f99"></b></span>').format(
                100 * share
            )
            show(Markup('<p class="quiet">{} of {} rounds{}</p>').format(*run.rounds, bar))
        Export(run)


@solara.component
def Export(run: Run) -> None:
    """The report as one file that needs no other."""
    if not (run.path / REPORT).is_file():
        show(Markup('<p class="quiet">{}</p>').format("No report yet: it is written when the run ends."))
        return

    def content() -> io.BytesIO:
        return io.BytesIO(reading.read_bytes(run.path / REPORT))

    solara.FileDownload(
        content, filename=f"{run.name}.html", label="Save the report (one HTML file)", mime_type="text/html"
    )


@solara.component
def Verdict(run: Run) -> None:
    """The verdict of a play that was judged."""
    found = run.verdict or {}
    verdict = found.get("verdict")
    with card("Verdict"):
        try:
            if not isinstance(verdict, dict):
                raise InputError("verdict", type(verdict).__name__, "verdict.json is damaged")
            kind = str(verdict.get("kind"))
            reasons = [str(reason) for reason in verdict.get("reasons", [])]
            show(Markup("<p>{} {}</p>").format(badge(kind, VERDICTS.get(kind, "bad")), "; ".join(reasons)))
            show(_tiles(run))
            groups = [str(group) for group in found.get("groups", [])]
            predicted = reading.numbers(found.get("predicted"), "predicted")
            settled = reading.numbers(verdict.get("settled"), "settled")
            cells = [
                (group, f"{p:.3f}", f"{s:.3f}", f"{s - p:+.3f}")
                for group, p, s in zip(groups, predicted, settled, strict=True)
            ]
            show(rows(("group", "predicted", "settled", "gap"), cells))
        except (InputError, ValueError) as error:
            message(error)


def _tiles(run: Run) -> Markup:
    found = run.verdict or {}
    verdict = found["verdict"]
    facts = []
    for name, words in (("distance", "distance to the prediction"), ("exploitability", "exploitability")):
        value = verdict.get(name)
        if isinstance(value, dict):
            facts.append((f"{float(value['estimate']):.3g}", f"{words} [{value['low']:.3g}, {value['high']:.3g}]"))
    kappa = found.get("kappa")
    facts.append((f"{kappa:.3g}" if isinstance(kappa, float) else str(kappa), "stability number kappa"))
    control = found.get("negative_control")
    if isinstance(control, dict):
        facts.append((str(control.get("kind")), "a wrong prediction is judged"))
    one = Markup('<div class="tile"><b>{}</b><span>{}</span></div>')
    return Markup('<div class="tiles">{}</div>').format(Markup("").join(one.format(*fact) for fact in facts))


@solara.component
def Findings(run: Run) -> None:
    """What a study found: its claims, figures and tables."""
    found = run.findings or {}
    claims = [claim for claim in _list(found.get("claims")) if isinstance(claim, dict)]
    with card(str(found.get("title", "Findings"))):
        for line in _list(found.get("lead")):
            show(Markup("<p>{}</p>").format(str(line)))
        cells = [
            (str(claim.get("name")), badge(str(claim.get("outcome")), OUTCOMES.get(str(claim.get("outcome")), "")),
             str(claim.get("statement")), str(claim.get("found")))
            for claim in claims
        ]  # fmt: skip
        show(rows(("claim", "", "statement", "found"), cells, texts=(1, 2, 3)))
    with solara.Div(classes=["eq-two"]):
        for figure in _list(found.get("figures")):
            if isinstance(figure, dict):
                Picture(run.path, str(figure.get("path")), str(figure.get("caption", "")))
    for table in _list(found.get("tables")):
        if isinstance(table, dict):
            Numbers(run.path, str(table.get("path")), str(table.get("caption", "")))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def beside(place: Path, name: str) -> Path:
    """A file that a run names as its own.

    Raises:
        InputError: The name leads out of the run directory.
    """
    file = (place / name).resolve()
    if not file.is_relative_to(place.resolve()):
        raise InputError(FINDINGS, name, "the name leads out of the run directory")
    return file


@solara.component
def Picture(place: Path, name: str, caption: str) -> None:
    """A figure of a study."""
    with card(caption or name):
        try:
            content = reading.read_bytes(beside(place, name))
            if not content.startswith(b"\x89PNG"):
                raise InputError(name, "no PNG", "the picture is damaged")
            show(Markup('<div class="figure"><img src="{}" alt="{}"></div>').format(png(content), caption or name))
        except InputError as error:
            message(error)


@solara.component
def Numbers(place: Path, name: str, caption: str) -> None:
    """A table of a study."""
    with card(caption or name):
        try:
            frame = reading.read_csv(beside(place, name))
        except InputError as error:
            message(error)
            return
        show(frame_rows(frame))


def frame_rows(frame: pd.DataFrame) -> Markup:
    """The first rows of a table of numbers and words."""
    words = [k for k, kind in enumerate(frame.dtypes) if not pd.api.types.is_numeric_dtype(kind)]
    cells = [[_cell(value) for value in row] for row in frame.head(_MOST_CELLS).itertuples(index=False)]
    more = len(frame) - _MOST_CELLS
    rest = Markup('<p class="quiet">{} more rows in the file.</p>').format(more) if more > 0 else Markup("")
    return Markup('<div style="overflow-x:auto">{}</div>{}').format(
        rows([str(name) for name in frame.columns], cells, texts=words), rest
    )


def _cell(value: object) -> str:
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else f"{value:.4g}"
    return str(value)
