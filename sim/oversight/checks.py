"""Checks of input shared by the oversight games."""

from __future__ import annotations

import math

from sim.arrays import shorten
from sim.errors import InputError


def finite(field: str, value: float) -> float:
    """Return `value` as a float.

    Raises:
        InputError: `value` is not a finite number.
    """
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise InputError(field, shorten(value), "expected a number") from error
    if not math.isfinite(number):
        raise InputError(field, number, "expected a finite number")
    return number


def share(field: str, value: float) -> float:
    """Return `value`, a probability, as a float.

    Raises:
        InputError: `value` is not a number from 0 to 1.
    """
    number = finite(field, value)
    if not 0 <= number <= 1:
        raise InputError(field, number, "expected a number from 0 to 1")
    return number


def inside(field: str, value: float) -> float:
    """Return `value`, a probability with a finite logit, as a float.

    Raises:
        InputError: `value` is not a number strictly between 0 and 1.
    """
    number = share(field, value)
    if not 0 < number < 1:
        raise InputError(field, number, "expected a number strictly between 0 and 1: logits must be finite")
    return number
