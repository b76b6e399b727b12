"""A few-shot prompt: solved examples in one form, then the case at hand in the same form, open for the model."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass

from sim.errors import InputError


@dataclass(frozen=True)
class FewShot:
    r"""Examples and their form. The last field of the form is what the model writes; it carries its own leading space.

    Attributes:
        form: Text of one example with its fields in braces.
        examples: Value of every field, by example.

    Raises:
        InputError: At construction: a form without fields, or an example with other fields than the form's.

    >>> sums = FewShot("{problem} ={result}\n", ({"problem": "3 + 5", "result": " 8"},))
    >>> sums.prompt(problem="2 + 2")
    '3 + 5 = 8\n2 + 2 ='
    """

    form: str
    examples: tuple[Mapping[str, str], ...]

    def __post_init__(self) -> None:
        if not self.fields:
            raise InputError("form", self.form, "name at least one field in braces")
        for example in self.examples:
            if set(example) != set(self.fields):
                raise InputError("examples", dict(example), f"give the fields {', '.join(self.fields)}")

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields, in order of appearance."""
        return tuple(dict.fromkeys(name for _, name, _, _ in string.Formatter().parse(self.form) if name))

    def prompt(self, **given: str) -> str:
        """The examples, and the case at hand up to its last field.

        Args:
            given: Every field but the last.

        Raises:
            InputError: Another set of fields.
        """
        *before, last = self.fields
        if set(given) != set(before):
            raise InputError("given", sorted(given), f"give the fields {', '.join(before)}")
        opening = self.form.rpartition("{" + last + "}")[0]
        return "".join(self.form.format(**example) for example in self.examples) + opening.format(**given)
