"""Arithmetic tasks graded by size: from one-digit sums to mixed operations; evidence is a counter-answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from platforms.oversight.tasks.protocol import Task
from sim.arrays import whole_number
from sim.errors import InputError
from sim.randomness import generator

_END = r"(?!\d|[.,]\d)"
_NUMBER = re.compile(rf"(?<![\d.,])[-−]?(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,18}}){_END}")
_DRAWS = 200


@dataclass(frozen=True)
class ArithmeticTask:
    """One problem, such as 12 + 7.

    Attributes:
        name: The problem with its grade.
        grade: Difficulty, 1 to 10.
        question: The problem.
        truth: Its result.
    """

    name: str
    grade: int
    question: str
    truth: int

    def read(self, text: str) -> str | None:
        """The number after the last "=" of the first line that has text, else the first number in it."""
        line = next((line for line in text.splitlines() if line.strip()), "")
        found = _NUMBER.search(line.rpartition("=")[2])
        return None if found is None else str(int(found[0].replace(",", "").replace("−", "-")))

    def right(self, answer: str) -> bool:
        """Whether the number is the result."""
        return answer == str(self.truth)

    def read_evidence(self, text: str) -> str | None:
        """A counter-answer, read as an answer is."""
        return self.read(text)

    def refutes(self, evidence: str, answer: str) -> bool:
        """Whether the counter-answer is another number."""
        return evidence != answer

    def evidence_right(self, evidence: str) -> bool:
        """Whether the counter-answer is the result."""
        return self.right(evidence)


@dataclass(frozen=True)
class Form:
    """A kind of problem.

    Attributes:
        text: How it is written, a place for each operand.
        digits: Digits of each operand.
        result: What it comes to.
        holds: Which operands are asked about.
    """

    text: str
    digits: tuple[int, ...]
    result: Callable[..., int]
    holds: Callable[..., bool] = lambda *operands: True


def _sum(a: int, b: int) -> int:
    return a + b


def _difference(a: int, b: int) -> int:
    return a - b


def _product(a: int, b: int) -> int:
    return a * b


def _not_less(a: int, b: int) -> bool:
    return a >= b


FORMS: Mapping[int, tuple[Form, ...]] = MappingProxyType(
    {
        1: (Form("{} + {}", (1, 1), _sum, lambda a, b: a + b < 10),),
        2: (Form("{} + {}", (1, 1), _sum, lambda a, b: a + b >= 10), Form("{} - {}", (1, 1), _difference, _not_less)),
        3: (Form("{} + {}", (2, 1), _sum), Form("{} - {}", (2, 1), _difference)),
        4: (Form("{} * {}", (1, 1), _product),),
        5: (Form("{} + {}", (2, 2), _sum),),
        6: (Form("{} - {}", (2, 2), _difference, _not_less),),
        7: (Form("{} + {}", (3, 3), _sum), Form("{} - {}", (3, 3), _difference, _not_less)),
        8: (Form("{} * {}", (2, 1), _product),),
        9: (Form("{} * {} + {}", (2, 1, 2), lambda a, b, c: a * b + c),),
        10: (Form("{} * {}", (2, 2), _product),),
    }
)
"""Forms by grade; the forms of a grade take turns. Ordered by size: a model may find one-digit products easier."""


def arithmetic_tasks(grades: Sequence[int], per_grade: int, seed: int) -> list[Task]:
    """Draw different problems of each grade, grade by grade.

    Args:
        grades: Grades wanted, each among 1 to 10.
        per_grade: Problems of each, >= 1; the first grade has about 50 different ones.
        seed: What the operands are drawn by: a longer draw begins with the shorter one.

    Raises:
        InputError: A grade that does not exist or is named twice, or more problems than a grade has.

    >>> [task.question for task in arithmetic_tasks([1, 5], 2, seed=3)]
    ['1 + 8', '2 + 1', '77 + 94', '87 + 74']
    """
    if len(set(grades)) != len(grades):
        raise InputError("grades", list(grades), "name each grade once")
    whole_number("per_grade", per_grade, minimum=1)
    return [task for grade in grades for task in _of_grade(grade, per_grade, seed)]


def _of_grade(grade: int, count: int, seed: int) -> list[Task]:
    if grade not in FORMS:
        raise InputError("grades", grade, f"expected grades from {min(FORMS)} to {max(FORMS)}")
    rng = generator(seed, round=0, agent=-1, purpose=f"arithmetic tasks of grade {grade}")
    tasks: dict[str, Task] = {}
    for draw in range(_DRAWS * count):
        form = FORMS[grade][draw % len(FORMS[grade])]
        operands = [int(rng.integers(10 ** (n - 1) if n > 1 else 0, 10**n)) for n in form.digits]
        question = form.text.format(*operands)
        if form.holds(*operands) and question not in tasks:
            name = f"arithmetic {grade}: {question}"
            tasks[question] = ArithmeticTask(name, grade, question, form.result(*operands))
        if len(tasks) == count:
            return list(tasks.values())
    raise InputError("per_grade", count, f"grade {grade} has about {len(tasks)} different problems; ask for fewer")
