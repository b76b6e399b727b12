"""Functions as tasks: reference solutions pass, wrong ones don't, and what a model writes around code is left out."""

import pytest

from platforms.oversight.tasks.arithmetic import arithmetic_tasks
from platforms.oversight.tasks.function_bank import functions
from platforms.oversight.tasks.functions import function_tasks, judge_ahead
from sim.errors import InputError

WRONG = {
    "double": "def double(x): return x + 2",
    "is_palindrome": "def is_palindrome(s): return s[:1] == s[-1:] or len(s) < 2 and True",
    "is_prime": "def is_prime(n): return n > 1 and n % 2 == 1 or n == 2",
    "second_largest": "def second_largest(items): return sorted(items)[-2]",
    "balanced": "def balanced(s): return s.count('(') == s.count(')')",
    "from_roman": "def from_roman(s): return sum(dict(I=1, V=5, X=10, L=50, C=100, D=500, M=1000)[c] for c in s)",
    "merge": "def merge(spans): return sorted(spans)",
    "median": "def median(items): return sorted(items)[len(items) // 2]",
}


@pytest.fixture(scope="module")
def tasks(sandbox):
    return function_tasks(sandbox)


@pytest.fixture
def double(tasks):
    return tasks[0]


def test_there_are_four_functions_to_a_grade_each_with_tests_that_tell_constants_apart(tasks):
    assert [task.grade for task in tasks] == sorted([1, 2, 3, 4, 5, 6] * 4)
    assert len({task.name for task in tasks}) == len(tasks)
    for function in functions():
        assert function.does
        assert len({test.rpartition("==")[2] for test in function.tests}) > 1, function.name


def test_every_reference_solution_is_right_and_an_empty_body_is_not(tasks):
    answers = [task.read(task.function.code) for task in tasks]
    empty = [f"{task.function.stub} pass" for task in tasks]
    judge_ahead([*tasks, *tasks], [*answers, *empty], [None] * (2 * len(tasks)))
    assert [task.name for task, answer in zip(tasks, answers, strict=True) if not task.right(answer)] == []
    assert [task.name for task, answer in zip(tasks, empty, strict=True) if task.right(answer)] == []


@pytest.mark.parametrize("name", WRONG)
def test_plausible_but_wrong_code_is_wrong(tasks, name):
    (task,) = (task for task in tasks if task.function.name == name)
    assert not task.right(task.read(WRONG[name]))


@pytest.mark.parametrize(
    "text",
    [
        "    return 2 * x\n\nQuestion: what is three?\ndef triple(x):",
        "\n    # twice\n    return 2*x\n",
        "def double(x):\n    return (2 * x)\n\nprint(double(3))\nThis doubles.",
        "Here it is:\n```python\ndef double(x):\n    # twice\n    return 2 * x\n```\nWell?\n```\nno\n```",
        "```\ndef double(x):\n    return 2 * x",
        "I think\ndef double(x):\n    return 2 * x\nis right.",
    ],
)
def test_code_is_found_amid_what_a_model_writes(double, text):
    assert double.read(text) == "def double(x):\n    return 2 * x"


def test_helpers_and_imports_stay_with_the_function(double):
    text = "import math\ndef twice(x): return math.floor(2 * x)\ndef double(x): return twice(x)\nwhile True: pass"
    assert double.right(double.read(text))


@pytest.mark.parametrize(
    "text",
    ["", "return 2 * x", "def twice(x):\n    return x", "    return (2 * x", "12", "    \0", "    " + "(" * 3000],
)
def test_text_without_the_function_is_unreadable(double, text):
    assert double.read(text) is None


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        (" assert double( 3 )==6\nassert double(4) == 8", "assert double(3) == 6"),
        ("It fails on\ndouble(-1) == -2", "assert double(-1) == -2"),
        ("assert double(x) == 6\nassert double(2) == 5", "assert double(2) == 5"),
        ("assert triple(3) == 9", None),
        ("assert double", None),
        ("", None),
    ],
)
def test_what_is_read_as_evidence(double, text, evidence):
    assert double.read_evidence(text) == evidence


def test_evidence_refutes_code_that_breaks_it_and_is_right_if_the_reference_keeps_it(double):
    right, wrong = "def double(x): return 2 * x", "def double(x): return x + 3"
    true, false = "assert double(4) == 8", "assert double(3) == 7"
    assert double.refutes(true, wrong)
    assert not double.refutes(true, right)
    assert not double.refutes("assert double(3) == 6", wrong)  # true, and silent: 3 + 3 is 6 too
    assert double.refutes(false, right)
    assert double.refutes(true, "import socket")
    assert double.evidence_right(true)
    assert not double.evidence_right(false)
    assert not double.evidence_right("assert double(1, 2) == 3")


def test_judging_ahead_runs_what_judging_needs_and_no_more(sandbox, double):
    sums = arithmetic_tasks([1], 1, seed=0)
    answer, evidence = "def double(x): return x * 2 + 0", "assert double(21) == 42"
    judge_ahead([double, *sums], [answer, "3"], [evidence, "4"])
    known = len(sandbox._outcomes)
    assert double.right(answer)
    assert not double.refutes(evidence, answer)
    assert double.evidence_right(evidence)
    assert len(sandbox._outcomes) == known


def test_what_is_no_grade_or_no_evidence_is_refused_by_name(sandbox, double):
    with pytest.raises(InputError, match="grades = 7"):
        function_tasks(sandbox, [7])
    with pytest.raises(InputError, match="evidence"):
        double.refutes("looks wrong", "def double(x): return 2 * x")
