"""Tables of a run: opinions, rounds and posts as Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from agents.subpopulations.population import Opinions
from experiments.play import Record
from experiments.run_directory import RunDirectory


def save_opinions(directory: RunDirectory, opinions: Opinions) -> None:
    """opinions.parquet: one row per group, question and option; `people` is the true answer share if known."""
    rows: dict[str, list[Any]] = {
        name: [] for name in ("group", "share", "question", "option", "probability", "people", "leaning")
    }
    table = opinions.table
    for q, question in enumerate(table.questions):
        for g, group in enumerate(table.groups):
            for k, probability in enumerate(table.probabilities[q][g]):
                known = opinions.people.probabilities[q][g, k] if opinions.people else None
                leaning = opinions.leanings[g, q] if opinions.leanings is not None else None
                for name, value in zip(
                    rows, (group, table.shares[g], question, k, probability, known, leaning), strict=True
                ):
                    rows[name].append(value)
    directory.table("opinions.parquet", rows)


def rounds_table(record: Record, groups: Sequence[str], first: int = 0) -> pa.Table:
    """One row per round, seed and account: the mixture played and what it earned.

    Args:
        record: What was played.
        groups: Names of the groups.
        first: First round of the table; it ends with the last one played.
    """
    played = record.rounds[first:]
    accounts = record.start.shape[1]
    number, seed, account = (
        axis.ravel()
        for axis in np.meshgrid(
            np.arange(first, first + len(played)), np.asarray(record.seeds), np.arange(accounts), indexing="ij"
        )
    )
    columns: dict[str, Any] = {"seed": seed, "round": number, "account": account}
    for name in ("payoffs", "engagement", "inconsistency", "redundancy"):
        columns[name] = np.array([[getattr(f, name) for f in one.feedback] for one in played]).ravel()
    before = record.rounds[first - 1].profiles if first else record.start
    profiles = np.stack([before, *(one.profiles for one in played)])
    held = profiles[:-1].reshape(-1, len(groups))
    after = profiles[1:].reshape(-1, len(groups))
    for d, group in enumerate(groups):
        columns[f"played {group}"] = held[:, d]
        columns[f"next {group}"] = after[:, d]
    return pa.table(columns)


def posts_table(record: Record, groups: Sequence[str], questions: Sequence[str], first: int = 0) -> pa.Table:
    """One row per post: who, in whose voice, about what, the text, and how likely it is under each group.

    Args:
        record: What was played.
        groups: Names of the groups.
        questions: Texts of the questions.
        first: As of `rounds_table`.
    """
    rows = [
        (record.seeds[s], number, post, heard)
        for number, one in enumerate(record.rounds[first:], first)
        for (s, post), heard in zip(one.posts, one.logprobs, strict=True)
    ]
    posts = [post for _, _, post, _ in rows]
    columns: dict[str, pa.Array] = {
        "seed": pa.array([seed for seed, _, _, _ in rows], pa.int64()),
        "round": pa.array([number for _, number, _, _ in rows], pa.int64()),
        "account": pa.array([post.draft.account for post in posts], pa.int64()),
        "group": pa.array([groups[post.draft.group] for post in posts], pa.string()),
        "topic": pa.array([questions[post.draft.topic] for post in posts], pa.string()),
        "answer": pa.array([post.draft.answer for post in posts], pa.int64()),
        "text": pa.array([post.text for post in posts], pa.string()),
        "voice": pa.array([groups[post.voice] if post.voice >= 0 else None for post in posts], pa.string()),
    }
    for d, group in enumerate(groups):
        likely = [None if heard is None else float(heard[d]) for _, _, _, heard in rows]
        columns[f"logprob {group}"] = pa.array(likely, pa.float64())
    return pa.table(columns)
