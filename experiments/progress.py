"""A play's rounds in its run directory while it is played: parts that a watcher reads and an interruption leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from experiments.run_directory import PROGRESS, RunDirectory

Kind = Literal["rounds", "posts"]


def keep_round(directory: RunDirectory, number: int, *, rounds: pa.Table, posts: pa.Table) -> None:
    """Write the parts of one round, its posts first: where the rounds are, the posts are.

    Raises:
        InputError: An interrupted run played this round otherwise.
    """
    (directory.path / PROGRESS).mkdir(exist_ok=True)
    directory.table(f"{PROGRESS}/posts-{number:06d}.parquet", posts)
    directory.table(f"{PROGRESS}/rounds-{number:06d}.parquet", rounds)


def rounds_kept(path: Path) -> int:
    """Rounds whose parts lie in a run directory."""
    return len(_parts(path, "rounds"))


def so_far(path: Path, kind: Kind) -> pa.Table | None:
    """Rounds or posts of a run directory, finished or not: the whole table, else what is there of it.

    Returns:
        Rows as in `<kind>.parquet`, in its order; None before the first round.
    """
    whole = path / f"{kind}.parquet"
    if whole.exists():
        return pq.read_table(whole)
    parts = _parts(path, kind)[: rounds_kept(path)]
    return pa.concat_tables([pq.read_table(part) for part in parts]) if parts else None


def _parts(path: Path, kind: Kind) -> list[Path]:
    return sorted((path / PROGRESS).glob(f"{kind}-*.parquet"))
