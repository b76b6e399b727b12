"""An assertion about a function, such as `assert double(3) == 6`: the call runs in the sandbox, the comparison here.

The value that is asked for never enters the sandbox, so code that tampers with its process can't pass without it.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

LONGEST = 400
"""Characters of an assertion, call and value."""


@dataclass(frozen=True)
class Assertion:
    """A call with literal arguments, and the value it should have.

    Attributes:
        call: The call, as Python writes it.
        value: The value, as Python writes it: a literal.
    """

    call: str
    value: str

    @classmethod
    def of_text(cls, text: str) -> Assertion | None:
        """Read `assert name(literals) == literal`; None for any other text.

        >>> Assertion.of_text("assert double( 3 )==6")
        Assertion(call='double(3)', value='6')
        >>> Assertion.of_text("assert double(x) == 6") is None
        True
        """
        if len(text) > LONGEST:
            return None
        try:
            (statement,) = ast.parse(text.strip()).body
            return cls._of_statement(statement)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return None

    @classmethod
    def _of_statement(cls, statement: ast.stmt) -> Assertion:
        match statement:
            case ast.Assert(test=ast.Compare(left=ast.Call() as call, ops=[ast.Eq()], comparators=[value])):
                if not isinstance(call.func, ast.Name) or any(word.arg is None for word in call.keywords):
                    raise ValueError("not a plain call")
                for argument in [*call.args, *(word.value for word in call.keywords)]:
                    ast.literal_eval(argument)
                return cls(call=ast.unparse(call), value=repr(ast.literal_eval(value)))
        raise ValueError("not a comparison of a call")

    @property
    def text(self) -> str:
        """The assertion as code."""
        return f"assert {self.call} == {self.value}"

    @property
    def function(self) -> str:
        """Name of the function that is called."""
        return self.call.partition("(")[0]

    def holds(self, found: str) -> bool:
        """Whether what the call came to, written by code nobody trusts, equals the value."""
        try:
            return bool(ast.literal_eval(found) == ast.literal_eval(self.value))
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return False
