"""Parts of the page that answer in the browser itself: tabs, a slider for an incentive, a map to click on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara


@solara.component_vue("incentive_slider.vue")
def IncentiveSlider(
    *,
    label: str,
    symbol: str,
    value: float,
    turn: int,
    event_report: Callable[[dict[str, float]], None],
) -> Any:
    """A slider over 0 and 0.01 to 100, logarithmic.

    While one move is being answered it keeps only the latest of those that follow, so it never queues.

    Args:
        label: Name of the incentive.
        symbol: Its symbol.
        value: Its value.
        turn: Number of the last move that was answered.
        event_report: Gets {"value": ..., "turn": ...}.
    """


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
