"""`equipolis --multirun key=a,b,c ...`: every point of the grid that isn't done yet, here or on a cluster."""

from __future__ import annotations

import os
import secrets
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from hydra._internal.utils import get_args_parser
from hydra.errors import HydraException
from omegaconf import DictConfig
from rich.console import Console

from experiments.report.sweep import sweep_page
from experiments.sweep.cluster import on_ray
from experiments.sweep.directory import SweepDirectory, varied
from experiments.sweep.events import Journals
from experiments.sweep.grid import Composer, configurations, points_of
from experiments.sweep.point import Row, Task, UnfitWorker, code_fingerprint
from experiments.sweep.processes import in_processes
from experiments.sweep.progress import SweepProgress, standing
from experiments.untrusted import plain
from experiments.validate import validate
from sim.errors import InputError

WRITTEN_EVERY_S = 2.0
INCOMPLETE = 1
_STARTS_A_MODEL = ("experiments.backends.embedded", "experiments.studies.language.hub.hub")


def asked_for(arguments: Sequence[str]) -> bool:
    """Whether a command line asks for a sweep rather than for one run, or for help."""
    known, _ = get_args_parser().parse_known_args(list(arguments))
    return bool(known.multirun) and not (known.help or known.hydra_help or known.cfg or known.info)


def sweep(arguments: Sequence[str], console: Console) -> int:
    """Run every point that isn't done.

    Args:
        arguments: Of the command line: --multirun, and overrides some of which list several values.
        console: Where to print.

    Returns:
        0 if every point is done and healthy, else 1.

    Raises:
        InputError: The grid, its first point or the way it is spread can't be used.
        KeyboardInterrupt: Ctrl-C; what is done stays done, and the same command goes on.
    """
    given = get_args_parser().parse_args(list(arguments))
    with configurations():
        points = points_of(given.overrides)
        if given.config_dir:
            points = [[*point, f"hydra.searchpath=[file://{Path(given.config_dir).resolve()}]"] for point in points]
        first = _first(points)
    directory = SweepDirectory(Path(first.run.directory), first.run.name, points)
    start = secrets.token_hex(8)
    code = code_fingerprint()
    tasks = [
        Task(number=n, overrides=tuple(p), home=os.getcwd(), sweep=str(directory.path), start=start, code=code)
        for n, p in enumerate(points)
    ]
    console.print(f"[bold]sweep[/bold] of {len(points)} points -> {plain(str(directory.path))}", highlight=False)
    with directory.locked(start):
        try:
            rows = _work_off(tasks, first, directory, console)
        except UnfitWorker as error:
            raise InputError("sweep.address", first.sweep.address or "processes here", str(error)) from error
    return 0 if all(row.state == "done" for row in rows.values()) else INCOMPLETE


def _first(points: Sequence[Sequence[str]]) -> DictConfig:
    """The first point, checked here, so that what is wrong with all of them is said once and at once."""
    try:
        first = Composer().compose(points[0])
    except HydraException as error:
        cause = f": {error.__cause__}" if error.__cause__ else ""
        raise InputError("sweep", " ".join(points[0]), f"{error}{cause}".replace("\n", " ")) from error
    validate(first)
    return first


def _work_off(tasks: Sequence[Task], config: DictConfig, directory: SweepDirectory, console: Console) -> dict[int, Row]:
    started = time.monotonic()
    written = -WRITTEN_EVERY_S
    journals = Journals(directory.path, tasks[0].start)
    progress = SweepProgress(console, directory.points)
    rows: dict[int, Row] = {}

    def write() -> None:
        seconds = round(time.monotonic() - started, 1)
        details = {"seconds": seconds, "run_seconds": round(sum(row.seconds for row in rows.values()), 1)}
        directory.write(rows, journals.running(set(rows)), journals.attempts, details)

    try:
        with progress.shown():
            for row in _results(tasks, config, console):
                if row is not None:
                    rows[row.number] = row
                    if row.state != "done":
                        progress.failure(row)
                progress.update(rows, len(journals.running(set(rows))))
                if time.monotonic() - written > WRITTEN_EVERY_S:
                    write()
                    written = time.monotonic()
    finally:
        write()
        table, keys = directory.table(rows, set(), journals.attempts), list(varied(directory.points))
        directory.report(sweep_page(directory.path, table, keys, f"equipolis {shlex.join(sys.argv[1:])}"))
        console.print(standing(table, keys))
        before = sum(row.before for row in rows.values())
        console.print(
            f"{before} were done before; the table: {plain(str(directory.path / 'sweep.csv'))}", soft_wrap=True
        )
        console.print(f"report: {plain(str(directory.path / 'sweep.html'))}", highlight=False, soft_wrap=True)
    return rows


def _results(tasks: Sequence[Task], config: DictConfig, console: Console) -> Iterator[Row | None]:
    spread = config.sweep
    if spread.address is not None:
        return on_ray(tasks, address=spread.address, cpus=spread.cpus, gpus=spread.gpus, retries=spread.retries)
    workers = spread.workers
    if workers is None and config.study is None and config.language._target_ in _STARTS_A_MODEL:
        workers = 1
        console.print("one point at a time, as each starts the language model; sweep.workers= for more")
    workers = workers or max(1, len(os.sched_getaffinity(0)) // spread.cpus)
    return in_processes(tasks, workers=workers, cpus=spread.cpus, retries=spread.retries)
