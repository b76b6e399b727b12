"""CultureBank: what people of cultural groups do, gathered from TikTok and Reddit.

Layout (github.com/SALT-NLP/CultureBank, pipeline/component_8_final_formatter.py and the dataset SALT-NLP/CultureBank
on Hugging Face: culturebank_reddit.csv, culturebank_tiktok.csv): cluster_id, cultural group, context, ...,
actor_behavior, topic, agreement (0 to 1), ..., eval_whole_desc (the whole entry in prose). A prompt names the topic;
the text is the entry in prose, which speaks about the group, not in its voice. The bytes are not pinned, so the user
brings the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agents.subpopulations.corpus import split_corpus
from agents.subpopulations.sources.cells import numbers, require_columns
from agents.subpopulations.sources.fetch import Given, own, sha256
from agents.subpopulations.sources.labelled_texts import texts_by_group
from agents.subpopulations.sources.source import LoadedCorpus, Source
from agents.subpopulations.sources.table_file import TableFile, read_table
from sim.errors import InputError

URL = "https://huggingface.co/datasets/SALT-NLP/CultureBank"
GROUP, TOPIC, AGREEMENT = "cultural group", "topic", "agreement"


def load(
    path: Given | None = None,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    text: str = "eval_whole_desc",
    agreement: float = 0.5,
    heldout: float = 0.2,
    seed: int = 0,
) -> LoadedCorpus:
    """Read the entries of some cultural groups.

    Args:
        path: The user's own culturebank_reddit.csv or culturebank_tiktok.csv.
        groups: Group name -> its labels in the file, as {"American": ["American", "Americans"]}.
        text: Column of the text: eval_whole_desc, or actor_behavior (short).
        agreement: Least agreement of an entry, 0 to 1.
        heldout: Share of the smallest group's texts that is held out.
        seed: Seed of the lot that holds them out.

    Raises:
        InputError: No file, another layout, no groups named, or a group that the file lacks.
    """
    file = read_table(own(path, URL, "culturebank_reddit.csv or culturebank_tiktok.csv"))
    require_columns(
        file, (GROUP, TOPIC, AGREEMENT, text), "CultureBank's culturebank_reddit.csv or culturebank_tiktok.csv"
    )
    agreed = TableFile(file.path, file.rows[numbers(file, AGREEMENT) >= agreement], file.first_row)
    if not groups:
        most = agreed.rows[GROUP].value_counts().head(20)
        remedy = f"name the groups; most frequent: {', '.join(f'{label} ({n})' for label, n in most.items())}"
        raise InputError("groups", groups, remedy)
    texts = texts_by_group(agreed, groups, group=GROUP, text=text, topic=TOPIC)
    source = Source(
        name=f"CultureBank, {file.path.name}",
        licence="see the dataset card (the code is MIT); made from posts on TikTok and Reddit; not shipped",
        attribution="Shi et al., CultureBank (2024), arXiv 2404.15238",
        url=URL,
        sha256=sha256(file.path),
        note=f"{sum(map(len, texts.values()))} entries of agreement >= {agreement:g}; held out with seed {seed}; "
        "descriptions of the groups, not their own words",
    )
    return LoadedCorpus(split_corpus(texts, heldout, seed), source)
