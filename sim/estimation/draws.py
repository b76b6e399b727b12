"""Draws of a bootstrap: a, C and S many times over, always made together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, finite_array
from sim.errors import InputError
from sim.estimation.estimator import GameTerms


class Bounds(NamedTuple):
    """Ends of percentile intervals, each of the shape of the quantity."""

    low: Array
    high: Array


@dataclass(frozen=True, eq=False, kw_only=True)
class GameDraws:
    """B estimates of the terms of a game, each from data drawn again.

    Attributes:
        attractiveness: a, (B, D).
        inconsistency: C, (B, D, D).
        similarity: S, (B, D, D).
        groups: Names of the groups, or None.
        provenance: Which estimators and which bootstrap made them.
        redrawn: Samples thrown away because a group had fewer than two answers to some question.

    Raises:
        InputError: Arrays that don't fit together, or an entry that is not finite.
    """

    attractiveness: Array
    inconsistency: Array
    similarity: Array
    groups: tuple[str, ...] | None = None
    provenance: tuple[str, ...] = ()
    redrawn: int = 0

    def __post_init__(self) -> None:
        attractiveness = finite_array("attractiveness", self.attractiveness, ndim=2)
        draws, dimension = attractiveness.shape
        if draws == 0:
            raise InputError("attractiveness", "no draws", "expected at least 1")
        object.__setattr__(self, "attractiveness", attractiveness)
        for name in ("inconsistency", "similarity"):
            matrices = finite_array(name, getattr(self, name), ndim=3)
            if matrices.shape != (draws, dimension, dimension):
                expected = f"expected ({draws}, {dimension}, {dimension})"
                raise InputError(name, f"array of shape {matrices.shape}", expected)
            object.__setattr__(self, name, matrices)
        if self.groups is not None and len(self.groups) != dimension:
            raise InputError("groups", self.groups, f"expected {dimension} names")

    @classmethod
    def of(
        cls,
        terms: Iterable[GameTerms],
        *,
        groups: tuple[str, ...] | None = None,
        provenance: tuple[str, ...] = (),
        redrawn: int = 0,
    ) -> GameDraws:
        """Stack terms, at least one."""
        found = list(terms)
        return cls(
            attractiveness=np.array([each.attractiveness for each in found]),
            inconsistency=np.array([each.inconsistency for each in found]),
            similarity=np.array([each.similarity for each in found]),
            groups=groups,
            provenance=provenance,
            redrawn=redrawn,
        )

    @property
    def count(self) -> int:
        """Number of draws B."""
        return len(self.attractiveness)

    def __getitem__(self, draw: int) -> GameTerms:
        """a, C and S of one draw."""
        return GameTerms(self.attractiveness[draw], self.inconsistency[draw], self.similarity[draw])

    def interval(self, term: str, confidence: float = 0.95) -> Bounds:
        """Percentile intervals of every entry of one term.

        Args:
            term: "attractiveness", "inconsistency" or "similarity".
            confidence: Share of the draws inside each interval, between 0 and 1.

        Raises:
            InputError: Another term or confidence.
        """
        if term not in GameTerms._fields:
            raise InputError("term", repr(term), f"expected one of {', '.join(GameTerms._fields)}")
        return percentile_interval(getattr(self, term), confidence)


def percentile_interval(values: ArrayLike, confidence: float = 0.95) -> Bounds:
    """Percentile interval over the first axis; NaN (undefined in a draw) is left out, all NaN stays NaN.

    An interval of an estimator with bias is shifted by it: resampling adds the bias of few respondents once more.

    Args:
        values: One value, or one array, per draw.
        confidence: Share of the draws inside, between 0 and 1.

    Raises:
        InputError: Confidence is not between 0 and 1.

    >>> low, high = percentile_interval(np.arange(101.0), 0.9)
    >>> round(float(low), 9), round(float(high), 9)
    (5.0, 95.0)
    """
    if not 0 < confidence < 1:
        raise InputError("confidence", confidence, "expected a number between 0 and 1, such as 0.95")
    known = np.asarray(values, np.float64)
    undefined = np.isnan(known).all(axis=0)
    tails = (1 - confidence) / 2, (1 + confidence) / 2
    low, high = np.nanquantile(np.where(undefined, 0.0, known), tails, axis=0)
    return Bounds(np.where(undefined, np.nan, low), np.where(undefined, np.nan, high))
