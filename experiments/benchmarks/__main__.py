"""Measure everything once, show it, and write docs/benchmarks.md."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from experiments.benchmarks.document import markdown, terminal_tables
from experiments.benchmarks.equilibria import measure_best_responses, measure_equilibria
from experiments.benchmarks.language_model import measure_language_model
from experiments.benchmarks.maps import against_numpy, against_solvers
from experiments.benchmarks.measurement import Measurement
from experiments.benchmarks.platform_play import measure_play
from experiments.benchmarks.population import measure_population
from experiments.benchmarks.scale import measure_scale

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much is measured.

    Attributes:
        dimensions: Numbers of groups of the equilibria.
        games: Random games per dimension.
        enumerated: Games given to support enumeration.
        enumerable: Largest dimension given to support enumeration.
        population: Accounts that best-respond at once.
        accounts: Accounts on the synthetic platform, by platform.
        rounds: Rounds played on each.
        map_side: Values of each incentive on the map compared with numpy and with memory.
        solver_side: The same, of the map compared with exact solvers.
        crowd: Accounts of the compiled steps.
        differing: Numbers of accounts that differ, one equilibrium each.
        archetypes: Accounts on a feed whose posts come from a recorded pool.
        without_text: Accounts on a feed without text.
        writers: Accounts of one round on the language model; 0 leaves it out.
        sampled: Posts of that round that are also written one by one.
        max_tokens: Longest post.
        repeats: Repeats of each measurement.
    """

    dimensions: tuple[int, ...] = (6, 20)
    games: int = 100
    enumerated: int = 8
    enumerable: int = 6
    population: int = 1000
    accounts: tuple[int, ...] = (8, 64, 512)
    rounds: int = 20
    map_side: int = 1000
    solver_side: int = 100
    crowd: int = 1_000_000
    differing: tuple[int, ...] = (10, 100, 1_000, 10_000)
    archetypes: tuple[int, ...] = (10_000, 100_000)
    without_text: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    writers: int = 200
    sampled: int = 20
    max_tokens: int = 32
    repeats: int = 9


def measure(sizes: Sizes, report: Callable[[str], None]) -> tuple[list[Measurement], list[str]]:
    """Measure; what could not be measured comes back as lines with the reason."""
    rows, skipped = [], []
    for dimension in sizes.dimensions:
        enumerated = sizes.enumerated if dimension <= sizes.enumerable else 0
        rows += measure_equilibria(dimension, sizes.games, sizes.repeats, enumerated, report)
    rows += measure_best_responses(6, sizes.population, max(1, sizes.repeats // 2), report)
    rows += against_numpy(sizes.map_side, 5, sizes.repeats, report)
    rows += against_solvers(sizes.solver_side, 6, sizes.repeats, report)
    rows += measure_population(max(1, sizes.repeats // 2), report, sizes.crowd, sizes.differing)
    rows += measure_play(sizes.accounts, sizes.rounds, report)
    rows += measure_scale(sizes.archetypes, sizes.without_text, max(1, sizes.repeats // 3), report)
    if sizes.writers:
        found = measure_language_model(sizes.writers, sizes.sampled, sizes.max_tokens, 1, report)
        if isinstance(found, str):
            skipped.append(f"the language model, because {found}")
        else:
            rows += found
    return rows, skipped


def main() -> None:
    """Measure, print the table, write the page."""
    console = Console()
    before = os.getloadavg()[0]
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("start", total=None)
        rows, skipped = measure(Sizes(), lambda line: progress.update(task, description=line))
    for table in terminal_tables(rows):
        console.print(table)
    for line in skipped:
        console.print(f"Not measured: {line}", markup=False)
    PAGE.write_text(markdown(rows, skipped, (before, os.getloadavg()[0])), encoding="utf-8")
    console.print(f"Written: {PAGE.relative_to(PAGE.parents[1])}", markup=False)


if __name__ == "__main__":
    main()
