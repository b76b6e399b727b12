"""The page: a heading, one panel at a time, and a message where a panel fails while the rest goes on."""

from __future__ import annotations

from pathlib import Path

import solara
from markupsafe import Markup

from experiments.dashboard.explorer import Chosen, Explorer
from experiments.dashboard.parts import show
from experiments.dashboard.tables import examples
from experiments.dashboard.widgets import Tabs

PANELS = ("Incentives",)


@solara.component
def Page() -> None:
    """What a browser sees."""
    panel, set_panel = solara.use_state(PANELS[0])
    first = solara.use_memo(lambda: Chosen.of(examples()[0]), [])
    chosen, choose = solara.use_state(first)
    solara.Title("Equipolis")
    solara.Style(Path(__file__).with_name("style.css"))
    with solara.Div():
        with solara.Div(classes=["eq-head"]):
            show(Markup('<div class="brand">Equipolis</div>'))
            Tabs(names=list(PANELS), chosen=panel, event_chosen=set_panel)
        with solara.Div(classes=["eq-body"]):
            Explorer(chosen, choose)
