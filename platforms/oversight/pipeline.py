"""Tasks -> attempts -> audits: what solver and auditor write, generated once for everything that is learned from it.

Whether an answer is handed in and whether it is audited change nothing in the texts. So n answers a task and m audits
an answer are written once, and what would come of every choice is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.auditor import AUDITOR_FEATURES, Shown
from agents.language.protocol import LanguageModel
from agents.solver import SOLVER_FEATURES
from platforms.oversight.families import Family
from platforms.oversight.tasks.functions import judge_ahead
from platforms.oversight.tasks.protocol import Task
from sim.arrays import Array, whole_number

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class Material:
    """One row per task, answer and audit: N = T n m rows, in this order.

    Attributes:
        names: Task of each row.
        task: Its number, (N,).
        grade: Its difficulty, (N,).
        sample: Number of the answer, (N,).
        audit: Number of the audit, (N,).
        answers: Answer of each row; "" where none could be read.
        evidence: Evidence of each row; "" where none could be read.
        readable: Whether there is an answer, (N,).
        right: Whether it is right, (N,).
        audit_readable: Whether there is evidence, (N,).
        flagged: Whether it speaks against the answer, (N,).
        evidence_right: Whether it is itself true, (N,).
        solver_features: What the solver knows of the answer, (N, 2).
        auditor_features: What the auditor knows of it before it audits, (N, 2).
    """

    names: tuple[str, ...]
    task: NDArray[np.int64]
    grade: NDArray[np.int64]
    sample: NDArray[np.int64]
    audit: NDArray[np.int64]
    answers: tuple[str, ...]
    evidence: tuple[str, ...]
    readable: Flags
    right: Flags
    audit_readable: Flags
    flagged: Flags
    evidence_right: Flags
    solver_features: Array
    auditor_features: Array

    @property
    def tasks(self) -> int:
        """T."""
        return int(self.task[-1]) + 1

    def by_task(self, values: Array | Flags) -> Array:
        """Mean over the rows of each task, (T,)."""
        means: Array = np.asarray(values, np.float64).reshape(self.tasks, -1).mean(axis=1)
        return means


def generate(
    language: LanguageModel,
    family: Family,
    *,
    samples: int,
    audits: int,
    seed: int,
    report: Callable[[str], None] = lambda line: None,
) -> Material:
    """Let a language model answer every task and audit every answer. Equal answers to a task share their audits.

    Args:
        language: The model, entered.
        family: Tasks, solver and auditor.
        samples: n, answers a task.
        audits: m, audits an answer.
        seed: Of all sampling, which is keyed by what is asked.
        report: Gets a line a step.

    Raises:
        InputError: No task, no sample or no audit.
        LanguageModelError: The model fails.
    """
    tasks = list(family.tasks)
    for name, count in (("tasks", len(tasks)), ("samples", samples), ("audits", audits)):
        whole_number(name, count, minimum=1)
    questions = [task.question for task in tasks]
    report(f"{len(tasks)} tasks, {samples} answers each")
    texts = family.solver.answers(language, questions, samples, seed=seed)
    answers = [[task.read(text) for text in row] for task, row in zip(tasks, texts, strict=True)]
    known = family.solver.features(language, questions, texts, answers)
    shown = list(
        dict.fromkeys((number, answer) for number, row in enumerate(answers) for answer in row if answer is not None)
    )
    report(f"{len(shown)} different answers, {audits} audits each")
    cases = [Shown(questions[number], answer) for number, answer in shown]
    written = family.auditor.evidence(language, cases, audits, seed=seed)
    seen = family.auditor.features(language, cases)
    evidence = [
        [tasks[number].read_evidence(text) for text in row] for (number, _), row in zip(shown, written, strict=True)
    ]
    for number in range(audits):  # code runs several processes at once; judging it below then costs nothing
        judge_ahead(
            [tasks[task] for task, _ in shown], [answer for _, answer in shown], [row[number] for row in evidence]
        )
    place = {case: row for row, case in enumerate(shown)}
    return _laid_out(tasks, answers=answers, evidence=evidence, place=place, known=known, seen=seen, audits=audits)


def _laid_out(
    tasks: Sequence[Task],
    *,
    answers: Sequence[Sequence[str | None]],
    evidence: Sequence[Sequence[str | None]],
    place: dict[tuple[int, str], int],
    known: Array,
    seen: Array,
    audits: int,
) -> Material:
    right = {case: tasks[case[0]].right(case[1]) for case in place}
    rows = [
        (number, sample, audit, answer, row, None if row is None else evidence[row][audit])
        for number, given in enumerate(answers)
        for sample, answer in enumerate(given)
        for row in (None if answer is None else place[number, answer],)
        for audit in range(audits)
    ]
    refutes: dict[tuple[int, str, str], bool] = {}
    holds: dict[tuple[int, str], bool] = {}
    for number, _, _, answer, _, found in rows:
        if answer is not None and found is not None and (number, answer, found) not in refutes:
            refutes[number, answer, found] = tasks[number].refutes(found, answer)
            holds[number, found] = tasks[number].evidence_right(found)
    return Material(
        names=tuple(tasks[number].name for number, *_ in rows),
        task=np.array([number for number, *_ in rows]),
        grade=np.array([tasks[number].grade for number, *_ in rows]),
        sample=np.array([sample for _, sample, *_ in rows]),
        audit=np.array([audit for _, _, audit, *_ in rows]),
        answers=tuple(answer or "" for *_, answer, _, _ in rows),
        evidence=tuple(found or "" for *_, found in rows),
        readable=np.array([answer is not None for *_, answer, _, _ in rows]),
        right=np.array([answer is not None and right[number, answer] for number, _, _, answer, _, _ in rows]),
        audit_readable=np.array([found is not None for *_, found in rows]),
        flagged=np.array([refutes.get((r[0], r[3] or "", r[5] or ""), False) for r in rows]),
        evidence_right=np.array([holds.get((r[0], r[5] or ""), False) for r in rows]),
        solver_features=known.reshape(-1, len(SOLVER_FEATURES)).repeat(audits, axis=0),
        auditor_features=np.array([np.zeros(len(AUDITOR_FEATURES)) if r[4] is None else seen[r[4]] for r in rows]),
    )
