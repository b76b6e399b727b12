"""The functions to write: read from functions.txt, where each stands as code with its docstring and its unit tests."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Function:
    """A function to write.

    Attributes:
        grade: 1 (one expression) to 6 (two ideas or a corner case).
        name: Its name.
        stub: Its first line.
        does: What it does, one line.
        code: The reference solution, whole.
        tests: Assertions, each of a call with literal arguments.
    """

    grade: int
    name: str
    stub: str
    does: str
    code: str
    tests: tuple[str, ...]


@cache
def functions() -> tuple[Function, ...]:
    """All functions, ordered by grade.

    >>> [function.name for function in functions() if function.grade == 1]
    ['double', 'add', 'square', 'last']
    """
    text = (files(__package__) / "functions.txt").read_text(encoding="utf-8")
    found: list[tuple[int, ast.FunctionDef, list[str]]] = []
    grade = 0
    for node in ast.parse(text).body:
        match node:
            case ast.Assign(value=ast.Constant(value=int(number))):
                grade = number
            case ast.FunctionDef():
                found.append((grade, node, []))
            case ast.Assert():
                found[-1][2].append(ast.unparse(node))
    return tuple(_function(grade, node, tests) for grade, node, tests in found)


def _function(grade: int, node: ast.FunctionDef, tests: list[str]) -> Function:
    return Function(
        grade=grade,
        name=node.name,
        stub=f"def {node.name}({ast.unparse(node.args)}):",
        does=ast.get_docstring(node) or "",
        code=ast.unparse(ast.Module([ast.FunctionDef(**{**vars(node), "body": node.body[1:]})], type_ignores=[])),
        tests=tuple(tests),
    )
