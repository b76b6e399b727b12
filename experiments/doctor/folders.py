"""Folders: they can be written, and there is room."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import platformdirs

import sim
from experiments.doctor.finding import Finding, bounded

GIB = 2**30
MODEL_COPY_GIB = 0.5
"""What a cache without the packaged model's copy must hold, with room to write it."""
RUN_GIB = 1.0
"""More than any run of the shipped experiments leaves."""


def runs(folder: Path, needed_gib: float = RUN_GIB) -> Finding:
    """Where run directories go."""
    return _writable("run directories", folder, needed_gib, "set run.directory= to another folder")


def cache(folder: Path | None = None, needed_gib: float = MODEL_COPY_GIB) -> Finding:
    """Where models, adapters and readings are kept."""
    place = platformdirs.user_cache_path("equipolis") if folder is None else folder
    return _writable("cache", place, needed_gib, "set XDG_CACHE_HOME to another folder")


def temporary(needed_gib: float = 0.1) -> Finding:
    """Where temporary files go."""
    return _writable("temporary files", Path(tempfile.gettempdir()), needed_gib, "set TMPDIR to another folder")


def kernels(folder: Path | None = None) -> Finding:
    """Where compiled kernels are kept: without it every start compiles them anew."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    place = folder or Path(chosen or Path(sim.__file__).parent)
    if os.access(place if place.is_dir() else place.parent, os.W_OK):
        count = sum(1 for _ in place.rglob("*.nbc")) if place.is_dir() else 0
        return Finding(
            "compiled kernels", f"{place}: {count} kept" + ("" if count else ", the first start takes longer")
        )
    remedy = "every start compiles for a minute; set NUMBA_CACHE_DIR to a folder that can be written"
    return Finding("compiled kernels", f"{place}: can't be written", "warn", remedy)


def _writable(what: str, folder: Path, needed_gib: float, remedy: str) -> Finding:
    try:
        existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
        with tempfile.TemporaryFile(dir=existing) as file:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
        free = shutil.disk_usage(existing).free / GIB
    except OSError as error:
        return Finding(what, f"{folder}: {error.strerror}", "fail", remedy)
    return bounded(
        what,
        f"{folder}: {free:.1f} GiB free",
        free,
        needed=needed_gib,
        wanted=4 * needed_gib,
        remedy=f"free some space, or {remedy}",
    )
