"""Two or more runs side by side: what came out, and in what their configurations differ."""

from __future__ import annotations

from pathlib import Path

import solara
from markupsafe import Markup

from experiments.dashboard import roots
from experiments.dashboard.compare_model import comparison, differing
from experiments.dashboard.parts import card, message, rows, show
from experiments.dashboard.runs import Run, open_run
from sim.errors import InputError

_MOST = 6


@solara.component
def Compare() -> None:
    """The panel of comparisons."""
    places = solara.use_memo(roots.listing, [])
    names = {f"{place.name}  ({place.parent.name})": place for place in places}
    chosen, choose = solara.use_state(list(names)[:2])
    with solara.Div(classes=["eq-stack"]):
        with card("Runs side by side"):
            solara.SelectMultiple(f"up to {_MOST} of {len(names)} runs", chosen, list(names), on_value=choose)
        opened, problems = _opened([names[name] for name in chosen if name in names][:_MOST])
        for problem in problems:
            message(problem)
        if len(opened) < 2:
            message("Choose at least two runs.", note=True)
            return
        heads = [run.name for run in opened]
        columns = range(1, len(heads) + 1)
        with card("What came out"):
            cells = [(name, *values) for name, values in comparison(opened)]
            show(_wide(rows(("", *heads), cells, texts=columns)))
        with card("In what their configurations differ"):
            found = [(name, *values) for name, values in differing(opened)]
            show(_wide(rows(("key", *heads), found, texts=columns)) if found else Markup("<p>In nothing.</p>"))


def _wide(table: Markup) -> Markup:
    return Markup('<div style="overflow-x:auto">{}</div>').format(table)


def _opened(places: list[Path]) -> tuple[list[Run], list[InputError]]:
    opened, problems = [], []
    for place in places:
        try:
            opened.append(open_run(place))
        except InputError as error:
            problems.append(error)
    return opened, problems
