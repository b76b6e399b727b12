"""A play that is watched and kept: progress while it runs, its rounds and posts in the run directory at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from agents.language.protocol import LanguageModel
from agents.subpopulations.population import Population
from experiments.console import Reporter
from experiments.play import Record, play
from experiments.records import save_posts, save_rounds
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
        directory: Gets the rounds and posts, whole ones also of an interrupted play.
        reporter: Shows progress.
    """
    table = platforms[0].table
    record = Record(
        seeds=[platform.seed_of_run for platform in platforms],
        start=np.stack([platform.profile for platform in platforms]),
    )
    try:
        with reporter.progress() as progress:
            task = progress.add_task("rounds", total=length.rounds)

            def after_round() -> None:
                progress.advance(task)
                directory.status("running", f"{len(record.rounds)} of {length.rounds} rounds played")

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
        if record.rounds:
            save_rounds(directory, record, table.groups)
            save_posts(directory, record, table.groups, table.questions)
    return record
