"""The one error a user sees for bad input: what was given, what was expected, what to do."""

from __future__ import annotations


class InputError(ValueError):
    """Bad input, said so that the reader can mend it.

    Args:
        field: Name of the offending argument, column or config key.
        value: What was given (shortened by the caller if large).
        remedy: What was expected and what to do about it.
    """

    def __init__(self, field: str, value: object, remedy: str) -> None:
        self.field = field
        self.value = value
        self.remedy = remedy
        super().__init__(f"{field} = {value}: {remedy}")
