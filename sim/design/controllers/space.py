"""Where controllers search: a box of levers, or a list of arms."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, finite_array, shorten
from sim.errors import InputError


def checked_box(low: ArrayLike, high: ArrayLike) -> tuple[Array, Array]:
    """Bounds of K levers, (K,) each.

    Raises:
        InputError: Not two vectors of one length, or a lower bound that is not below its upper one.
    """
    bottom, top = finite_array("low", low, ndim=1), finite_array("high", high, ndim=1)
    if bottom.size == 0 or bottom.size != top.size:
        raise InputError("high", f"{top.size} bounds", f"expected {bottom.size}, one per lever, at least one")
    if (bottom >= top).any():
        raise InputError("low", bottom.tolist(), f"expected less than high = {top.tolist()}")
    return bottom, top


def checked_arms(arms: ArrayLike) -> Array:
    """Profiles to choose from, (N, K).

    Raises:
        InputError: None, or one twice.
    """
    profiles = finite_array("arms", arms, ndim=2)
    if not len(profiles):
        raise InputError("arms", "an empty list", "give at least one profile of levers")
    if len(np.unique(profiles, axis=0)) < len(profiles):
        raise InputError("arms", shorten(profiles.tolist()), "every arm must differ from the others")
    return profiles


def arm_of(arms: Array, profile: ArrayLike) -> int:
    """Which arm a profile is.

    Raises:
        InputError: It is none.
    """
    same = np.flatnonzero((arms == np.asarray(profile, np.float64)).all(axis=1))
    if not same.size:
        raise InputError("profile", shorten(np.asarray(profile).tolist()), "expected one of the arms")
    return int(same[0])


def checked_value(value: float) -> float:
    """A value that can be learned from.

    Raises:
        InputError: It is not a finite number.
    """
    number = float(value)
    if not math.isfinite(number):
        raise InputError("value", value, "expected a finite number; a round without a value is not observed")
    return number
