"""The lever panel: what brings a group back, and what that costs; a click applies it to the maps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import solara
from markupsafe import Markup

from experiments.dashboard import charts
from experiments.dashboard.explorer import SYMBOLS, Chosen, Standing
from experiments.dashboard.levers_model import Lever, levers
from experiments.dashboard.parts import badge, card, message, rows, show
from sim.maps.grid import COEFFICIENTS

_HEADS = (
    "lever", *(SYMBOLS[name] for name in COEFFICIENTS), "size of the change", "least weight after", "engagement",
    "price", "certified",
)  # fmt: skip


@solara.component
def Levers(chosen: Chosen, choose: Callable[[Chosen], None]) -> None:
    """The panel of levers.

    Args:
        chosen: The game and where it stands.
        choose: Moves it.
    """

    async def find() -> tuple[Lever, ...]:
        return await asyncio.to_thread(levers, chosen.table, chosen.incentives, chosen.threshold)

    found = solara.lab.use_task(find, dependencies=[chosen.table, chosen.incentives, chosen.threshold])
    with solara.Div(classes=["eq-cols"]):
        with solara.Div(classes=["eq-stack"]):
            Standing(chosen)
        with solara.Div(classes=["eq-stack"]):
            with card(f"What brings every group to a weight of {chosen.threshold:g}"):
                if found.error:
                    message(found.exception)
                elif not found.finished:
                    show(Markup('<p class="quiet">{}</p>').format("Solving ..."))
                else:
                    show(rows(_HEADS, [_row(lever, chosen) for lever in found.value]))
                    show(Markup('<p class="quiet" style="margin-top:8px">{}</p>').format(_WORDS))
                    Apply(found.value, chosen, choose)
            if found.finished:
                with card("Values that keep every group, the other two held"):
                    for lever in found.value:
                        if lever.coefficient is not None:
                            show(safe_bar(lever, getattr(chosen.incentives, lever.coefficient)))


_WORDS = (
    "Size: of the logarithms of the factors, a common factor being free, since only ratios of the incentives matter. "
    "Engagement: attractiveness of the mixture. Price: the share of it that is given up. "
    "Certified: the equilibrium was solved anew by another method."
)


def _row(lever: Lever, chosen: Chosen) -> tuple[object, ...]:
    found = lever.restored
    if found is None:
        return (lever.name, "", "", "", "", "", "", "", badge("none suffices", "warn"))
    values = [getattr(found.incentives, name) for name in COEFFICIENTS]
    now = [getattr(chosen.incentives, name) for name in COEFFICIENTS]
    shown = [
        Markup("<b>{:.4g}</b>").format(value) if value != before else f"{value:.4g}"
        for value, before in zip(values, now, strict=True)
    ]
    kept = badge("holds", "good") if found.holds else badge("fails", "bad")
    size = f"{found.size:.3f}" if np.isfinite(found.size) else "from zero"
    least = f"{found.certificate.mixture.min():.4f}"
    return (lever.name, *shown, size, least, f"{found.after.engagement:.4f}", f"{found.price + 0.0:.1%}", kept)


@solara.component
def Apply(found: tuple[Lever, ...], chosen: Chosen, choose: Callable[[Chosen], None]) -> None:
    """Buttons that move the maps and the levers to a lever's incentives, and back."""
    with solara.Row(style={"flex-wrap": "wrap", "gap": "8px"}):
        for lever in found:
            if lever.restored is not None:
                target = replace(chosen, incentives=lever.restored.incentives)
                solara.Button(f"Apply: {lever.name}", small=True, outlined=True, on_click=lambda to=target: choose(to))
        start = replace(chosen, incentives=chosen.table.incentives)
        solara.Button("Back to the start", small=True, text=True, on_click=lambda: choose(start))


def safe_bar(lever: Lever, now: float) -> Markup:
    """The values of one coefficient that keep every group, green on a line from 0.01 to 100, and where it stands."""
    axes = charts.Axes(
        x=(0.01, 100.0), y=(0.0, 1.0), x_ticks=(0.01, 0.1, 1.0, 10.0, 100.0), y_ticks=(), logarithmic="x",
        x_label=f"{lever.coefficient} {SYMBOLS[str(lever.coefficient)]}", y_label="", width=900, height=76,
    )  # fmt: skip
    assert lever.safe is not None  # noqa: S101 - one coefficient has its values
    marks = [charts.band(axes, 0.01, 100.0, fill="#eceff3", label="a group falls below")]
    words = []
    for low, high in lever.safe.tolist():
        words.append(f"{low:.4g} to {high:.4g}" if np.isfinite(high) else f"{low:.4g} and above")
        if high >= 0.01 and low <= 100:
            marks.append(charts.band(axes, max(low, 0.01), min(high, 100.0), fill="#8fc3e0", label=words[-1]))
    marks.append(charts.upright(axes, now, stroke_width=2.4, label=f"now {now:g}"))
    values = "; ".join(words) or "no value"
    return Markup('<p style="margin:6px 0 0">{}: {}</p>{}').format(
        lever.coefficient, values, charts.chart(axes, *marks, alt=f"{lever.coefficient}: {values} keep every group")
    )
