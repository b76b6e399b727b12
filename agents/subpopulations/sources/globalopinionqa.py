"""GlobalOpinionQA: answers by country to questions of the World Values Survey and Pew's Global Attitudes Survey.

Layout (dataset card of Anthropic/llm_global_opinions on Hugging Face): question; selections, as in
"defaultdict(<class 'list'>, {'France': [0.4, 0.6]})"; options, a list; source, GAS or WVS. Only shares are
published: no numbers of respondents, no shares of countries. CC BY-NC-SA 4.0 forbids commercial use, so the user
brings the file and its hash is recorded.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agents.subpopulations.sources.cells import require_columns
from agents.subpopulations.sources.fetch import Given, own, sha256
from agents.subpopulations.sources.opinionqa import literal
from agents.subpopulations.sources.source import Loaded, Source
from agents.subpopulations.sources.table_file import TableFile, read_table
from sim.arrays import Array
from sim.errors import InputError
from sim.estimation.opinion_table import OpinionTable

URL = "https://huggingface.co/datasets/Anthropic/llm_global_opinions"
LAYOUT = "GlobalOpinionQA's global_opinions.csv (question, selections, options, source)"
NO_ANSWER = re.compile(r"(don.?t know|no answer|refused|missing|not asked|not applicable|dk)\b", re.IGNORECASE)
SLACK = 0.05
"""Published shares are rounded and at times incomplete: sums of a question further from one leave it out."""


@dataclass(frozen=True, eq=False)
class _Row:
    """A question: its options that are answers, and each country's shares of them."""

    wording: str
    options: tuple[str, ...]
    shares: Mapping[str, Array]


def load(
    path: Given | None = None,
    countries: Sequence[str] | None = None,
    survey: str | None = None,
    shares: Mapping[str, float] | None = None,
) -> Loaded:
    """Read the questions that all the countries named were asked.

    Options that mean no answer are left out and the rest scaled to one.

    Args:
        path: The user's own global_opinions.csv, or the dataset saved from the hub.
        countries: The groups, at least two, as the file spells them.
        survey: "WVS" or "GAS" for the questions of one survey; None for both.
        shares: Population share of each country; None: all the same.

    Raises:
        InputError: No file, another layout, no countries named (the message lists the most frequent), a country that
            the file lacks, or no question in common.
    """
    file = read_table(own(path, URL, "global_opinions.csv"))
    require_columns(file, ("question", "selections", "options", "source"), LAYOUT)
    named = file.rows["question"] != ""
    kept = named if survey is None else named & (file.rows["source"] == survey)
    rows = [_row(file, at) for at in file.rows.index[kept]]
    groups = _countries(rows, countries)
    common = [row for row in rows if set(groups) <= set(row.shares) and len(row.options) > 1]
    asked = [row for row in common if all(abs(row.shares[country].sum() - 1) <= SLACK for country in groups)]
    if not asked:
        remedy = "no question was put to all of them; name fewer countries, or those of one survey (WVS or GAS)"
        raise InputError("countries", list(groups), remedy)
    table = OpinionTable(
        groups=groups,
        shares=_shares(groups, shares),
        questions=tuple(f"Q{n + 1}" for n in range(len(asked))),
        probabilities=tuple(np.array([row.shares[g] / row.shares[g].sum() for g in groups]) for row in asked),
        options=tuple(row.options for row in asked),
    )
    source = Source(
        name="GlobalOpinionQA",
        licence="CC BY-NC-SA 4.0 (no commercial use)",
        attribution="Durmus et al., Towards Measuring the Representation of Subjective Global Opinions in Language "
        "Models (2023); World Values Survey; Pew Global Attitudes Survey",
        url=URL,
        sha256=sha256(file.path),
        note=f"{len(asked)} questions of {len(rows)}; {len(common) - len(asked)} left out for shares that miss one by "
        f"more than {SLACK:g}; countries count {'as given' if shares else 'the same'}; numbers of respondents unknown",
    )
    return Loaded(table, None, source, {name: row.wording for name, row in zip(table.questions, asked, strict=True)})


def _row(file: TableFile, at: int) -> _Row:
    options = [str(option) for option in literal(file, at, "options")]
    answers = [n for n, option in enumerate(options) if not NO_ANSWER.match(option.strip())]
    found = {}
    for country, values in _selections(file, at).items():
        shares = np.asarray(values, dtype=np.float64)
        # A list that doesn't fit the options, or holds no answer, says nothing.
        if shares.shape == (len(options),) and shares[answers].sum() > 0:
            scale = 100.0 if shares.sum() > 2 else 1.0
            found[str(country)] = shares[answers] * (shares.sum() / scale / shares[answers].sum())
    return _Row(str(file.rows.at[at, "question"]), tuple(options[n] for n in answers), found)


def _selections(file: TableFile, at: int) -> dict[str, list[float]]:
    cell = str(file.rows.at[at, "selections"])
    inner = re.search(r"\{.*\}", cell, re.DOTALL)
    try:
        value = ast.literal_eval(inner.group()) if inner else None
    except (ValueError, SyntaxError):
        value = None
    if not isinstance(value, dict):
        remedy = "expected shares by country, as in defaultdict(<class 'list'>, {'France': [0.4, 0.6]})"
        raise InputError(f"selections in {file.row(at)}", repr(cell[:60]), remedy)
    return value


def _countries(rows: Sequence[_Row], countries: Sequence[str] | None) -> tuple[str, ...]:
    asked = Counter(country for row in rows for country in row.shares)
    if not countries:
        most = ", ".join(f"{country} ({number})" for country, number in asked.most_common(20))
        raise InputError("countries", countries, f"name the groups; most questions were put to {most}")
    unknown = [country for country in countries if country not in asked]
    if unknown:
        raise InputError("countries", unknown, f"not in the file; it has {', '.join(sorted(asked))}")
    return tuple(countries)


def _shares(groups: tuple[str, ...], shares: Mapping[str, float] | None) -> Array:
    if shares is None:
        return np.full(len(groups), 1 / len(groups))
    missing = [group for group in groups if group not in shares]
    if missing:
        raise InputError("shares", missing, "give the population share of every country")
    found = np.array([float(shares[group]) for group in groups])
    return np.asarray(found / found.sum())
