"""Which folders may be opened, and which runs lie there. Whatever a browser asks for, nothing else is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from experiments.dashboard.runs import is_run
from sim.errors import InputError

DEFAULT_ROOT = Path("runs")
_MOST_LISTED = 400
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
        _roots.append(place.parent if is_run(place) else place)
        _first[:] = [place] if is_run(place) else []


def allowed() -> tuple[Path, ...]:
    """Folders that may be read."""
    return tuple(_roots)


def first() -> Path | None:
    """The run to show first, if one was named."""
    return _first[0] if _first else None


def within(text: str) -> Path:
    """A path that somebody typed, as it really is, if that may be read.

    Args:
        text: Absolute, or relative to one of the allowed folders or to where the dashboard was started.

    Raises:
        InputError: It leads outside of the allowed folders, by whatever links, or nowhere.
    """
    typed = text.strip().strip("'\"")
    if not typed or "\0" in typed or len(typed) > 4000:
        raise InputError("path", repr(typed[:80]), "type the path of a run directory or of a table")
    tried = [Path(typed).expanduser(), *(root / typed for root in _roots)]
    inside = [
        path for path in (place.resolve() for place in tried) if any(path.is_relative_to(root) for root in _roots)
    ]
    if not inside:
        shown = ", ".join(str(root) for root in _roots) or "none"
        raise InputError(
            "path", typed, f"outside of what may be opened here ({shown}); start with --root to add a folder"
        )
    there = next((path for path in inside if path.exists()), None)
    if there is None:
        raise InputError("path", typed, "nothing lies there")
    return there


def listing() -> tuple[Path, ...]:
    """Run directories in the allowed folders and one folder below, newest first."""
    found: dict[Path, float] = {}
    for root in _roots:
        for place in [root, *_folders(root), *(below for folder in _folders(root) for below in _folders(folder))]:
            if is_run(place):
                found[place] = place.stat().st_mtime
    return tuple(sorted(found, key=lambda place: -found[place])[:_MOST_LISTED])


def _folders(place: Path) -> list[Path]:
    if is_run(place):
        return []
    try:
        return sorted(each for each in place.iterdir() if each.is_dir() and not each.is_symlink())[: 4 * _MOST_LISTED]
    except OSError:
        return []
