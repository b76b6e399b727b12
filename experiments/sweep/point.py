"""One point of a sweep, wherever it runs: composed, run as any other run, and summed up in a row."""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import socket
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from hydra.errors import HydraException
from rich.console import Console

from experiments.run_directory import LOCK, RunDirectory
from experiments.secrecy import hidden
from experiments.sweep.events import Journal
from experiments.sweep.grid import Composer, configurations, package_folders
from sim.errors import InputError

START = "start"
"""File of a sweep's directory that holds which start of the sweep is under way."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A point to run; plain data, so that any process on any node can take it.

    Attributes:
        number: Of the point in the sweep, from 0.
        overrides: What makes it, one value each.
        home: Folder that relative paths start from.
        sweep: Directory of the sweep, which every worker must see.
        start: Which start of the sweep this is.
        code: Fingerprint of the code that must run it.
    """

    number: int
    overrides: tuple[str, ...]
    home: str
    sweep: str
    start: str
    code: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """What became of a point.

    Attributes:
        number: Of the point.
        overrides: What makes it.
        state: "done"; "unhealthy": done, but its run complains; or "failed".
        message: Why it isn't done, or what its run complains of.
        path: Its run directory; empty if it has none.
        kind: Verdict of a play; of a study, how many claims agree, differ, can't be tested.
        numbers: Distance to the prediction with its interval, exploitability; empty for a study.
        claims: Name of a study's claim to its outcome; empty for a play.
        seconds: Run time; of a point that lay there already, the time to see that.
        before: Whether it was done before this start of the sweep.
        host: Machine that ran it.
        process: Process there.
    """

    number: int
    overrides: tuple[str, ...]
    state: str
    message: str = ""
    path: str = ""
    kind: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)
    claims: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    before: bool = False
    host: str = ""
    process: int = 0


class UnfitWorker(Exception):
    """A worker that can't run any point of this sweep, so that the sweep must stop; says why and what to do."""


def run_point(task: Task) -> Row:
    """Run one point; whatever goes wrong in it is in the row.

    Raises:
        UnfitWorker: This process doesn't see the sweep's directory, or has other code.
    """
    _check_worker(task)
    started = time.monotonic()
    try:
        journal = Journal(Path(task.sweep), task.start)
        journal.began(task.number)
        found = _run(task, journal.log)
        journal.ended(task.number, "before" if found.get("before") else found["state"])
    except OSError as error:  # of the journal: a run says by itself what its disk refuses
        found = {"state": "failed", "message": f"system: {error}"}
    return Row(
        number=task.number,
        overrides=task.overrides,
        seconds=round(time.monotonic() - started, 3),
        host=socket.gethostname(),
        process=os.getpid(),
        **found,
    )


def _run(task: Task, log: Path) -> dict[str, Any]:
    from experiments.command import run

    printed = io.StringIO()
    console = Console(file=printed, emoji=False, width=120, color_system=None)
    directory: RunDirectory | None = None
    try:
        with configurations():
            config = _composer().compose(task.overrides)
        directory = RunDirectory(config)
        _wait_for_others(directory.path)
        before = directory.done and not config.run.force
        status = run(config, console)
    except (HydraException, InputError) as error:
        return {"state": "failed", "message": hidden(f"bad input: {_first_line(error)}")}
    except Exception as error:  # noqa: BLE001 - a point that crashes is told of in its row, and the others go on
        printed.write(traceback.format_exc() + f"stopped {type(error).__name__}: {error}\n")
        status, before = 1, False
    finally:
        with log.open("a", encoding="utf-8") as file:
            file.write(f"--- point {task.number}: {' '.join(task.overrides)}\n{hidden(printed.getvalue())}")
    message = "" if status == 0 else hidden(" ".join(printed.getvalue().rpartition("stopped")[2].split()))
    found = {"message": message, "path": "" if directory is None else str(directory.path), "before": before}
    if directory is None or not directory.done:
        return {**found, "state": "failed"}
    return {**found, "state": "unhealthy" if status else "done", **summary(directory.path)}


def summary(path: Path) -> dict[str, Any]:
    """The findings of a finished run directory in a row: `kind`, `numbers` and `claims`."""
    verdict, findings = path / "verdict.json", path / "findings.json"
    if verdict.is_file():
        found = json.loads(verdict.read_text(encoding="utf-8"))["verdict"]
        distance = found["distance"]
        numbers = {"distance": distance["estimate"], "distance_low": distance["low"], "distance_high": distance["high"]}
        numbers["exploitability"] = found["exploitability"]["estimate"]
        return {"kind": found["kind"], "numbers": numbers}
    claims = {c["name"]: c["outcome"] for c in json.loads(findings.read_text(encoding="utf-8"))["claims"]}
    outcomes = list(claims.values())
    counts = [f"{outcomes.count(outcome)} {outcome}" for outcome in dict.fromkeys(outcomes)]
    return {"kind": ", ".join(counts), "claims": claims}


@cache
def code_fingerprint() -> str:
    """Hash of all code and configurations as this process first saw them, and the version of Python."""
    digest = hashlib.sha256(sys.version.split()[0].encode())
    for folder in package_folders():
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".yaml", ".json", ".j2"):
                digest.update(f"{path.relative_to(folder.parent)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def _composer() -> Composer:
    return Composer()  # one for all points that this process runs


def _check_worker(task: Task) -> None:
    where = f"{socket.gethostname()}, process {os.getpid()}"
    try:
        os.chdir(task.home)
        known = (Path(task.sweep) / START).read_text(encoding="utf-8")
    except OSError as error:
        known = f"{error.strerror}"
    if known != task.start:
        raise UnfitWorker(
            f"{where} doesn't see {task.sweep} ({known}); run directories must lie where every node sees them "
            "under the same path: choose such a folder with run.directory=, and start from one"
        )
    if code_fingerprint() != task.code:
        raise UnfitWorker(
            f"{where} has other code or another Python than the machine the sweep was started on; "
            "give every node the same checkout and environment, and start its Ray anew"
        )


def _wait_for_others(path: Path) -> None:
    """Wait while another process runs the same configuration: one cut off from a lost node, or the point's twin."""
    with (path / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


def _first_line(error: Exception) -> str:
    cause = error.__cause__ or error
    return f"{error}".splitlines()[0] + (f" ({f'{cause}'.splitlines()[0]})" if cause is not error else "")
