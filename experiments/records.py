"""Tables of a run: opinions, rounds and posts as Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

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


def save_rounds(directory: RunDirectory, record: Record, groups: Sequence[str]) -> None:
    """rounds.parquet: one row per seed, round and account: the mixture played and what it earned."""
    rounds, accounts = len(record.rounds), record.start.shape[1]
    number, seed, account = (
        axis.ravel()
        for axis in np.meshgrid(np.arange(rounds), np.asarray(record.seeds), np.arange(accounts), indexing="ij")
    )
    columns: dict[str, Any] = {"seed": seed, "round": number, "account": account}
    for name in ("payoffs", "engagement", "inconsistency", "redundancy"):
        columns[name] = np.array([[getattr(f, name) for f in played.feedback] for played in record.rounds]).ravel()
    profiles = record.trajectories.swapaxes(0, 1)
    played = profiles[:-1].reshape(-1, len(groups))
    after = profiles[1:].reshape(-1, len(groups))
    for d, group in enumerate(groups):
        columns[f"played {group}"] = played[:, d]
        columns[f"next {group}"] = after[:, d]
    directory.table("rounds.parquet", columns)


def save_posts(directory: RunDirectory, record: Record, groups: Sequence[str], questions: Sequence[str]) -> None:
    """posts.parquet: one row per post: who, in whose voice, about what, the text, and how likely under each group."""
    posts = [post for _, _, post in record.posts]
    columns: dict[str, Any] = {
        "seed": [record.seeds[s] for s, _, _ in record.posts],
        "round": [number for _, number, _ in record.posts],
        "account": [post.draft.account for post in posts],
        "group": [groups[post.draft.group] for post in posts],
        "topic": [questions[post.draft.topic] for post in posts],
        "answer": [post.draft.answer for post in posts],
        "text": [post.text for post in posts],
        "voice": [groups[post.voice] if post.voice >= 0 else None for post in posts],
    }
    for d, group in enumerate(groups):
        columns[f"logprob {group}"] = [None if heard is None else float(heard[d]) for heard in record.logprobs]
    directory.table("posts.parquet", columns)
