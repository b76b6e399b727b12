"""How plays of parametric agents end, by row and run."""

from __future__ import annotations

from typing import NamedTuple

from agents.parametric import Rates
from sim.arrays import Array


class Ends(NamedTuple):
    """The end of every run.

    Attributes:
        names: Of R rows.
        rates: Means over the last rounds, each field (R, S).
    """

    names: tuple[str, ...]
    rates: Rates

    def of(self, name: str, rate: str = "value") -> Array:
        """One row, (S,)."""
        found: Array = getattr(self.rates, rate)[self.names.index(name)]
        return found


class Drift(NamedTuple):
    """What became of one start under profiles that stay.

    Attributes:
        start: Row of the first play that it goes on from.
        level: Value there, by run, (S,).
        names: Of P profiles.
        path: Value by round, (P, S, T).
        ends: Means over the last rounds, each field (P, S).
    """

    start: str
    level: Array
    names: tuple[str, ...]
    path: Array
    ends: Rates
