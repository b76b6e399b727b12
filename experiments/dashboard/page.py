"""The page: a heading, one panel at a time, and a message where a panel fails while the rest goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import solara
from markupsafe import Markup

from experiments.dashboard import roots
from experiments.dashboard.chooser import Chooser
from experiments.dashboard.compare import Compare
from experiments.dashboard.explorer import Chosen, Explorer
from experiments.dashboard.levers import Levers
from experiments.dashboard.oversight import Oversight
from experiments.dashboard.parts import message, show
from experiments.dashboard.run_panel import RunPanel
from experiments.dashboard.tables import examples
from experiments.dashboard.widgets import Tabs

INCENTIVES, LEVERS, RUN, OVERSIGHT, COMPARE = PANELS = ("Incentives", "Levers", "Run", "Oversight", "Compare")


@solara.component
def Page() -> None:
    """What a browser sees."""
    panel, set_panel = solara.use_state(RUN if roots.first() else INCENTIVES)
    chosen, choose = solara.use_state(solara.use_memo(lambda: Chosen.of(examples()[0]), []))
    place, open_place = solara.use_state(roots.first())
    solara.Title("Equipolis")
    solara.Style(Path(__file__).with_name("style.css"))

    def content() -> None:
        if panel in (INCENTIVES, LEVERS):
            Chooser(chosen, choose).key(chosen.table.name)
            (Explorer if panel == INCENTIVES else Levers)(chosen, choose)
        elif panel == RUN:
            RunPanel(place, open_place)
        elif panel == OVERSIGHT:
            Oversight()
        else:
            Compare()

    with solara.Div(classes=["eq-page"]):
        with solara.Div(classes=["eq-head"]):
            show(Markup('<div class="brand">Equipolis</div>'))
            Tabs(names=list(PANELS), chosen=panel, event_choose=set_panel)
            show(Markup('<div class="aside">read-only</div>'))
        with solara.Div(classes=["eq-body"]):
            Guarded(content).key(panel)


@solara.component
def Guarded(content: Callable[[], None]) -> None:
    """A panel; where it fails, what went wrong and a way on, while the other panels go on."""
    failure, clear = solara.use_exception()
    if failure is None:
        with solara.Div(classes=["eq-stack"]):
            content()
        return
    logging.getLogger(__name__).error("a panel failed", exc_info=failure)
    message(failure)
    solara.Button("Try again", outlined=True, on_click=clear)
