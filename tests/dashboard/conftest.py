"""A finished run to look at, folders that may be opened, and components rendered without a browser."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import solara
from rich.console import Console

from experiments.command import run
from experiments.dashboard import roots

TINY = ("experiment=synthetic", "platform.rounds=32", "platform.accounts=4", "run.seeds=2")


@pytest.fixture(scope="session")
def runs(composed, tmp_path_factory) -> Path:
    """A folder with one finished run."""
    folder = tmp_path_factory.mktemp("runs")
    assert run(composed(*TINY, f"run.directory={folder}"), Console(file=io.StringIO())) in (0, 5)
    return folder


@pytest.fixture
def finished(runs) -> Iterator[Path]:
    """The finished run, in a folder that may be opened."""
    roots.allow(str(runs), [])
    yield next(runs.iterdir())
    roots.allow(None, [])


@pytest.fixture
def rendered() -> Iterator[Callable[[Any], str]]:
    """Render an element and return all its markup; an exception of a component is one of the test."""
    contexts = []

    def render(element: Any) -> str:
        box, context = solara.render(element, handle_error=False)
        contexts.append(context)
        return "\n".join(_texts(box, set()))

    yield render
    for context in contexts:
        context.close()


def _texts(node: Any, seen: set[int]) -> Iterator[str]:
    """Everything that a tree of widgets would show."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, list | tuple):
        for each in node:
            yield from _texts(each, seen)
    elif isinstance(node, dict):
        yield from _texts(list(node.values()), seen)
    elif hasattr(node, "keys") and id(node) not in seen:
        seen.add(id(node))
        for name in node.keys:
            if not name.startswith("_") and name != "layout":
                yield from _texts(getattr(node, name), seen)
