"""The contract of a verifiable task: its text is shown, completions are read, and what is true is known exactly."""

from __future__ import annotations

from typing import Protocol


class Task(Protocol):
    """A problem with an exact truth.

    An answer and a piece of evidence are plain texts, as `read` and `read_evidence` give them. Evidence speaks about
    an answer: a counter-answer, or an assertion about code.
    """

    @property
    def name(self) -> str:
        """Unique among the tasks of a study, such as "addition 12+7": ledgers and random draws are keyed by it."""
        ...

    @property
    def grade(self) -> int:
        """Difficulty, >= 1; within a family of tasks a higher grade is meant to be harder."""
        ...

    @property
    def question(self) -> str:
        """The problem in plain text, without instructions on how to answer."""
        ...

    def read(self, text: str) -> str | None:
        """The answer in a solver's completion, in canonical form; None: there is none to read."""
        ...

    def right(self, answer: str) -> bool:
        """Whether an answer is right: the exact truth."""
        ...

    def read_evidence(self, text: str) -> str | None:
        """The evidence in an auditor's completion, in canonical form; None: there is none to read."""
        ...

    def refutes(self, evidence: str, answer: str) -> bool:
        """Whether evidence speaks against an answer: another counter-answer, or an assertion that its code fails."""
        ...

    def evidence_right(self, evidence: str) -> bool:
        """Whether evidence is itself true: a right counter-answer, or an assertion the reference solution keeps."""
        ...
