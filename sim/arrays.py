"""How arrays enter the mathematics: checked once, copied to float64, and read-only from then on."""

from __future__ import annotations

import operator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.errors import InputError

Array = NDArray[np.float64]


def read_only(array: Array) -> Array:
    """Forbid writing to `array` and return it."""
    array.setflags(write=False)
    return array


def finite_array(field: str, value: ArrayLike, ndim: int) -> Array:
    """Return a read-only float64 copy of `value`.

    Args:
        field: Name used in the error message.
        value: Anything numpy reads as numbers.
        ndim: Number of axes expected.

    Raises:
        InputError: `value` is not numeric, has another number of axes, or holds NaN or infinity.

    >>> finite_array("attractiveness", [1, 2], ndim=1)
    array([1., 2.])
    """
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(field, shorten(value), f"expected numbers in a {ndim}-d array ({error})") from error
    if array.ndim != ndim:
        raise InputError(field, f"array of shape {array.shape}", f"expected {ndim} axes, got {array.ndim}")
    bad = np.argwhere(~np.isfinite(array))
    if bad.size:
        where = tuple(int(i) for i in bad[0])
        raise InputError(
            f"{field}[{', '.join(map(str, where))}]",
            array[where],
            "every entry must be finite; remove or impute missing values first",
        )
    return read_only(array)


def non_negative(field: str, value: float) -> float:
    """Return `value` as a float.

    Raises:
        InputError: `value` is not a finite number >= 0.
    """
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise InputError(field, shorten(value), "expected a number >= 0") from error
    if not np.isfinite(number) or number < 0:
        raise InputError(field, number, "expected a finite number >= 0")
    return number


def positive(field: str, value: float) -> float:
    """Return `value` as a float.

    Raises:
        InputError: `value` is not a finite number > 0.
    """
    number = non_negative(field, value)
    if number == 0:
        raise InputError(field, number, "expected a number > 0")
    return number


def whole_number(field: str, value: int, minimum: int) -> int:
    """Return `value` as an int.

    Raises:
        InputError: `value` is not an integer, or is below `minimum`.
    """
    try:
        number = operator.index(value)
    except TypeError as error:
        raise InputError(field, shorten(value), f"expected an integer >= {minimum}") from error
    if number < minimum:
        raise InputError(field, number, f"expected an integer >= {minimum}")
    return number


def shorten(value: object, length: int = 80) -> str:
    """Text of `value`, cut to `length` characters, for error messages."""
    text = repr(value)
    return text if len(text) <= length else text[: length - 3] + "..."
