"""The oversight panel: the inspection game's phase portrait, and what finished runs say of controllers and of risk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import solara
from markupsafe import Markup

from experiments.dashboard import charts, roots
from experiments.dashboard.oversight_model import RULES, STARTS, Portrait, flow, portrait
from experiments.dashboard.parts import badge, card, message, rows, show
from experiments.dashboard.reading import read_csv
from experiments.dashboard.widgets import Slider
from sim.errors import InputError
from sim.oversight import PROFILES, InspectionGame

PULLS, RISK = "pulls.csv", "risk.csv"
_SQUARE = charts.Axes(
    x=(0.0, 1.0), y=(0.0, 1.0), x_ticks=(0, 0.25, 0.5, 0.75, 1), y_ticks=(0, 0.25, 0.5, 0.75, 1),
    x_label="aligned, p", y_label="audited, q", width=520, height=520,
)  # fmt: skip
_PATHS = ("#0072B2", "#CC79A7", "#E69F00")


@solara.component
def Oversight() -> None:
    """The panel of oversight."""
    with solara.Div(classes=["eq-stack"]):
        Inspection()
        Finished("Rounds by reward profile, under each controller", PULLS, pulls_picture)
        Finished("Coverage and risk", RISK, risk_picture)


@solara.component
def Inspection() -> None:
    """A game to set by sliders, and how its players move."""
    stake, set_stake = solara.use_state(2.0)
    gain, set_gain = solara.use_state(0.5)
    catch, set_catch = solara.use_state(1.0)
    cost, set_cost = solara.use_state(0.2)
    check, set_check = solara.use_state(0.0)
    step, set_step = solara.use_state(0.2)
    rule, set_rule = solara.use_state("in turns")

    def solved() -> Portrait | InputError:
        try:
            game = InspectionGame(
                aligned=stake / 2, misaligned=-stake / 2, catch=catch, false_positive=0.5, audit_cost=cost,
                private_gain=gain, check_rate=check, miss=0.5,
            )  # fmt: skip
            return portrait(game, rule, step=step, rounds=400)
        except InputError as error:
            return error

    found = solara.use_memo(solved, [stake, gain, catch, cost, check, step, rule])
    with solara.Div(classes=["eq-cols"]):
        with card("A solver may misalign, an auditor may look"):
            for label, symbol, value, change, low, high in (
                ("penalty", "rA - rM", stake, set_stake, 0.1, 6.0),
                ("gain of misaligning", "Ω", gain, set_gain, 0.0, 3.0),
                ("reward for a catch", "", catch, set_catch, 0.0, 4.0),
                ("cost of an audit", "", cost, set_cost, 0.0, 2.0),
                ("random check rate", "ρ", check, set_check, 0.0, 1.0),
                ("step of the learners", "", step, set_step, 0.02, 1.0),
            ):
                Slider(label, value, change, symbol=symbol, low=low, high=high)
            solara.Select("they learn", list(RULES), value=rule, on_value=set_rule)
        with card("How they move"):
            if isinstance(found, InputError):
                message(found)
                return
            with solara.Div(classes=["eq-two"]):
                show(portrait_picture(found))
                show(_words(found, gain))


def _words(found: Portrait, gain: float) -> Markup:
    rest = found.equilibrium
    motion = found.motion
    cells = [
        ("equilibrium", rest.kind),
        ("aligned p*", f"{rest.aligned:.4f}"),
        ("audited q*", f"{rest.audited:.4f}"),
        ("penalty", f"{found.game.stake:.4g}"),
        ("what checks alone deter", f"{found.game.check_rate * found.game.stake:.4g} of a gain of {gain:.4g}"),
    ]
    if motion is not None:
        cells.append(("rounds of a small turn, per unit step", f"{motion.period:.4g}"))
    if found.growth is not None:
        kind = "warn" if found.growth > 1 + 1e-12 else "good"
        cells.append(("a small turn grows a round by", badge(f"{found.growth - 1:+.3%}", kind)))
    said = (
        "Arrows: where both move in continuous time. Lines: learners with steps, from three starts (dots). "
        "Dashed: where one of them is indifferent. Cross: the equilibrium."
    )
    return Markup('{}<p class="quiet" style="margin-top:12px">{}</p>').format(rows(("", ""), cells), said)


def portrait_picture(found: Portrait) -> Markup:
    """The square of p and q: flow, paths, indifference and rest."""
    axes = _SQUARE
    marks = [_arrow(*where) for where in _arrows(found.game)]
    rest = found.equilibrium
    if rest.kind == "mixed":
        marks.append(charts.upright(axes, rest.aligned, stroke=charts.MUTED, stroke_dasharray="5 4", label="p*"))
        marks.append(charts.level(axes, rest.audited, stroke_dasharray="5 4", label="q*"))
    for path, start, colour in zip(found.paths, STARTS, _PATHS, strict=True):
        marks.append(charts.line(axes, path.aligned, path.audited, stroke=colour, stroke_width=1.6))
        marks.append(charts.dot(axes, *start, fill=colour, r=5))
    x, y = float(axes.across(rest.aligned)), float(axes.up(rest.audited))
    cross = f"M{x - 8:.1f} {y:.1f}h16M{x:.1f} {y - 8:.1f}v16"
    marks.append(charts.tag("path", charts.tag("title", "equilibrium"), d=cross, stroke="#D55E00", stroke_width=3.4))
    alt = f"Phase portrait; equilibrium p {rest.aligned:.3f}, q {rest.audited:.3f}"
    return charts.chart(axes, *marks, alt=alt)


def _arrows(game: InspectionGame) -> list[tuple[float, float, float, float]]:
    """Middle and half length of every arrow, in pixels; longer where motion is faster."""
    p, q, motion = flow(game)
    speed = np.linalg.norm(motion, axis=-1)
    length = 13 * np.sqrt(speed / max(float(speed.max()), 1e-300)) / np.maximum(speed, 1e-300)
    x, y = _SQUARE.across(p), _SQUARE.up(q)
    across, up = motion[..., 0] * length, -motion[..., 1] * length
    return list(zip(x.ravel().tolist(), y.ravel().tolist(), across.ravel().tolist(), up.ravel().tolist(), strict=True))


def _arrow(x: float, y: float, across: float, up: float) -> Markup:
    left, top = x + across, y + up
    wing = 0.35
    head = "".join(
        f"M{left:.1f} {top:.1f}l{-wing * across + side * wing * up:.1f} {-wing * up - side * wing * across:.1f}"
        for side in (0.6, -0.6)
    )
    line = f"M{x - across:.1f} {y - up:.1f}L{left:.1f} {top:.1f}{head}"
    return charts.tag("path", d=line, stroke="#a9b2bd", fill="none")


@solara.component
def Finished(title: str, table: str, draw: Callable[[pd.DataFrame], Markup]) -> None:
    """One table of finished runs, drawn.

    Args:
        title: What it is.
        table: File that such a run holds.
        draw: Makes the picture.
    """
    places = solara.use_memo(lambda: [place for place in roots.listing() if (place / table).is_file()], [])
    chosen, choose = solara.use_state(places[0].name if places else "")
    with card(title):
        if not places:
            show(Markup('<p class="quiet">No run with {} in the opened folders.</p>').format(table))
            return
        solara.Select("run", [place.name for place in places], value=chosen, on_value=choose)
        place: Path = next(place for place in places if place.name == chosen)
        try:
            show(draw(read_csv(place / table)))
        except (InputError, KeyError, ValueError, TypeError) as error:
            message(InputError(table, str(error)[:120], "the table is damaged or of another kind"))


def pulls_picture(frame: pd.DataFrame) -> Markup:
    """Share of the rounds that each controller spends on each reward profile, as a row of bars."""
    arms = [name for name in frame.columns if name.startswith("arm ")]
    counts = frame.groupby("row", sort=False)[arms].mean()
    shares = counts.div(counts.sum(axis=1), axis=0)
    test = frame.groupby("row", sort=False)["p"].median()
    cells = [
        (str(name), *(_cell(float(share)) for share in row), f"{test[name]:.3f}")
        for name, row in zip(shares.index, shares.to_numpy(), strict=True)
    ]
    profiles = [name.replace("_", " ") for name in PROFILES]
    heads = profiles if len(profiles) == len(arms) else arms
    return rows(("controller", *heads, "p of an even mixture, median"), cells)


def _cell(share: float) -> Markup:
    return Markup('{:.0%}<span class="meter"><b style="width:{:.0f}%;background:#0072B2"></b></span>').format(
        share, 100 * share
    )


def risk_picture(frame: pd.DataFrame) -> Markup:
    """Share wrong by coverage: the best threshold without audits in black, each reward profile in its colour."""
    x = frame["coverage"].to_numpy(np.float64)
    names = [name for name in frame.columns if name != "coverage"]
    values = frame[names].to_numpy(np.float64)
    ticks = charts.shares_to(float(np.nanmax(values)))
    axes = charts.Axes(
        x=(0.0, 1.0), y=(0.0, ticks[-1]), x_ticks=(0, 0.25, 0.5, 0.75, 1), y_ticks=ticks,
        x_label="coverage: share of tasks answered", y_label="share of them wrong", width=1300, height=380,
    )  # fmt: skip
    colours = [charts.INK if name == names[0] else charts.colour(k - 1) for k, name in enumerate(names)]
    marks = [
        charts.line(axes, x, values[:, k], stroke=colours[k], stroke_width=3 if k == 0 else 1.7, label=name)
        for k, name in enumerate(names)
    ]
    named = [(colour, name.replace("_", " ")) for colour, name in zip(colours, names, strict=True)]
    return charts.chart(axes, *marks, alt="Share wrong by coverage") + charts.key(named)
