"""A play that is watched and kept: every round in the run directory as it is played, all in one table at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from agents.language.protocol import LanguageModel
from agents.subpopulations.population import Population
from experiments.console import Reporter
from experiments.play import Record, play
from experiments.progress import keep_round, rounds_kept
from experiments.records import posts_table, rounds_table
from experiments.run_directory import RunDirectory
from platforms.protocol import Platform


class Length(NamedTuple):
    """How much is played and written.

    Attributes:
        rounds: Number of rounds.
        max_tokens: Longest post.
        temperature: Of the posts.
    """

    rounds: int
    max_tokens: int
    temperature: float


def recorded_play(
    platforms: Sequence[Platform],
    language: LanguageModel,
    population: Population,
    length: Length,
    *,
    directory: RunDirectory,
    reporter: Reporter,
) -> Record:
    """Play all platforms side by side, a round of all in one batch for the language model; close them at the end.

    Args:
        platforms: One per seed, or several kinds of them, all with one table.
        language: Writes the posts.
        population: Whose voices they are in.
        length: How much.
        directory: Gets the rounds and posts. Those of an interrupted play are played again and must come out the same.
        reporter: Shows progress.

    Raises:
        InputError: They don't.
    """
    table = platforms[0].table
    record = Record(
        seeds=[platform.seed_of_run for platform in platforms],
        start=np.stack([platform.profile for platform in platforms]),
    )
    kept = rounds_kept(directory.path)
    if kept:
        reporter.line(f"resuming: {kept} of {length.rounds} rounds were played")
    try:
        with reporter.progress() as progress:
            task = progress.add_task("rounds", total=length.rounds)

            def after_round() -> None:
                number = len(record.rounds) - 1
                keep_round(
                    directory,
                    number,
                    rounds=rounds_table(record, table.groups, number),
                    posts=posts_table(record, table.groups, table.questions, number),
                )
                progress.advance(task)
                directory.played(max(kept, number + 1), length.rounds)

            play(
                platforms,
                language,
                population.models,
                record=record,
                rounds=length.rounds,
                max_tokens=length.max_tokens,
                temperature=length.temperature,
                after_round=after_round,
            )
    finally:
        for platform in platforms:
            platform.close()
        directory.played(rounds_kept(directory.path), length.rounds)  # Ctrl-C may come between a round and its status
    directory.table("rounds.parquet", rounds_table(record, table.groups))
    directory.table("posts.parquet", posts_table(record, table.groups, table.questions))
    return record
