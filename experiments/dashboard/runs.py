"""Which folders may be opened, what runs lie there, and one run's files, read with care: they may be anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.errors import InputError

DEFAULT_ROOT = Path("runs")
_roots: list[Path] = []
_first: list[Path] = []


def allow(opened: str | None, roots: Sequence[str]) -> None:
    """Say once, before serving, which folders may be read: those given, else ./runs, and the one of the first run.

    Args:
        opened: A run directory, or a folder of runs.
        roots: Folders.

    Raises:
        InputError: One of them is no folder.
    """
    given = [Path(root) for root in roots] or ([] if opened else [DEFAULT_ROOT])
    for folder in [*given, *([Path(opened)] if opened else [])]:
        if not folder.is_dir() and folder != DEFAULT_ROOT:
            raise InputError("folder", str(folder), "there is no such folder; name a run directory or a folder of runs")
    _roots[:] = [folder.resolve() for folder in given]
    _first[:] = []
    if opened:
        place = Path(opened).resolve()
        is_run = (place / "status.json").exists() or (place / "manifest.json").exists()
        _roots.append(place.parent if is_run else place)
        if is_run:
            _first.append(place)


def roots() -> tuple[Path, ...]:
    """Folders that may be read."""
    return tuple(_roots)
