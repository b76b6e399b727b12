"""Published shares or counts: one row per question, option and group.

| column | meaning |
|---|---|
| `question_id` or `question` | the question; with both, `question` is its wording |
| `option_index` or `option` | the answer; with both, `option` is its label. Order: by index, else as they appear |
| `group` | the group |
| `p`, `n` or `weight` | share of the group that gave the answer, or how many did, or their summed weights |
| `group_share` | share of the group in the population; needed with `p`, else taken from the totals of `n` or `weight` |
| `ordinal` | 1 if the options are ordered, else 0; without it no question is ordinal |
| `n_eff` or `n_group` | effective or plain number of the group's respondents to the question; else the sum of `n` |

Other columns are ignored. Shares that miss one by rounding (up to 0.001) are scaled.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from agents.subpopulations.sources.cells import filled, numbers, require_columns
from agents.subpopulations.sources.fetch import Given, sha256
from agents.subpopulations.sources.source import Loaded, Source
from agents.subpopulations.sources.table_file import TableFile, read_table
from sim.arrays import Array
from sim.errors import InputError
from sim.estimation.opinion_table import OpinionTable

LAYOUT = "the long form: question, option, group and one of p, n, weight (and group_share, ordinal)"
VALUES = ("p", "n", "weight")
ROUNDING = 1e-3
"""Published shares are rounded: sums may be off by this much, and are then scaled to one."""


def load(path: Given, *, encoding: str = "utf-8", split: str = "train") -> Loaded:
    """Read a long-form table.

    Args:
        path: CSV, Parquet, Stata or a saved dataset.
        encoding: Of a text file.
        split: Of a saved dataset with several.

    Raises:
        InputError: Not such a table; names the row and column, or the question and group, at fault.
    """
    file = read_table(path, encoding=encoding, split=split)
    table, wording = table_of(file)
    note = "long form as given; groups, questions and options in the order in which they first appear"
    source = Source(file.path.name, "the user's own data", "the user's own data", "", sha256(file.path), note)
    return Loaded(table, None, source, wording)


def table_of(file: TableFile) -> tuple[OpinionTable, dict[str, str]]:
    """The opinion table of a long-form file, and the wording of its questions where they have names too."""
    rows = _checked(file)
    groups = tuple(dict.fromkeys(rows["group"]))
    _refuse_duplicates(file, rows)
    _refuse_lone_respondents(file, rows)
    blocks = [_Block(str(name), block, groups, file) for name, block in rows.groupby("question", sort=False)]
    totals = np.stack([block.values.sum(axis=1) for block in blocks], axis=1)
    kind = str(rows.attrs["kind"])
    sizes = _sizes(file, rows, groups)
    table = OpinionTable(
        groups=groups,
        shares=_shares(file, rows, groups, totals if kind != "p" else None),
        questions=tuple(block.name for block in blocks),
        probabilities=tuple(block.probabilities(kind) for block in blocks),
        ordinal=tuple(block.ordinal() for block in blocks),
        options=tuple(block.labels() for block in blocks),
        sizes=np.maximum(totals, 1.0) if sizes is None and kind == "n" else sizes,
    )
    return table, {block.name: str(block.rows["wording"].iloc[0]) for block in blocks if "wording" in rows}


def _checked(file: TableFile) -> pd.DataFrame:
    """The columns under fixed names: question, option, group, value and those optional ones that are there."""
    there = set(file.rows.columns)
    question = "question_id" if "question_id" in there else "question"
    option = "option_index" if "option_index" in there else "option"
    kind = next((name for name in VALUES if name in there), "p")
    require_columns(file, (question, option, "group", kind), LAYOUT)
    rows = pd.DataFrame({"question": filled(file, question), "group": filled(file, "group")})
    rows["option"] = filled(file, option)
    if option == "option_index":
        rows["rank"] = numbers(file, option)
    rows["value"] = numbers(file, kind, low=0.0)
    if "option" in there:
        rows["label"] = filled(file, "option")
    if question == "question_id" and "question" in there:
        rows["wording"] = file.rows["question"]
    if "ordinal" in there:
        rows["ordinal"] = filled(file, "ordinal").str.lower()
    for name in ("group_share", "n_eff", "n_group"):
        if name in there:
            rows[name] = numbers(file, name, low=0.0)
    rows.attrs["kind"] = kind
    return rows


def _refuse_duplicates(file: TableFile, rows: pd.DataFrame) -> None:
    key = ["question", "option", "group"]
    twice = rows.index[rows.duplicated(key)]
    if len(twice):
        at = rows.loc[twice[0]]
        first = rows.index[(rows[key] == at[key]).all(axis=1)][0]
        where = f"question {at['question']!r}, option {at['option']!r}, group {at['group']!r}"
        remedy = "expected one row per question, option and group; delete one or add them up"
        raise InputError(where, f"in {file.row(first)} and in {file.row(twice[0])}", remedy)


def _refuse_lone_respondents(file: TableFile, rows: pd.DataFrame) -> None:
    if "n_group" in rows:
        people, column = rows.groupby("group", sort=False)["n_group"].max(), "n_group"
    elif rows.attrs["kind"] == "n":
        people, column = rows.groupby(["group", "question"], sort=False)["value"].sum().groupby("group").max(), "n"
    else:
        return
    for group, count in people.items():
        if count <= 1:
            where = f"{column} of group {group!r} ({file.row(rows.index[rows['group'] == group][0])} and on)"
            remedy = "one respondent has no spread; merge the group with another, or leave it out"
            raise InputError(where, f"{count:g}", remedy)


def _shares(file: TableFile, rows: pd.DataFrame, groups: tuple[str, ...], totals: Array | None) -> Array:
    if "group_share" in rows:
        found = _constant(file, rows, "group_share", ["group"]).loc[list(groups)].to_numpy(np.float64)
        if abs(found.sum() - 1) > ROUNDING:
            each = ", ".join(f"{group} {share:g}" for group, share in zip(groups, found, strict=True))
            remedy = f"the shares of the groups must sum to 1 ({each}); divide by their sum"
            raise InputError("sum of column group_share", f"{found.sum():g}", remedy)
        return np.asarray(found / found.sum())
    if totals is None:
        remedy = f"p doesn't say how large the groups are; add it ({1 / len(groups):.4g} in every row: equal groups)"
        raise InputError("column group_share", "missing", remedy)
    # Each question counts the same, also where fewer people were asked.
    people: Array = (totals / totals.sum(axis=0)).mean(axis=1)
    return np.asarray(people / people.sum())


def _sizes(file: TableFile, rows: pd.DataFrame, groups: tuple[str, ...]) -> Array | None:
    name = next((name for name in ("n_eff", "n_group") if name in rows), None)
    if name is None:
        return None
    found = _constant(file, rows, name, ["group", "question"]).unstack("question")
    wide = found.loc[list(groups), list(dict.fromkeys(rows["question"]))]
    return np.asarray(np.maximum(wide.to_numpy(np.float64), 1.0))


def _constant(file: TableFile, rows: pd.DataFrame, column: str, by: list[str]) -> pd.Series:
    first = rows.groupby(by, sort=False)[column].transform("first")
    other = rows.index[(rows[column] - first).abs() > 1e-9]
    if len(other):
        at = rows.loc[other[0]]
        where = ", ".join(f"{name} {at[name]!r}" for name in by)
        remedy = f"it was {first[other[0]]:g} above for {where}; expected the same in every row"
        raise InputError(f"{column} in {file.row(other[0])}", f"{at[column]:g}", remedy)
    return rows.groupby(by, sort=False)[column].first()


@dataclass(frozen=True, eq=False)
class _Block:
    """The rows of one question."""

    name: str
    rows: pd.DataFrame
    groups: tuple[str, ...]
    file: TableFile

    @cached_property
    def values(self) -> Array:
        """Values by group and option, (G, K)."""
        wide = self.rows.pivot(index="group", columns="option", values="value").reindex(list(self.groups))
        found: Array = wide[self._order()].to_numpy(np.float64)
        for group, row in zip(self.groups, found, strict=True):
            if np.isnan(row).all():
                where = f"column group, question {self.name!r}"
                raise InputError(where, f"no row of group {group!r}", "add its answers, or leave the question out")
            if np.isnan(row).any():
                option = self._order()[int(np.isnan(row).argmax())]
                elsewhere = self.file.row(self.rows.index[self.rows["option"] == option][0])
                remedy = f"option {option!r} of {elsewhere} has no row here; add one, with 0 if nobody chose it"
                raise InputError(f"column option, question {self.name!r}, group {group!r}", "an option missing", remedy)
        return found

    def probabilities(self, kind: str) -> Array:
        """Shares by group and option, (G, K)."""
        values = self.values
        totals = values.sum(axis=1)
        for group, total in zip(self.groups, totals, strict=True):
            lines = [self.file.row(i) for i in self.rows.index[self.rows["group"] == group]]
            where = f"sum of {kind} of question {self.name!r}, group {group!r} ({', '.join(lines)})"
            if kind == "p" and abs(total - 1) > ROUNDING:
                hint = "; these look like percentages: divide by 100" if abs(total - 100) < 1 else ""
                raise InputError(where, f"{total:g}", f"the shares of the options must sum to 1{hint}")
            if total == 0:
                raise InputError(where, 0, "nobody answered; leave the question out, or merge the group with another")
        scaled: Array = values / totals[:, None]
        return scaled

    def ordinal(self) -> bool:
        if "ordinal" not in self.rows:
            return False
        flags = set(self.rows["ordinal"])
        for value, meant in ((True, {"1", "true"}), (False, {"0", "false"})):
            if flags <= meant:
                return value
        where = f"ordinal of question {self.name!r} (from {self.file.row(self.rows.index[0])})"
        raise InputError(where, sorted(flags), "expected 0 or 1, the same in every row of the question")

    def labels(self) -> tuple[str, ...]:
        if "label" not in self.rows:
            return tuple(self._order())
        first = self.rows.groupby("option", sort=False)["label"].transform("first")
        other = self.rows.index[self.rows["label"] != first]
        if len(other):
            at = self.rows.loc[other[0]]
            remedy = (
                f"option_index {at['option']} of question {self.name!r} was {first[other[0]]!r} above; one is wrong"
            )
            raise InputError(f"option in {self.file.row(other[0])}", repr(at["label"]), remedy)
        named = self.rows.drop_duplicates("option").set_index("option")["label"]
        return tuple(str(named[option]) for option in self._order())

    def _order(self) -> list[str]:
        first = self.rows.drop_duplicates("option")
        return [str(option) for option in (first.sort_values("rank") if "rank" in first else first)["option"]]
