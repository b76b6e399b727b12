"""What each group answers to each question: the input of every estimator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.arrays import Array, finite_array, read_only, shorten
from sim.errors import InputError

SUM_TOLERANCE = 1e-6
"""How far an answer distribution, or the group shares, may sum from one before the table is refused."""


@dataclass(frozen=True, eq=False, kw_only=True)
class OpinionTable:
    """Answer distributions p[g, q, :] of G groups on Q questions; questions may differ in their options.

    Attributes:
        groups: Group names, length G >= 2, all different.
        shares: Population share pi of each group, >= 0, sum one, shape (G,).
        questions: Question names, length Q >= 1, all different.
        probabilities: One array per question, shape (G, K_q), K_q >= 2: row g is the answer distribution of
            group g. Rows must sum to one within 1e-6 and are then scaled to do so exactly.
        ordinal: Per question, whether its options are ordered; None means that none is.
        options: Option labels per question, or None.
        sizes: Effective number of respondents behind each row of `probabilities`, >= 1, shape (G, Q); None if unknown.

    Raises:
        InputError: At construction; the message names the group and the question at fault.
    """

    groups: tuple[str, ...]
    shares: Array
    questions: tuple[str, ...]
    probabilities: tuple[Array, ...]
    ordinal: tuple[bool, ...] | None = None
    options: tuple[tuple[str, ...], ...] | None = None
    sizes: Array | None = None

    def __post_init__(self) -> None:
        groups = unique_names("groups", self.groups, minimum=2)
        questions = unique_names("questions", self.questions, minimum=1)
        shares = finite_array("shares", self.shares, ndim=1)
        _check_shares(shares, groups)
        check_length("probabilities", self.probabilities, len(questions))
        tables = tuple(
            _answers(question, table, groups) for question, table in zip(questions, self.probabilities, strict=True)
        )
        ordinal = (False,) * len(questions) if self.ordinal is None else tuple(map(bool, self.ordinal))
        check_length("ordinal", ordinal, len(questions))
        if self.options is not None:
            check_length("options", self.options, len(questions))
            for question, labels, table in zip(questions, self.options, tables, strict=True):
                check_length(f"options of question {question!r}", labels, table.shape[1])
        checked = {
            "groups": groups,
            "questions": questions,
            "shares": read_only(shares / shares.sum()),
            "probabilities": tables,
            "ordinal": ordinal,
            "sizes": None if self.sizes is None else _sizes(self.sizes, groups, questions),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def is_ordinal(self, question: int) -> bool:
        """Whether the options of a question (by index) are ordered."""
        return self.ordinal is not None and self.ordinal[question]

    def mean_answers(self) -> tuple[Array, ...]:
        """Population answer distribution pbar_q = sum_g pi_g p_gq of each question, shape (K_q,) each."""
        return tuple(self.shares @ table for table in self.probabilities)


def unique_names(field: str, names: Sequence[str], minimum: int) -> tuple[str, ...]:
    """Return names as text: at least `minimum`, all different.

    Raises:
        InputError: Too few, or one twice.
    """
    if isinstance(names, str) or len(names) < minimum:
        raise InputError(field, shorten(names), f"expected a sequence of at least {minimum} name(s)")
    texts = tuple(str(name) for name in names)
    name, count = Counter(texts).most_common(1)[0]
    if count > 1:
        raise InputError(field, repr(name), f"appears {count} times; every name must be used once")
    return texts


def check_length(field: str, values: Sequence[object], expected: int) -> None:
    """Refuse a sequence that does not have `expected` entries.

    Raises:
        InputError: It has not.
    """
    if len(values) != expected:
        raise InputError(field, f"{len(values)} entries", f"expected {expected}")


def _check_shares(shares: Array, groups: tuple[str, ...]) -> None:
    check_length("shares", list(shares), len(groups))
    lowest = int(np.argmin(shares))
    if shares[lowest] < 0:
        raise InputError(f"shares[{groups[lowest]!r}]", shares[lowest], "a population share must be >= 0")
    if abs(shares.sum() - 1) > SUM_TOLERANCE:
        raise InputError("sum of shares", shares.sum(), "population shares must sum to 1; divide by their sum")


def _answers(question: str, table: Array, groups: tuple[str, ...]) -> Array:
    field = f"probabilities of question {question!r}"
    values = np.asarray(table, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] != len(groups) or values.shape[1] < 2:
        raise InputError(
            field,
            f"array of shape {values.shape}",
            f"expected ({len(groups)}, K): a row per group, a column per option, at least 2 options",
        )
    # One pass accepts a good table; only what it does not accept is looked at row by row.
    totals = values.sum(axis=1)
    if not (values.min() >= 0 and np.abs(totals - 1).max() <= SUM_TOLERANCE):
        for group, row in zip(groups, values, strict=True):
            _check_row(f"{field}, group {group!r}", row)
    return read_only(values / totals[:, None])


def _check_row(where: str, row: Array) -> None:
    if not np.isfinite(row).all():
        raise InputError(where, row.tolist(), "missing or infinite; drop the question or fill in the answer")
    if row.min() < 0:
        raise InputError(where, row.min(), "a probability must be >= 0")
    if abs(row.sum() - 1) > SUM_TOLERANCE:
        raise InputError(f"sum of {where}", row.sum(), "answer probabilities must sum to 1; divide by their sum")


def _sizes(value: Array, groups: tuple[str, ...], questions: tuple[str, ...]) -> Array:
    sizes = finite_array("sizes", value, ndim=2)
    if sizes.shape != (len(groups), len(questions)):
        raise InputError("sizes", f"array of shape {sizes.shape}", f"expected ({len(groups)}, {len(questions)})")
    if sizes.min() < 1:
        row, column = np.unravel_index(sizes.argmin(), sizes.shape)
        where = f"sizes of question {questions[column]!r}, group {groups[row]!r}"
        raise InputError(where, sizes.min(), "an effective number of respondents is at least 1")
    return sizes
