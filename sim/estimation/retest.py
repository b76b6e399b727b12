"""C from repeated answers: how far a group's second answer lies from its first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, finite_array, read_only
from sim.errors import InputError
from sim.estimation.features import Features, nominal
from sim.estimation.opinion_table import OpinionTable, check_length
from sim.estimation.respondents import Respondents


@dataclass(frozen=True, eq=False, kw_only=True)
class Retest:
    """C = diag(v), v_g = mean_q E|f(Y) - f(Y')|^2 / 2 over repeated answers Y, Y' of group g (theory, section 7).

    Answers that are drawn afresh each time give the spread inside the group; people who stand by theirs give less.

    Attributes:
        pairs: Per question the share of pairs (first answer, second answer) in each group, (G, K_q, K_q); see
            `pairs_of_people` and `pairs_of_prompts`. A bootstrap does not draw them again.

    Raises:
        InputError: Pairs that are negative, don't sum to one by group, or don't fit the table.
    """

    pairs: Sequence[Array]

    def __post_init__(self) -> None:
        checked = tuple(finite_array(f"pairs[{q}]", table, ndim=3) for q, table in enumerate(self.pairs))
        for q, table in enumerate(checked):
            if table.min() < 0 or np.abs(table.sum(axis=(1, 2)) - 1).max() > 1e-6:
                raise InputError(f"pairs[{q}]", "shares", "expected shares >= 0 that sum to 1 in every group")
        object.__setattr__(self, "pairs", checked)

    def __call__(self, table: OpinionTable, features: Features = nominal) -> Array:
        """C, diagonal, shape (G, G)."""
        check_length("pairs", self.pairs, len(table.questions))
        moved = np.zeros(len(table.groups))
        for question, shares, values in zip(table.questions, self.pairs, features(table), strict=True):
            expected = (len(table.groups), len(values), len(values))
            if shares.shape != expected:
                where = f"pairs of question {question!r}"
                raise InputError(where, f"array of shape {shares.shape}", f"expected {expected}")
            squared = np.sum((values[:, None] - values[None, :]) ** 2, axis=2)
            moved += np.sum(shares * squared, axis=(1, 2)) / 2
        return np.diag(moved / len(table.questions))


def pairs_of_people(first: Respondents, second: Respondents) -> tuple[Array, ...]:
    """Weighted share of each pair of answers by group, from people asked twice; (G, K_q, K_q) per question.

    Args:
        first: What they answered first; their weights count.
        second: The same people in the same order, asked again; who missed a question either time is left out of it.

    Raises:
        InputError: Other people or questions, or nobody of a group answered a question twice.
    """
    same = first.groups == second.groups and first.options == second.options and first.questions == second.questions
    if not same or not np.array_equal(first.group, second.group):
        raise InputError(
            "second", "other people, groups, questions or options", "expected those of the first, in order"
        )
    found = []
    for q, labels in enumerate(first.options):
        size, one, two = len(labels), first.answers[:, q], second.answers[:, q]
        both = (one >= 0) & (two >= 0)
        cell = (first.group[both] * size + one[both]) * size + two[both]
        totals = np.bincount(cell, first.weights[both], len(first.groups) * size**2)
        shares = totals.reshape(len(first.groups), size, size)
        answered = shares.sum(axis=(1, 2))
        if not answered.all():
            where = f"group {first.groups[int(answered.argmin())]!r}, question {first.questions[q]!r}"
            raise InputError(where, "no pair of answers", "leave the question out, or merge the group with another")
        found.append(read_only(shares / answered[:, None, None]))
    return tuple(found)


def pairs_of_prompts(clusters: Sequence[ArrayLike]) -> tuple[Array, ...]:
    """Share of each pair of answers when a model is asked the same under two different prompts; (G, K_q, K_q) each.

    Args:
        clusters: Per question the answer distribution of each group under each prompt, (P, G, K_q), P >= 2.

    Raises:
        InputError: A question with one prompt.
    """
    found = []
    for q, given in enumerate(clusters):
        answers = finite_array(f"clusters[{q}]", given, ndim=3)
        prompts = len(answers)
        if prompts < 2:
            raise InputError(f"clusters[{q}]", f"{prompts} prompt(s)", "expected at least 2, to compare")
        total = answers.sum(axis=0)
        every = np.einsum("gk,gl->gkl", total, total)
        same = np.einsum("pgk,pgl->gkl", answers, answers)
        found.append(read_only((every - same) / (prompts * (prompts - 1))))
    return tuple(found)
