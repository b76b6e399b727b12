"""What groups answered to each way of asking: the record from which tables and their uncertainty come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.arrays import Array, finite_array
from sim.errors import InputError
from sim.estimation.opinion_table import OpinionTable


@dataclass(frozen=True, eq=False, kw_only=True)
class ElicitedAnswers:
    """Answer distributions by prompt: a prompt is one wording of the question with one order of its options.

    Answers to the same prompt err together, so uncertainty comes from resampling prompts as clusters, not answers.

    Attributes:
        groups: Group names, length G.
        questions: Question texts, length Q.
        options: Option texts by question, length K_q each.
        ordinal: Whether a question's options are ordered.
        prompts: Names of the prompts by question, length P_q each.
        probabilities: By question, shape (P_q, G, K_q): row (p, g) is the answer distribution of group g to prompt p.
        samples: By question, shape (P_q, G): sampled answers behind each row, 0 where none could be read (the row then
            repeats the group's answers to the other prompts); None for exact probabilities.
        failures: Share of sampled answers that could not be read, shape (G, Q); None for exact probabilities.

    Raises:
        InputError: An array has another shape than the names say, or a row is no distribution.
    """

    groups: tuple[str, ...]
    questions: tuple[str, ...]
    options: tuple[tuple[str, ...], ...]
    ordinal: tuple[bool, ...]
    prompts: tuple[tuple[str, ...], ...]
    probabilities: tuple[Array, ...]
    samples: tuple[NDArray[np.int64], ...] | None = None
    failures: Array | None = None

    def __post_init__(self) -> None:
        by_question = (self.options, self.ordinal, self.prompts, self.probabilities)
        if any(len(part) != len(self.questions) for part in by_question):
            sizes = [len(part) for part in by_question]
            raise InputError("elicited answers", f"{sizes} entries", f"give {len(self.questions)}, one per question")
        checked = []
        for q, question in enumerate(self.questions):
            field = f"answers to {question!r}"
            rows = finite_array(field, self.probabilities[q], ndim=3)
            expected = (len(self.prompts[q]), len(self.groups), len(self.options[q]))
            if rows.shape != expected:
                raise InputError(field, f"shape {rows.shape}", f"give {expected}: prompts, groups, options")
            if rows.min() < 0 or np.abs(rows.sum(axis=2) - 1).max() > 1e-6:
                raise InputError(field, "a row that is no distribution", "give rows >= 0 that sum to one")
            checked.append(rows)
        object.__setattr__(self, "probabilities", tuple(checked))

    def pooled(self) -> tuple[Array, ...]:
        """Answer distributions over all prompts, shape (G, K_q) each: every prompt counts alike, or by its samples."""
        if self.samples is None:
            return tuple(rows.mean(axis=0) for rows in self.probabilities)
        weighted = zip(self.probabilities, self.samples, strict=True)
        return tuple((rows * n[:, :, None]).sum(axis=0) / n.sum(axis=0)[:, None] for rows, n in weighted)

    @property
    def sampled(self) -> bool:
        """Whether the answers were sampled, not computed."""
        return self.samples is not None

    def clusters(self) -> tuple[Array, ...]:
        """What `sim.estimation.bootstrap_clusters` draws from: numbers of sampled answers, or exact probabilities."""
        if self.samples is None:
            return self.probabilities
        return tuple(np.rint(p * n[:, :, None]) for p, n in zip(self.probabilities, self.samples, strict=True))

    def opinion_table(self, shares: Array) -> OpinionTable:
        """The groups' opinions, given each group's share of people, shape (G,); sizes are numbers of samples."""
        return OpinionTable(
            groups=self.groups,
            shares=shares,
            questions=self.questions,
            probabilities=self.pooled(),
            ordinal=self.ordinal,
            options=self.options,
            sizes=None if self.samples is None else np.stack([n.sum(axis=0) for n in self.samples], axis=1),
        )
