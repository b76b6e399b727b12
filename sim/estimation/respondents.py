"""Answers person by person: what a table is made from, and what a bootstrap draws again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from sim.arrays import Array, finite_array, shorten
from sim.errors import InputError
from sim.estimation.opinion_table import OpinionTable, check_length, unique_names

Indices = NDArray[np.int32]


@dataclass(frozen=True, eq=False, kw_only=True)
class Respondents:
    """N people, each of one group, and what they answered to Q questions.

    A respondent of weight zero counts for nothing, in a bootstrap neither. An open question is one whose options are
    the texts that were given: its feature map is `sim.estimation.embedded`.

    Attributes:
        groups: Group names, length G >= 2, all different.
        questions: Question names, length Q >= 1, all different.
        options: Option labels of each question, at least 2 each.
        ordinal: Per question, whether its options are ordered.
        group: Index of each respondent's group, (N,).
        answers: Index of the option each respondent chose, -1 if missing, (N, Q).
        weights: Design weight of each respondent, >= 0, in any unit, (N,).

    Raises:
        InputError: At construction; the message names the respondent and the question at fault, or the group in
            which nobody has a weight.
    """

    groups: tuple[str, ...]
    questions: tuple[str, ...]
    options: tuple[tuple[str, ...], ...]
    ordinal: tuple[bool, ...]
    group: Indices
    answers: Indices
    weights: Array

    def __post_init__(self) -> None:
        groups = unique_names("groups", self.groups, minimum=2)
        questions = unique_names("questions", self.questions, minimum=1)
        check_length("options", self.options, len(questions))
        options = tuple(
            unique_names(f"options of question {question!r}", labels, minimum=2)
            for question, labels in zip(questions, self.options, strict=True)
        )
        check_length("ordinal", self.ordinal, len(questions))
        group = _indices("group", self.group, ndim=1)
        answers = _indices("answers", self.answers, ndim=2)
        weights = finite_array("weights", self.weights, ndim=1)
        people = group.size
        if answers.shape != (people, len(questions)) or weights.size != people:
            given = f"group of {people}, answers of shape {answers.shape}, weights of {weights.size}"
            raise InputError("respondents", given, f"expected N, (N, {len(questions)}) and N: a row per respondent")
        _check_range("group", group[:, None], (0,), (len(groups),), ("",))
        labels = tuple(f" to question {question!r}" for question in questions)
        _check_range("answers", answers, (-1,) * len(questions), tuple(map(len, options)), labels)
        if people and weights.min() < 0:
            row = int(weights.argmin())
            raise InputError(f"weights[{row}]", weights[row], "a design weight must be >= 0")
        present = np.bincount(group, weights, len(groups))
        if not present.all():
            name = groups[int(np.argmin(present > 0))]
            remedy = "nobody in it has a weight above 0; leave the group out or merge it with another"
            raise InputError("groups", repr(name), remedy)
        checked = {
            "groups": groups,
            "questions": questions,
            "options": options,
            "ordinal": tuple(map(bool, self.ordinal)),
            "group": group,
            "answers": answers,
            "weights": weights,
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def opinion_table(self) -> OpinionTable:
        """Weighted share of each option by group and question; each group's weighted share of the people.

        Sizes are Kish's effective numbers of respondents, (sum w)^2 / sum w^2 over those of a group who answered.

        Raises:
            InputError: Nobody of a group answered a question.
        """
        return self.resampled(np.ones(self.group.size))

    def resampled(self, counts: ArrayLike) -> OpinionTable:
        """The table of a sample in which respondent i occurs counts[i] times, with their weight each time.

        Args:
            counts: Occurrences, >= 0, (N,).

        Raises:
            InputError: Not one count per respondent, a count below 0, or nobody of a group answered a question.
        """
        times = finite_array("counts", counts, ndim=1)
        if times.size != self.group.size or times.min() < 0:
            raise InputError("counts", shorten(times), f"expected {self.group.size} numbers >= 0")
        taken = times * self.weights
        totals = self._tally @ np.stack([taken, taken * self.weights], axis=1)
        tables, sizes, start = [], np.empty((len(self.groups), len(self.questions))), 0
        for q, labels in enumerate(self.options):
            stop = start + len(self.groups) * len(labels)
            chosen, squares = totals[start:stop].T.reshape(2, len(self.groups), len(labels))
            start = stop
            answered = chosen.sum(axis=1)
            if not answered.all():
                where = f"group {self.groups[int(answered.argmin())]!r}, question {self.questions[q]!r}"
                raise InputError(where, "no answer", "leave the question out, or merge the group with another")
            tables.append(chosen / answered[:, None])
            sizes[:, q] = answered**2 / squares.sum(axis=1)
        people = np.bincount(self.group, taken, len(self.groups))
        return OpinionTable(
            groups=self.groups,
            shares=people / people.sum(),
            questions=self.questions,
            probabilities=tuple(tables),
            ordinal=self.ordinal,
            options=self.options,
            sizes=np.maximum(sizes, 1.0),  # never below 1 but for rounding
        )

    def answered(self, counts: ArrayLike | None = None) -> Array:
        """How many respondents of weight above 0 answered, by group and question, (G, Q).

        Args:
            counts: Occurrences of each respondent, (N,); 1 if not given.
        """
        times = np.ones(self.group.size) if counts is None else np.asarray(counts, np.float64)
        shape = (len(self.groups), self.group.size)
        members = csr_array((times * (self.weights > 0), (self.group, np.arange(self.group.size))), shape=shape)
        found: Array = members @ self._given
        return found

    @cached_property
    def _given(self) -> Array:
        return np.where(self.answers >= 0, 1.0, 0.0)

    @cached_property
    def _tally(self) -> csr_array:
        """Which respondents are counted in which cell; cells by question, then group, then option."""
        sizes = np.array([len(labels) for labels in self.options])
        starts = np.concatenate([[0], np.cumsum(sizes * len(self.groups))])
        cells = starts[:-1] + self.group[:, None] * sizes + self.answers
        row, question = np.nonzero(self.answers >= 0)
        shape = (int(starts[-1]), self.group.size)
        return csr_array((np.ones(row.size), (cells[row, question], row)), shape=shape)


def _indices(field: str, value: ArrayLike, ndim: int) -> Indices:
    numbers = finite_array(field, value, ndim)
    if (numbers != np.rint(numbers)).any():
        raise InputError(field, numbers[numbers != np.rint(numbers)][0], "expected whole numbers: indices")
    whole: Indices = numbers.astype(np.int32)
    whole.setflags(write=False)
    return whole


def _check_range(field: str, values: Indices, low: Sequence[int], high: Sequence[int], columns: Sequence[str]) -> None:
    bad = np.argwhere((values < np.array(low)) | (values >= np.array(high)))
    if bad.size:
        row, column = (int(i) for i in bad[0])
        where = f"{field} of respondent {row}{columns[column]}"
        raise InputError(where, int(values[row, column]), f"expected an index from {low[column]} to {high[column] - 1}")
