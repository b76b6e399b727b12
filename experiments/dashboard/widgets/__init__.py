"""Parts of the page that answer in the browser itself: tabs, a slider, a map to click on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import reacton
import solara


@solara.component_vue("slider.vue")
def _Slider(
    *,
    label: str,
    symbol: str,
    value: float,
    low: float,
    high: float,
    scaled: bool,
    turn: int,
    event_report: Callable[[dict[str, float]], None],
) -> Any:
    """What `Slider` puts into the page; `turn` is the number of the last move that was answered."""


@solara.component
def Slider(label: str, value: float, choose: Callable[[float], None], *, symbol: str = "", low: float = 0.0,
           high: float = 100.0, scaled: bool = False) -> None:  # fmt: skip
    """A slider that follows the hand: while one move is answered it keeps only the latest of those that follow.

    Args:
        label: What is set.
        value: Its value.
        choose: Gets another one.
        symbol: Its symbol.
        low: Least value.
        high: Greatest value.
        scaled: Whether it is logarithmic from 0.01 to 100, with a 0 at the left end.
    """
    turn, set_turn = solara.use_state(0)
    page = reacton.core.get_render_context()

    def moved(move: dict[str, float]) -> None:
        with page:  # the page is drawn once, not once for each of the two
            choose(float(np.clip(move["value"], low, high)))
            set_turn(int(move["turn"]))

    _Slider(label=label, symbol=symbol, value=value, low=low, high=high, scaled=scaled, turn=turn, event_report=moved)


@solara.component_vue("tabs.vue")
def Tabs(*, names: list[str], chosen: str, event_choose: Callable[[str], None]) -> Any:
    """The names of the panels, in a row; arrow keys go from one to the next.

    Args:
        names: Of the panels.
        chosen: The one that is shown.
        event_choose: Gets the name of another.
    """


@solara.component_vue("map_picture.vue")
def MapPicture(
    *,
    source: str,
    alt: str,
    x_label: str,
    y_label: str,
    point: list[float],
    event_pick: Callable[[dict[str, float]], None],
) -> Any:
    """A map with its axes, a cross at the present point, and a click that moves it.

    Args:
        source: The picture, as a data address.
        alt: What it shows.
        x_label: Incentive across.
        y_label: Incentive upwards.
        point: Present values of both.
        event_pick: Gets {"x": ..., "y": ...}, the values clicked on.
    """
