"""The trusted side: honest code passes, the same job runs once, and no report that code can write fools it."""

import os
import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platforms.oversight.sandbox import Assertion, Job, Outcome
from platforms.oversight.sandbox.outcome import outcome_of
from platforms.oversight.sandbox.sandbox import Limits
from sim.errors import InputError

ASKED = (Assertion("f(3)", "6"),)


def test_honest_code_passes_and_may_use_the_modules_that_compute(sandbox):
    code = (
        "from __future__ import annotations\nimport math, re, itertools, collections.abc, functools, heapq, string\n"
        "from decimal import Decimal\nfrom fractions import Fraction\nfrom typing import Any\n"
        "print('a line')\n@functools.cache\ndef f(x: int) -> Any: return [math.floor(x), str(Decimal(1) / 8), "
        "re.sub('a', 'b', 'aa'), list(itertools.chain('ab', 'c')), {1: (True, None)}, {1, 2}, set(), b'x', 0.5]"
    )
    value = "[3, '0.125', 'bb', ['a', 'b', 'c'], {1: (True, None)}, {1, 2}, set(), b'x', 0.5]"
    assert sandbox.run([Job(code, (Assertion("f(3)", value),))])[0].kind is Outcome.PASSED


def test_all_assertions_count_and_the_one_that_fails_is_told(sandbox):
    asked = (Assertion("f(1)", "2"), Assertion("f(3)", "9"))
    (outcome,) = sandbox.run([Job("def f(x): return 2 * x", asked)])
    assert (outcome.kind, outcome.detail) == (Outcome.FAILED, "assert f(3) == 9: found 6")


def test_the_order_of_a_set_is_the_same_each_time(sandbox):
    jobs = [Job(f"# {number}\ndef f(): return list(set('abcdefgh'))", (Assertion("f()", "0"),)) for number in range(3)]
    assert len({outcome.detail for outcome in sandbox.run(jobs)}) == 1


def test_a_job_is_run_once_and_no_descriptor_is_left_open(sandbox):
    jobs = [Job("def f(x): return x + x", ASKED), Job("def f(x): return x", ASKED)]
    open_before = len(os.listdir("/proc/self/fd"))
    first, second = sandbox.run(jobs)
    again = sandbox.run([*jobs[::-1], *jobs])
    assert again[1] is again[2] is first
    assert again[0] is again[3] is second
    assert len(os.listdir("/proc/self/fd")) == open_before
    assert sandbox.run([]) == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("class F(int):\n def __eq__(self, other): return True\ndef f(x): return F(7)", Outcome.FAILED),
        ("class F:\n def __repr__(self): return '7'\ndef f(x): return F()", Outcome.FAILED),
        ("class F:\n def __repr__(self): return '6] + [6'\ndef f(x): return F()", Outcome.FAILED),
        ("def f(x): return object()", Outcome.FAILED),
        ("repr = lambda x: '7'\n__builtins__.repr = repr\ndef f(x): return x", Outcome.ERROR),
        ("__builtins__.repr = lambda x: 7\ndef f(x): return x", Outcome.ERROR),
        ("__builtins__.eval = lambda *x: 7\ndef f(x): return 6", Outcome.FAILED),
        ("def f(x): raise AssertionError", Outcome.ERROR),
        ("def g(x): return 6", Outcome.ERROR),
        ("__builtins__.__dict__.clear()\ndef f(x): return 7", Outcome.ERROR),
    ],
)
def test_code_that_tampers_with_its_judge_does_not_pass(sandbox, code, kind):
    assert sandbox.run([Job(code, ASKED)])[0].kind is kind


@pytest.mark.parametrize(
    "report",
    [
        b"",
        b"\xff\xfe",
        b"None",
        b"{'kind': 'passed'}",
        b"{'kind': 'unconfined'}",
        b"{'kind': 'values'}",
        b"{'kind': 'values', 'values': []}",
        b"{'kind': 'values', 'values': ['6', '6']}",
        b"{'kind': []}",
        b"[" * 60000,
        b"-" * 60000,
        b"1+" * 30000 + b"1",
        b"{[]: 1}",
        b"9" * 60000,
        b"__import__('os').system('false')",
    ],
)
def test_a_report_that_is_none_is_an_error(report):
    assert outcome_of(report, 0, ASKED).kind is Outcome.ERROR


@pytest.mark.parametrize(
    "value", [b"6.5", b"-" * 50000, b"[" * 50000, b"[]", b"__import__('os')", b"{[]: 1}", b"{'a'}"]
)
def test_a_value_that_is_not_the_one_asserted_fails(value):
    report = b"{'kind': 'values', 'values': ['%s']}" % value.replace(b"'", b'"')
    assert outcome_of(report, 0, ASKED).kind is Outcome.FAILED


@given(report=st.binary(max_size=80))
def test_no_bytes_pass_unless_they_hold_the_value(report):
    assert outcome_of(report, 0, ASKED).kind is not Outcome.PASSED or b"6" in report


def test_signals_are_told_apart():
    kinds = {number: outcome_of(b"", -number, ASKED).kind for number in (signal.SIGSYS, signal.SIGXCPU, 9, 11)}
    assert list(kinds.values()) == [Outcome.FORBIDDEN, Outcome.TIMEOUT, Outcome.TIMEOUT, Outcome.ERROR]


@pytest.mark.parametrize(
    ("text", "call", "value"),
    [
        ("assert f(3) == 6", "f(3)", "6"),
        (" assert f( -1,[2,'a'] , k={}) == (1,), 'a message'\n", "f(-1, [2, 'a'], k={})", "(1,)"),
    ],
)
def test_an_assertion_is_a_call_with_literals_compared_with_a_literal(text, call, value):
    found = Assertion.of_text(text)
    assert found == Assertion(call, value)
    assert Assertion.of_text(found.text) == found
    assert found.function == "f"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "f(3) == 6",
        "assert f(3)",
        "assert f(3) != 6",
        "assert f(3) == 6 == 6",
        "assert f(x) == 6",
        "assert f(g(3)) == 6",
        "assert f(*[3]) == 6",
        "assert f(**{'x': 3}) == 6",
        "assert f.g(3) == 6",
        "assert (lambda x: x)(3) == 6",
        "assert f(3) == g(3)",
        "assert f(3) == 6; import os",
        "import os",
        "assert " + "(" * 300,
        "assert f('" + "x" * 500 + "') == 6",
        "assert f('\0') == 6",
    ],
)
def test_any_other_text_is_no_assertion(text):
    assert Assertion.of_text(text) is None


@pytest.mark.parametrize("given", [{"cpu_seconds": 0}, {"seconds": 0.0}, {"memory_mib": 10}, {"output_kib": 0}])
def test_limits_that_make_no_sense_are_refused_by_name(given):
    with pytest.raises(InputError, match=f"limits.{next(iter(given))}"):
        Limits(**given)
