"""A user's own table in either form: what `equipolis audit` reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agents.subpopulations.sources import long_form, respondent_form
from agents.subpopulations.sources.fetch import Given
from agents.subpopulations.sources.source import Loaded
from agents.subpopulations.sources.table_file import read_table
from sim.errors import InputError


def load(
    path: Given,
    *,
    group: str | Sequence[str] = "group",
    weight: str | None = None,
    questions: Sequence[str] | None = None,
    options: Mapping[str, Sequence[str]] | Sequence[tuple[str, Sequence[str]]] | None = None,
    ordinal: Sequence[str] = (),
    missing: Sequence[str] = respondent_form.MISSING,
    encoding: str = "utf-8",
    split: str = "train",
) -> Loaded:
    """Read a table in long form if its columns say so, else one row per respondent.

    A table with a question column, an option column and `p`, `n` or `weight` is in long form.

    Args:
        path: CSV, Parquet, Stata or a saved dataset.
        group: Column(s) of the group; the long form has it as `group`.
        weight: Column of the respondents' weights; None: `weight` if there is one.
        questions: Columns of the questions; None for all others.
        options: Options in their order by column of a question, as a mapping or as pairs; None for those that occur.
        ordinal: Columns whose options are ordered.
        missing: Cells that mean no answer.
        encoding: Of a text file.
        split: Of a saved dataset with several.

    Raises:
        InputError: Neither form; or what the form's own reader refuses.
    """
    file = read_table(path, encoding=encoding, split=split)
    there = set(file.rows.columns)
    if there & {"question", "question_id"} and there & {"option", "option_index"} and there & set(long_form.VALUES):
        return long_form.load(path, encoding=encoding, split=split)
    wanted = [group] if isinstance(group, str) else list(group)
    absent = [name for name in wanted if name not in there]
    if absent:
        forms = f"{long_form.LAYOUT}; or {respondent_form.LAYOUT}"
        remedy = f"no column {absent[0]!r}; expected {forms}: name it with group= (in a command: data.group=)"
        raise InputError(f"columns of {file.path.name}", sorted(there), remedy)
    return respondent_form.load(
        path,
        group=group,
        weight=weight,
        questions=questions,
        options=None if options is None else _orders(options),
        ordinal=ordinal,
        missing=missing,
        encoding=encoding,
        split=split,
    )


def _orders(options: Mapping[str, Sequence[str]] | Sequence[tuple[str, Sequence[str]]]) -> dict[str, list[str]]:
    pairs = list(options.items()) if isinstance(options, Mapping) else list(options)
    try:
        return {str(column): [str(option) for option in listed] for column, listed in pairs}
    except (TypeError, ValueError) as error:
        remedy = "expected pairs of a column and its options in order, as [[Q3, [low, mid, high]]]"
        raise InputError("options", str(options)[:80], f"{remedy} (in a command: data.options=)") from error
