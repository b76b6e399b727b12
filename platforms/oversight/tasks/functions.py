"""Short functions as tasks: an answer is code, evidence an assertion; the sandbox decides what is true."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from platforms.oversight.sandbox import Assertion, Job, Outcome, Sandbox
from platforms.oversight.tasks.function_bank import Function, functions
from platforms.oversight.tasks.protocol import Task
from sim.errors import InputError

LONGEST = 4000
"""Characters of a completion that are read."""

_FENCE = re.compile(r"```(?:python|py)?[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL)
_GOES_ON = re.compile(r"\s|$|def |import |from |@|#")
_KEPT = (ast.FunctionDef, ast.Import, ast.ImportFrom, ast.Assign)


@dataclass(frozen=True)
class FunctionTask:
    """One function to write.

    Attributes:
        function: What is wanted, with its reference solution and unit tests.
        sandbox: Where code runs; it remembers what it ran.
    """

    function: Function
    sandbox: Sandbox = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """Such as "function 1: double"."""
        return f"function {self.grade}: {self.function.name}"

    @property
    def grade(self) -> int:
        """Difficulty, 1 to 6."""
        return self.function.grade

    @property
    def question(self) -> str:
        """The first line of the function and its docstring."""
        return f'{self.function.stub}\n    """{self.function.does}"""'

    def read(self, text: str) -> str | None:
        """The function in a completion, without comments, as Python writes it.

        Read are a fenced block, a whole function amid text, or a body that goes on where the question ends.
        """
        fenced = _FENCE.search(text[:LONGEST])
        lines = (fenced[1] if fenced else text[:LONGEST]).strip("\n").splitlines()
        starts = [i for i, line in enumerate(lines) if line.startswith(("def ", "import ", "from "))]
        if any(line.startswith(f"def {self.function.name}(") for line in lines):
            code = _block(lines[starts[0] :])
        elif lines and lines[0].startswith(" "):
            code = self.function.stub + "\n" + _block(lines[: starts[0]] if starts else lines)
        else:
            return None
        return _canonical(code, self.function.name)

    def right(self, answer: str) -> bool:
        """Whether the code passes every unit test."""
        return self._passes(self.job(answer))

    def read_evidence(self, text: str) -> str | None:
        """The first line that asserts what a call of this function with literal arguments comes to."""
        for line in text[:LONGEST].splitlines():
            words = line.strip().removeprefix("assert").strip()
            assertion = Assertion.of_text(f"assert {words}") if words.startswith(f"{self.function.name}(") else None
            if assertion is not None:
                return assertion.text
        return None

    def refutes(self, evidence: str, answer: str) -> bool:
        """Whether the code does not pass the assertion: another value, an error, or no end."""
        return not self._passes(self.job(answer, evidence))

    def evidence_right(self, evidence: str) -> bool:
        """Whether the reference solution passes the assertion."""
        return self._passes(self.job(self.function.code, evidence))

    def job(self, answer: str, evidence: str | None = None) -> Job:
        """What the sandbox runs: the answer with the unit tests, or with one assertion.

        Raises:
            InputError: The evidence is not as `read_evidence` gives it.
        """
        texts = self.function.tests if evidence is None else (evidence,)
        assertions = tuple(one for one in map(Assertion.of_text, texts) if one is not None)
        if len(assertions) != len(texts):
            raise InputError("evidence", repr(evidence), "give an assertion as read_evidence returns it")
        return Job(answer, assertions)

    def _passes(self, job: Job) -> bool:
        return self.sandbox.run([job])[0].kind is Outcome.PASSED


def function_tasks(sandbox: Sandbox, grades: Sequence[int] = (1, 2, 3, 4, 5, 6)) -> list[Task]:
    """The functions of each grade, four to a grade.

    Raises:
        InputError: A grade that does not exist.
    """
    known = sorted({function.grade for function in functions()})
    for grade in grades:
        if grade not in known:
            raise InputError("grades", grade, f"expected grades among {known}")
    return [FunctionTask(one, sandbox) for grade in grades for one in functions() if one.grade == grade]


def judge_ahead(tasks: Sequence[Task], answers: Sequence[str], evidence: Sequence[str | None]) -> None:
    """Run all code that judging these answers and evidence needs, several processes at once; later calls remember it.

    Args:
        tasks: Any tasks; those without code are passed over.
        answers: An answer to each.
        evidence: What speaks about each answer, or None.
    """
    by_sandbox: dict[int, tuple[Sandbox, list[Job]]] = {}
    for task, answer, assertion in zip(tasks, answers, evidence, strict=True):
        if isinstance(task, FunctionTask):
            _, jobs = by_sandbox.setdefault(id(task.sandbox), (task.sandbox, []))
            jobs.append(task.job(answer))
            if assertion is not None:
                jobs += [task.job(answer, assertion), task.job(task.function.code, assertion)]
    for sandbox, jobs in by_sandbox.values():
        sandbox.run(jobs)


def _block(lines: Sequence[str]) -> str:
    """Lines up to the first that is neither indented nor goes on with code."""
    end = next((i for i, line in enumerate(lines) if not _GOES_ON.match(line)), len(lines))
    return "\n".join(lines[:end])


def _canonical(code: str, name: str) -> str | None:
    """Functions, imports and constants of the code; None where it is no Python or the function is not among them."""
    try:
        kept: list[ast.stmt] = [node for node in ast.parse(code).body if isinstance(node, _KEPT)]
        if not any(isinstance(node, ast.FunctionDef) and node.name == name for node in kept):
            return None
        return ast.unparse(ast.Module(kept, type_ignores=[]))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
