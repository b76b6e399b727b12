"""Small pieces that every panel is built of. Text of data and models goes through Markup, which escapes it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import solara
from markupsafe import Markup

from sim.errors import InputError


def show(content: Markup) -> Any:
    """Put escaped markup on the page."""
    return solara.HTML(tag="div", unsafe_innerHTML=str(content))


def message(text: object, *, note: bool = False) -> Any:
    """Say what is wrong, or what to know, in a box."""
    kind = "message note" if note else "message"
    return show(
        Markup('<div class="{}" role="{}">{}</div>').format(kind, "status" if note else "alert", readable(text))
    )


def readable(problem: object) -> str:
    """An error as a sentence; of what the program didn't foresee, its kind too."""
    if isinstance(problem, InputError | str):
        return str(problem)
    return f"{type(problem).__name__}: {problem}"


def png(content: bytes) -> str:
    """A PNG as a data address."""
    return "data:image/png;base64," + base64.b64encode(content).decode()


def card(title: str = "") -> Any:
    """A box with a heading, to be used as a context."""
    box = solara.Div(classes=["eq-card"])
    if title:
        with box:
            show(Markup("<h2>{}</h2>").format(title))
    return box


def rows(
    heads: Sequence[str], cells: Sequence[Sequence[object]], *, texts: Sequence[int] = (), focal: int = -1
) -> Markup:
    """A table.

    Args:
        heads: Heads of the columns.
        cells: Rows; a Markup stays as it is, all else is escaped.
        texts: Columns, beside the first, that hold words.
        focal: Row to bring out.
    """

    def kind(column: int) -> str:
        return "text" if column in texts else ""

    head = Markup("").join(Markup('<th class="{}">{}</th>').format(kind(k), name) for k, name in enumerate(heads))
    body = Markup("").join(
        Markup('<tr class="{}">{}</tr>').format(
            "focal" if number == focal else "",
            Markup("").join(Markup('<td class="{}">{}</td>').format(kind(k), cell) for k, cell in enumerate(row)),
        )
        for number, row in enumerate(cells)
    )
    return Markup('<table class="eq"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>').format(head, body)


def chip(fill: str, text: str) -> Markup:
    """A name with its colour."""
    return Markup('<i class="chip" style="background:{}"></i>{}').format(fill, text)


def meter(share: float, fill: str) -> Markup:
    """A bar of a share from 0 to 1."""
    return Markup('<span class="meter"><b style="width:{:.1f}%;background:{}"></b></span>').format(
        100 * min(max(share, 0.0), 1.0), fill
    )


def badge(text: str, kind: str = "") -> Markup:
    """A word on a colour: "good", "warn", "bad", "info" or plain."""
    return Markup('<span class="badge eq-{}">{}</span>').format(kind, text)
