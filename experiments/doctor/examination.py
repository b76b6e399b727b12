"""All checks in order, as a table; the exit status says whether runs can work."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from experiments.doctor import folders, machine, model, packages
from experiments.doctor.finding import Check, Finding
from experiments.secrecy import hidden
from experiments.untrusted import plain

STYLES = {"ok": "green", "warn": "bold yellow", "fail": "bold red"}


def checks(runs: Path, *, deep: bool) -> list[Check]:
    """Every check; the deep ones load the model, start a server and take a minute or two."""
    found: list[Check] = [
        packages.python,
        packages.requirements,
        packages.constraints,
        packages.torch_build,
        packages.vllm,
        model.packaged,
        model.copy,
        machine.processor,
        machine.gpu,
        machine.memory,
        machine.shared_memory,
        machine.loopback,
        machine.walls,
        partial(folders.runs, runs),
        folders.cache,
        folders.temporary,
        folders.kernels,
        packages.ray,
        packages.dashboard,
        packages.git,
    ]
    return [*found, model.answer, model.served_answer] if deep else found


def examined(todo: Iterable[Check]) -> list[Finding]:
    """What each check finds; one that breaks is itself a finding, and keeps no other from being made."""
    findings = []
    for check in todo:
        try:
            findings.append(check())
        except Exception as error:  # noqa: BLE001 - said in the table, as a failure
            name = getattr(check, "func", check).__name__.replace("_", " ")
            findings.append(Finding(name, f"the check broke: {type(error).__name__}: {error}"[:300], "fail"))
    return findings


def shown(findings: Sequence[Finding]) -> Table:
    """Findings for the terminal; what programs said is never read as markup, and secrets are hidden."""
    table = Table(title="What runs need", title_justify="left")
    for name in ("what", "", "found", "what to do"):
        table.add_column(name, no_wrap=not name, overflow="fold")
    for finding in findings:
        state = f"[{STYLES[finding.state]}]{finding.state}[/]"
        table.add_row(plain(finding.what), state, *(plain(hidden(text)) for text in (finding.found, finding.remedy)))
    return table


def command(arguments: Sequence[str], console: Console) -> int:
    """`equipolis doctor [--deep] [--runs FOLDER]`.

    Returns:
        Exit status: 0 if runs can work, warnings or not; 1 if something they need is missing; 2 for a wrong usage.
    """
    parser = argparse.ArgumentParser(prog="equipolis doctor", description="Is everything here that a run needs?")
    parser.add_argument("--deep", action="store_true", help="also ask the packaged model, here and on a vLLM server")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where run directories go (default: runs)")
    given = parser.parse_args(arguments)
    findings = examined(checks(given.runs, deep=given.deep))
    console.print(shown(findings))
    failed, warned = ([f.what for f in findings if f.state == state] for state in ("fail", "warn"))
    console.print(f"failed: {', '.join(failed) or 'none'}; warnings: {', '.join(warned) or 'none'}", highlight=False)
    return 1 if failed else 0
