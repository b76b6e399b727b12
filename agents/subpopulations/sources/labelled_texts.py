"""Texts of groups from any table with a column for the group and one for the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agents.subpopulations.corpus import Text, split_corpus
from agents.subpopulations.sources.cells import filled, require_columns
from agents.subpopulations.sources.fetch import Given, sha256
from agents.subpopulations.sources.source import LoadedCorpus, Source
from agents.subpopulations.sources.table_file import TableFile, read_table
from agents.subpopulations.subpopulation_model import POST_PROMPT
from sim.errors import InputError

LAYOUT = "one row a text: a column for the group, one for the text, perhaps one for the topic"


def load(
    path: Given,
    *,
    group: str = "group",
    text: str = "text",
    topic: str | None = None,
    groups: Sequence[str] | None = None,
    heldout: float = 0.2,
    seed: int = 0,
    encoding: str = "utf-8",
    split: str = "train",
) -> LoadedCorpus:
    """Read a corpus.

    Args:
        path: CSV, Parquet or a saved dataset.
        group: Column of the group.
        text: Column of what the group says.
        topic: Column of the topic, which the prompt names; None for an empty prompt.
        groups: Those wanted, in order; None for all.
        heldout: Share of the smallest group's texts that is held out.
        seed: Seed of the lot that holds them out.
        encoding: Of a text file.
        split: Of a saved dataset with several.

    Raises:
        InputError: Not such a table, an empty cell, or a group with fewer than two texts.
    """
    file = read_table(path, encoding=encoding, split=split)
    require_columns(file, [group, text, *([topic] if topic else [])], LAYOUT)
    wanted = tuple(dict.fromkeys(filled(file, group))) if groups is None else tuple(groups)
    texts = texts_by_group(file, {name: (name,) for name in wanted}, group=group, text=text, topic=topic)
    note = f"{sum(map(len, texts.values()))} texts; held out by lot with seed {seed}"
    source = Source(file.path.name, "the user's own data", "the user's own data", "", sha256(file.path), note)
    return LoadedCorpus(split_corpus(texts, heldout, seed), source)


def texts_by_group(
    file: TableFile, groups: Mapping[str, Sequence[str]], *, group: str, text: str, topic: str | None
) -> dict[str, list[Text]]:
    """Texts of each group, which may be known under several labels.

    Args:
        file: The table.
        groups: Group name -> its labels in the group column.
        group: Column of the group.
        text: Column of the text.
        topic: Column of the topic, or None.

    Raises:
        InputError: None of a group's labels occurs, or an empty cell.
    """
    labels = filled(file, group)
    said = {}
    for name, own in groups.items():
        rows = TableFile(file.path, file.rows[labels.isin(list(own))], file.first_row)
        if rows.rows.empty:
            most = ", ".join(f"{label} ({n})" for label, n in labels.value_counts().head(20).items())
            raise InputError(f"group {name!r}", list(own), f"not in column {group!r}; most frequent there: {most}")
        prompts = (
            filled(rows, topic).map(lambda value: POST_PROMPT.format(topic=value)) if topic else [""] * len(rows.rows)
        )
        said[name] = [
            Text(prompt, f" {own_text}") for prompt, own_text in zip(prompts, filled(rows, text), strict=True)
        ]
    return said
