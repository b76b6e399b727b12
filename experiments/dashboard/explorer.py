"""The map explorer: drag the three incentives and see who is left out, along which line, and how stable that is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import solara
from markupsafe import Markup

from experiments.dashboard import charts, explorer_model
from experiments.dashboard.parts import badge, card, chip, message, meter, png, rows, show
from experiments.dashboard.tables import Table
from experiments.dashboard.widgets import MapPicture, Slider
from experiments.report.map_figure import SCALE
from sim.alignment_game import Incentives
from sim.equilibrium import explain
from sim.errors import InputError
from sim.maps import ExclusionMap
from sim.maps.grid import COEFFICIENTS

SYMBOLS = {"attractiveness": "βA", "inconsistency": "βI", "diversity": "βD"}
_PATIENCE = 0.35
"""Seconds without a move before the game is put into words, which takes longer than all the rest."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Chosen:
    """What the panels of incentives show.

    Attributes:
        table: The game.
        incentives: The point.
        group: The focal group.
        threshold: Weight below which a group counts as excluded.
    """

    table: Table
    incentives: Incentives
    group: int
    threshold: float

    @classmethod
    def of(cls, table: Table) -> Chosen:
        """A table at its own incentives, looking at its least represented group."""
        threshold = min(0.05, 0.5 / len(table.groups))
        try:
            group = int(explorer_model.here(table, table.incentives, threshold).equilibrium.mixture.argmin())
        except InputError:
            group = 0
        return cls(table=table, incentives=table.incentives, group=group, threshold=threshold)

    def moved(self, **changes: float) -> Chosen:
        """The same at other incentives."""
        return replace(self, incentives=replace(self.incentives, **changes))


@solara.component
def Explorer(chosen: Chosen, choose: Callable[[Chosen], None]) -> None:
    """The panel of maps.

    Args:
        chosen: What is shown.
        choose: Shows something else.
    """
    with solara.Div(classes=["eq-cols"]):
        with solara.Div(classes=["eq-stack"]):
            Standing(chosen)
        with solara.Div(classes=["eq-stack"]):
            with solara.Div(classes=["eq-three"]):
                for name in COEFFICIENTS:
                    Plane(name, chosen, choose)
            show(_key(chosen))
            Words(chosen)


@solara.component
def Standing(chosen: Chosen) -> None:
    """The equilibrium at the present point."""
    table = chosen.table
    with card("Where accounts settle"):
        try:
            found = explorer_model.here(table, chosen.incentives, chosen.threshold)
        except InputError as error:
            message(error)
            return
        equilibrium = found.equilibrium
        kind = badge("interior", "info") if equilibrium.interior else badge("boundary: not every group is used", "warn")
        out = [name for name, below in zip(table.groups, found.below, strict=True) if below]
        left = badge(f"left out: {', '.join(out)}", "bad") if out else badge("every group is kept", "good")
        show(Markup('<div class="badges">{} {} {}</div>').format(left, kind, _stability(equilibrium.stability)))
        cells = [
            (
                chip(charts.colour(d), name) + meter(float(equilibrium.mixture[d]), charts.colour(d)),
                _weight(float(equilibrium.mixture[d]), below=bool(found.below[d])),
                f"{equilibrium.relaxed[d]:.3f}",
            )
            for d, name in enumerate(table.groups)
        ]
        show(rows(("group", "weight", "if negative were allowed"), cells, focal=chosen.group))
        show(Markup('<p class="quiet" style="margin-top:10px">{}</p>').format(table.note))


def _weight(weight: float, *, below: bool) -> Markup:
    shown = Markup("{:.3f}").format(weight)
    return Markup('<b style="color:var(--bad)">{}</b>').format(shown) if below else shown


def _stability(kappa: float) -> Markup:
    if not np.isfinite(kappa):
        return badge("κ infinite: accounts specialise", "bad")
    return (
        badge(f"κ = {kappa:.3g}: stable", "info")
        if kappa < 1
        else badge(f"κ = {kappa:.3g}: accounts specialise", "bad")
    )


@solara.component
def Plane(name: str, chosen: Chosen, choose: Callable[[Chosen], None]) -> None:
    """One incentive: its slider, the map of the other two, and the weights along it."""
    value = getattr(chosen.incentives, name)
    across, upwards = (other for other in COEFFICIENTS if other != name)

    def picked(at: dict[str, float]) -> None:
        choose(chosen.moved(**{across: float(at["x"]), upwards: float(at["y"])}))

    def solved() -> tuple[ExclusionMap, float, str] | InputError:
        try:
            found = explorer_model.plane(chosen.table, name, value, chosen.threshold)
        except InputError as error:
            return error
        top = explorer_model.highest_weight(found, chosen.group)
        return found, top, png(explorer_model.picture(found, chosen.group, top))

    answer = solara.use_memo(solved, [chosen.table, value, chosen.threshold, chosen.group])
    held = (getattr(chosen.incentives, across), getattr(chosen.incentives, upwards))
    curves = solara.use_memo(
        lambda: _curves(name, chosen), [chosen.table, held, chosen.threshold, chosen.group]
    )  # a move along them leaves them as they are
    with card():
        Slider(name, value, lambda to: choose(chosen.moved(**{name: to})), symbol=SYMBOLS[name], scaled=True)
        if isinstance(answer, InputError):
            message(answer)
            return
        found, highest, source = answer
        group = chosen.table.groups[chosen.group]
        facts = f"{found.area(chosen.group):.1%} excluded, {found.white_area:.1%} without interior equilibrium"
        MapPicture(
            source=source,
            alt=f"Map of {group} over {across} and {upwards} with {name} at {value:g}: {facts}",
            x_label=f"{across} {SYMBOLS[across]}",
            y_label=f"{upwards} {SYMBOLS[upwards]}",
            point=[getattr(chosen.incentives, across), getattr(chosen.incentives, upwards)],
            event_pick=picked,
        )
        show(_facts(found, chosen.group, highest))
        show(_slice(curves, value))


def _facts(found: ExclusionMap, group: int, highest: float) -> Markup:
    return Markup(
        '<div class="map-facts"><span>black {:.1%}, white {:.1%}</span>'
        '<span>{:g}<i class="scale" style="background:linear-gradient(90deg, {})"></i>{:.2f}</span></div>'
    ).format(found.area(group), found.white_area, found.threshold, _STOPS, highest)


def _hex(share: float) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in SCALE(share)[:3])


_STOPS = ", ".join(_hex(share) for share in np.linspace(0, 1, 9))


@dataclass(frozen=True, eq=False, kw_only=True)
class Curves:
    """The weights along one incentive, drawn.

    Attributes:
        axes: Where they lie.
        marks: What is drawn.
        alt: What it shows.
    """

    axes: charts.Axes
    marks: list[Markup]
    alt: str


def _curves(name: str, chosen: Chosen) -> Curves | InputError:
    try:
        found = explorer_model.along(chosen.table, name, chosen.incentives, chosen.threshold)
    except InputError as error:
        return error
    top = 1.0 if found.mixtures.max() > 0.6 else 0.6
    axes = charts.Axes(
        x=(0.01, 100.0),
        y=(0.0, top),
        x_ticks=(0.01, 0.1, 1, 10, 100),
        y_ticks=(0, top / 2, top),
        x_label=f"{name} {SYMBOLS[name]}, the other two held",
        y_label="weight",
        logarithmic="x",
    )
    marks = [
        charts.band(axes, low, high, label="no interior equilibrium")
        for low, high in charts.runs(~found.interior, found.values)
    ]
    marks.append(charts.level(axes, chosen.threshold, label=f"threshold {chosen.threshold:g}"))
    order = sorted(range(len(chosen.table.groups)), key=lambda d: d == chosen.group)
    marks += [
        charts.line(
            axes, found.values, found.mixtures[:, d], stroke=charts.colour(d), stroke_dasharray=charts.dash(d),
            stroke_width=3.2 if d == chosen.group else 1.5, label=chosen.table.groups[d],
        )
        for d in order
    ]  # fmt: skip
    alt = f"Weight of every group as {name} varies; the dashed line is the present value"
    return Curves(axes=axes, marks=marks, alt=alt)


def _slice(curves: Curves | InputError, now: float) -> Markup:
    if isinstance(curves, InputError):
        return Markup('<p class="quiet">{}</p>').format(str(curves))
    mark = charts.upright(curves.axes, now, stroke_dasharray="2 2", label="now")
    return charts.chart(curves.axes, *curves.marks, mark, alt=curves.alt)


def _key(chosen: Chosen) -> Markup:
    group = chosen.table.groups[chosen.group]
    return charts.key(
        [
            ("#000000", f"{group} excluded (weight below {chosen.threshold:g})"),
            ("#ffffff", "no interior equilibrium"),
            (f"linear-gradient(90deg, {_STOPS})", f"weight of {group}"),
            ("#eceff3", "in the curves: no interior equilibrium"),
            ("#d55e00", "now; click a map to move"),
        ]
    )


@solara.component
def Words(chosen: Chosen) -> None:
    """The game in words, once the sliders rest; nothing is drawn anew before."""
    nothing: tuple[Chosen, str | InputError] = (chosen, "")
    said, set_said = solara.use_state(nothing)

    def answer() -> None:
        try:
            set_said((chosen, explain(chosen.table.game(chosen.incentives))))
        except InputError as error:
            set_said((chosen, error))

    def wait() -> Callable[[], None]:
        rest = threading.Timer(_PATIENCE, answer)
        rest.daemon = True
        rest.start()
        return rest.cancel

    solara.use_effect(wait, [chosen.table, chosen.incentives])
    of, text = said
    with card("What this says"):
        if (of.table, of.incentives) != (chosen.table, chosen.incentives) or text == "":
            show(Markup('<p class="quiet">{}</p>').format("Putting the game into words ..."))
        elif isinstance(text, InputError):
            message(text)
        else:
            for sentence in _paragraphs(text):
                show(Markup("<p>{}</p>").format(sentence))


def _paragraphs(text: str) -> list[str]:
    """An explanation in three parts: the equilibrium, whether it is the only and a stable one, what would change it."""
    cuts = [text.find(start) for start in ("It is the only", "It need not be", "What brings a group back")]
    places = sorted({0, *(cut for cut in cuts if cut > 0)})
    return [text[a:b].strip() for a, b in zip(places, [*places[1:], len(text)], strict=True)]
