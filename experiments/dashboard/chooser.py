"""Which game is looked at: a shipped example, a table of answers, or a run's; for which group; from which weight on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import solara

from experiments.dashboard import roots
from experiments.dashboard.explorer import Chosen
from experiments.dashboard.parts import card, message
from experiments.dashboard.runs import is_run, open_run
from experiments.dashboard.tables import LARGEST, Table, examples, of_file, of_run
from sim.errors import InputError


def table_at(text: str) -> Table:
    """The game of a path that somebody typed.

    Raises:
        InputError: It may not be opened, or holds no game.
    """
    place = roots.within(text)
    table = of_run(open_run(place)) if place.is_dir() and is_run(place) else of_file(place)
    if len(table.groups) > LARGEST:
        raise InputError("groups", len(table.groups), f"the panels draw at most {LARGEST}")
    table.game(table.incentives)  # refuses what is no game
    return table


@solara.component
def Chooser(chosen: Chosen, choose: Callable[[Chosen], None]) -> None:
    """The fields above the panels of incentives.

    Args:
        chosen: What is shown.
        choose: Shows something else.
    """
    opened, set_opened = solara.use_state((*examples(),))
    typed, set_typed = solara.use_state("")
    problem, complain = solara.use_state("")
    threshold, set_threshold = solara.use_state(f"{chosen.threshold:g}")

    def named(name: str) -> None:
        found = Chosen.of(next(table for table in opened if table.name == name))
        set_threshold(f"{found.threshold:g}")
        choose(found)

    def open_path(text: str) -> None:
        set_typed(text)
        if not text.strip():
            return
        try:
            table = table_at(text)
        except InputError as error:
            complain(str(error))
            return
        complain("")
        set_opened((*(known for known in opened if known.name != table.name), table))
        choose(Chosen.of(table))

    def weigh(text: str) -> None:
        set_threshold(text)
        try:
            value = float(text)
        except ValueError:
            value = 0.0
        least = 1.0 / len(chosen.table.groups)
        if 0 < value < least:
            complain("")
            choose(replace(chosen, threshold=value))
        else:
            complain(str(InputError("threshold", text, f"expected a weight above 0 and below 1/D = {least:.4g}")))

    with card():
        with solara.Div(classes=["eq-four"]):
            solara.Select("game", [table.name for table in opened], value=chosen.table.name, on_value=named)
            groups = list(chosen.table.groups)
            solara.Select(
                "focal group", groups, value=groups[chosen.group],
                on_value=lambda group: choose(replace(chosen, group=groups.index(group))),
            )  # fmt: skip
            solara.InputText("counts as excluded below", value=threshold, on_value=weigh)
            solara.InputText(
                "open a table of answers or a run by its path, then Enter", value=typed, on_value=open_path
            )
        if problem:
            message(problem)
