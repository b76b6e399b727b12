"""Every equilibrium of a game of two players with two choices, as the places where two best responses meet.

Each player's best responses form a union of rectangles in the square of (p, q): one choice where its margin is
positive, the other where it is negative, everything where it is zero. Equilibria are the rectangles common to both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Interval = tuple[float, float]
Margin = tuple[float, float]


@dataclass(frozen=True)
class Equilibrium:
    """One equilibrium.

    Attributes:
        aligned: p, share of outputs that the solver aligns.
        audited: q, share of outputs that the auditor audits.
        kind: "mixed", or the pure one it is, such as "aligned, unaudited".
        degenerate: Whether it belongs to a continuum of equilibria: some player is exactly indifferent for no reason.
    """

    aligned: float
    audited: float
    kind: str
    degenerate: bool


@dataclass(frozen=True)
class EquilibriumSet:
    """A rectangle of equilibria: a point, a segment where one margin is zero throughout, or the whole square.

    Attributes:
        aligned: Least and largest p.
        audited: Least and largest q; every q of this interval is an equilibrium with every p of the other.
    """

    aligned: Interval
    audited: Interval

    @property
    def single(self) -> bool:
        """Whether it is one point."""
        return self.aligned[0] == self.aligned[1] and self.audited[0] == self.audited[1]

    @property
    def worst(self) -> Equilibrium:
        """Its least aligned, then least audited point."""
        aligned, audited = self.aligned[0], self.audited[0]
        return Equilibrium(aligned, audited, _kind(aligned, audited), degenerate=not self.single)

    def contains(self, other: EquilibriumSet) -> bool:
        """Whether `other` lies in this set."""
        return all(
            mine[0] <= its[0] and its[1] <= mine[1]
            for mine, its in ((self.aligned, other.aligned), (self.audited, other.audited))
        )


def equilibrium_sets(*, deterrence: Margin, audit: Margin, scale: float) -> tuple[EquilibriumSet, ...]:
    """All equilibria, sorted by p, then q.

    Args:
        deterrence: What aligning earns at q = 0 and at q = 1; linear between.
        audit: What auditing earns at p = 0 and at p = 1; linear between.
        scale: Margins up to this size count as zero: a tie.
    """
    deterrence, audit = _snapped(deterrence, scale), _snapped(audit, scale)
    solver = [(own, where) for own, where in _responses(deterrence)]
    auditor = [(where, own) for own, where in _responses(audit)]
    found = {
        EquilibriumSet(aligned, audited)
        for p, q in solver
        for r, s in auditor
        if (aligned := _common(p, r)) and (audited := _common(q, s))
    }
    largest = [one for one in found if not any(other != one and other.contains(one) for other in found)]
    return tuple(sorted(largest, key=lambda one: (one.aligned, one.audited)))


def worst(sets: Sequence[EquilibriumSet]) -> Equilibrium:
    """The least aligned, then least audited equilibrium of all."""
    return min((one.worst for one in sets), key=lambda point: (point.aligned, point.audited))


def _kind(aligned: float, audited: float) -> str:
    if {aligned, audited} <= {0.0, 1.0}:
        return f"{'aligned' if aligned else 'misaligned'}, {'audited' if audited else 'unaudited'}"
    return "mixed"


def _snapped(margin: Margin, scale: float) -> Margin:
    low, high = (0.0 if abs(value) <= scale else value for value in margin)
    return low, high


def _responses(margin: Margin) -> Iterator[tuple[Interval, Interval]]:
    """Pairs (own choices, other's choices to which they are best)."""
    choices = (((1.0, 1.0), _non_negative(margin)), ((0.0, 0.0), _non_negative((-margin[0], -margin[1]))))
    for own, where in choices:
        if where:
            yield own, where
    if (zero := _zero(margin)) is not None:
        yield (0.0, 1.0), zero


def _non_negative(margin: Margin) -> Interval | None:
    """Where a linear function with these end values is >= 0 on [0, 1]."""
    low, high = margin
    if low < 0 and high < 0:
        return None
    return (_root(margin) if low < 0 else 0.0, _root(margin) if high < 0 else 1.0)


def _zero(margin: Margin) -> Interval | None:
    low, high = margin
    if low == high == 0:
        return (0.0, 1.0)
    if low * high > 0:
        return None
    return (_root(margin), _root(margin))


def _root(margin: Margin) -> float:
    low, high = margin
    return low / (low - high) + 0.0  # never -0.0


def _common(one: Interval, two: Interval) -> Interval | None:
    low, high = max(one[0], two[0]), min(one[1], two[1])
    return (low, high) if low <= high else None
