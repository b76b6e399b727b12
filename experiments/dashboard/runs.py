"""What a run directory says of itself."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.dashboard.reading import read_json
from experiments.run_directory import BEGUN, DONE, FINDINGS, STATUS
from sim.errors import InputError

VERDICT, MANIFEST, PREDICTION, REPORT = "verdict.json", "manifest.json", "prediction.json", "report.html"
_SIGNS = (STATUS, MANIFEST, VERDICT, FINDINGS, BEGUN)
_SILENCE = 600
"""Seconds without a file written after which a run that calls itself running may have been killed."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Run:
    """What a run directory says.

    Attributes:
        path: Where it lies.
        state: "done", "running", "unhealthy", "failed", "interrupted" or "unknown".
        note: What its status adds.
        rounds: Rounds played and to be played, if it says so.
        config: Its configuration; empty if unknown.
        verdict: Contents of verdict.json, of a play that was judged.
        prediction: Contents of prediction.json, of a play that was begun.
        findings: Contents of findings.json, of a finished study.
        problems: What lies there and can't be read.
    """

    path: Path
    state: str
    note: str
    rounds: tuple[int, int] | None
    config: dict[str, Any]
    verdict: dict[str, Any] | None
    prediction: dict[str, Any] | None
    findings: dict[str, Any] | None
    problems: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of the directory."""
        return self.path.name


def is_run(place: Path) -> bool:
    """Whether a folder looks like a run directory."""
    return any((place / sign).is_file() for sign in _SIGNS)


def open_run(place: Path) -> Run:
    """Read what a run directory says of itself; what can't be read is listed, not fatal.

    Raises:
        InputError: No run lies there.
    """
    if not place.is_dir() or not is_run(place):
        signs = ", ".join(_SIGNS)
        raise InputError("run directory", str(place), f"no run lies there: it holds none of {signs}")
    problems: list[str] = []

    def part(name: str) -> dict[str, Any] | None:
        if not (place / name).exists():
            return None
        try:
            return read_json(place / name)
        except InputError as error:
            problems.append(str(error))
            return None

    status, manifest, begun = part(STATUS) or {}, part(MANIFEST) or {}, part(BEGUN) or {}
    config = manifest.get("config") or begun.get("config")
    state = str(status.get("state", "unknown"))
    if (place / DONE).is_file() and state not in ("done", "unhealthy"):
        state = "done"
    played, of = status.get("rounds_played"), status.get("rounds")
    return Run(
        path=place,
        state=state,
        note=str(status.get("message", "")) or (_silent(place) if state == "running" else ""),
        rounds=(played, of) if isinstance(played, int) and isinstance(of, int) else None,
        config=config if isinstance(config, dict) else {},
        verdict=part(VERDICT),
        prediction=part(PREDICTION),
        findings=part(FINDINGS),
        problems=tuple(problems),
    )


def _silent(place: Path) -> str:
    """A run that was killed says nothing more of itself, so that its silence is all there is to tell."""
    last = max((written for _, written, _ in stamp(place)), default=0) / 1e9
    minutes = int(time.time() - last) // 60
    return f"nothing written for {minutes} minutes: killed, or a long step" if minutes >= _SILENCE // 60 else ""


def stamp(place: Path) -> tuple[tuple[str, int, int], ...]:
    """Names, times and sizes of a run's files: another stamp, another content."""
    found = []
    for folder in (place, place / "progress"):
        try:
            for each in folder.iterdir():
                if each.is_file() and not each.name.startswith("."):
                    facts = each.stat()
                    found.append((each.name, facts.st_mtime_ns, facts.st_size))
        except OSError:
            continue
    return tuple(sorted(found))
