"""What a run says in the terminal: each step with its seconds, progress, and the verdict as a table."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from experiments.assess import Assessment
from experiments.health import Health
from experiments.result import Result
from experiments.untrusted import plain

STYLES = {
    "converged": "bold green",
    "converged elsewhere": "bold yellow",
    "cycling": "bold magenta",
    "chaotic": "bold magenta",
    "diverged": "bold red",
    "undecided": "bold cyan",
}


class Reporter:
    """Prints the steps of a run and remembers how long each took.

    Args:
        console: Where to print.

    Attributes:
        seconds: Step name -> seconds, in order.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self.seconds: dict[str, float] = {}

    def line(self, text: str) -> None:
        """Print one line under the current step; text from models is never read as markup."""
        self.console.print(f"  {plain(text)}", highlight=False)

    def warning(self, text: str) -> None:
        """Print one line that asks to be checked."""
        self.console.print(f"  [yellow]to check:[/yellow] {plain(text)}", highlight=False, soft_wrap=True)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Announce a step, time it, and say how long it took."""
        self.console.print(f"[bold]{plain(name)}[/bold]")
        started = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - started, 2)
        self.console.print(f"  [dim]{self.seconds[name]:.1f} s[/dim]", highlight=False)

    def health(self, health: Health) -> None:
        """Say whether the run is healthy, if there was anything to count."""
        if health.checks:
            style = "green" if health.healthy else "bold red"
            self.console.print(f"health: [{style}]{plain(str(health))}[/]", highlight=False, soft_wrap=True)

    def progress(self) -> Progress:
        """A progress bar for rounds."""
        return Progress(
            TextColumn("  {task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self.console,
        )


def verdict_table(result: Result) -> Table:
    """Prediction against observation by group, with the verdict as the title."""
    assessment, prediction = result.assessment, result.prediction
    verdict = assessment.verdict
    table = Table(
        title=f"Verdict: [{STYLES[verdict.kind]}]{verdict.kind}[/]",
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("group")
    for name in ("predicted", "observed", "range of seed intervals", "gap"):
        table.add_column(name, justify="right")
    low, high = seed_interval(assessment)
    for d, group in enumerate(result.groups):
        table.add_row(
            plain(group),
            f"{prediction.mixture[d]:.3f}",
            f"{verdict.settled[d]:.3f}",
            f"{low[d]:.3f} to {high[d]:.3f}",
            f"{verdict.settled[d] - prediction.mixture[d]:+.3f}",
        )
    parts = ", ".join(f"{name} {size:.3f}" for name, size in assessment.gap.sizes().items())
    table.caption = (
        f"distance to the prediction {interval(verdict.distance)}; exploitability {interval(verdict.exploitability)}\n"
        f"gap by cause (total variation): {parts}\n"
        f"negative control (wrong prediction): {assessment.control.verdict.kind}\n"
        f"{plain(rival_lines(assessment))}\n" + plain("\n".join(verdict.reasons))
    )
    return table


def seed_interval(assessment: Assessment) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest end of the seeds' own intervals of the settled population mixture, (D,) and (D,)."""
    bounds = np.stack([seed.interval for seed in assessment.verdict.seeds])
    return bounds[:, :, 0].min(axis=0), bounds[:, :, 1].max(axis=0)


def rival_lines(assessment: Assessment) -> str:
    """One line per simpler theory: how far from the prediction, and what the play says of it."""
    return "\n".join(
        f"rival theory ({rival.name}, {rival.separation:.3f} away): {rival.kind}" for rival in assessment.rivals
    )


def interval(value: object) -> str:
    """An estimate with its interval, to three digits."""
    estimate, low, high = (getattr(value, name) for name in ("estimate", "low", "high"))
    return f"{estimate:.3g} [{low:.3g}, {high:.3g}]"
