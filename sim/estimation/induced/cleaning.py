"""From raw rows to a log: every row is used, mended and counted, or left out and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.arrays import Array
from sim.errors import InputError

ROUNDING = 0.02
"""Weights whose sum is within this of one are taken for rounded and rescaled; others are no mixture."""


@dataclass(frozen=True)
class LogHealth:
    """What became of the rows of a log.

    Attributes:
        given: Rows given.
        used: Rows that a fit uses.
        omitted: Reason -> rows left out for it; a row counts once, for the first reason that holds.
        rescaled: Used mixtures that were divided by their sum, off one by 1e-6 to 0.02.
        missing_rounds: Whole numbers between the first and the last round without any row.
        absences: Pairs of a round and an account, both in the log, without a usable mixture: accounts that vanish.
        partial: Used rows that met others of which some were absent: their mean or sum is that of those present.
        unknown_neighbours: Neighbours named by used rows that have no usable mixture in that round.
    """

    given: int
    used: int
    omitted: Mapping[str, int]
    rescaled: int = 0
    missing_rounds: int = 0
    absences: int = 0
    partial: int = 0
    unknown_neighbours: int = 0

    @classmethod
    def whole(cls, rows: int) -> LogHealth:
        """Of a log without gaps."""
        return cls(rows, rows, MappingProxyType({}))

    def sentences(self) -> tuple[str, ...]:
        """What a reader must know, one fact a sentence.

        >>> LogHealth.whole(3).sentences()
        ('All 3 rows are used.',)
        """
        lines = [f"{self.used:,} of {self.given:,} rows are used."]
        if self.used == self.given:
            lines = [f"All {self.given:,} rows are used."]
        lines += [f"Left out, {reason}: {count:,}." for reason, count in self.omitted.items()]
        facts = (
            (self.rescaled, "mixtures were rescaled to sum to one"),
            (self.missing_rounds, "rounds between the first and the last are missing"),
            (self.absences, "times an account of the log is absent from a round of the log"),
            (self.partial, "used rows met others of whom some are absent; those present stand for them"),
            (self.unknown_neighbours, "named neighbours have no usable mixture in that round and are left out"),
        )
        return (*lines, *(f"{count:,} {words}." for count, words in facts if count))


class Cleaned(NamedTuple):
    """Usable rows; as the fields of `PlayLog`."""

    rounds: NDArray[np.int64]
    accounts: NDArray[np.int64]
    mixtures: Array
    payoffs: Array
    others: Array
    names: tuple[str, ...]
    health: LogHealth


def cleaned(
    *,
    rounds: ArrayLike,
    accounts: Sequence[str],
    mixtures: ArrayLike,
    payoffs: ArrayLike,
    neighbours: Sequence[Sequence[str] | None] | None,
    summed: bool,
) -> Cleaned:
    """Sort raw rows into used and left out, and find whom each used row met.

    Args:
        rounds: (N,).
        accounts: (N,).
        mixtures: (N, D).
        payoffs: (N,).
        neighbours: (N,) or None.
        summed: Whether crowding adds the others up; else it averages them.

    Raises:
        InputError: As of `PlayLog.of_rows`.
    """
    number, weights, paid = _arrays(rounds, accounts, mixtures, payoffs, neighbours)
    given = number.size
    names = np.array([str(name).strip() for name in accounts], dtype=object)
    sums = weights.sum(axis=1)
    left = _Sieve(given)
    left.out("without a round", np.isnan(number))
    left.out("without an account", np.array([name == "" for name in names]))
    left.out("a weight is missing or not finite", np.asarray(~np.isfinite(weights).all(axis=1)))
    left.out("a weight is negative", np.asarray((weights < -1e-6).any(axis=1)))
    left.out(f"weights don't sum to 1 within {ROUNDING:g}", np.asarray(np.abs(sums - 1) > ROUNDING + 1e-9))
    left.out("the same row again", _repeated(number, names, weights, paid, left.kept))
    known = left.kept.copy()
    _refuse_nothing(known, left)
    whole = np.zeros(given, np.int64)
    whole[known] = number[known]
    mended = np.maximum(np.where(known[:, None], weights, 0.0), 0.0)
    scale = mended.sum(axis=1)
    mended = mended / np.where(known, scale, 1.0)[:, None]
    people, account = np.unique(np.where(known, names, ""), return_inverse=True)
    met = _met(whole, names, mended, known, neighbours)
    left.out("the payoff is missing or not finite", ~np.isfinite(paid))
    left.out("nobody else is known in that round", met.number == 0)
    used = left.kept
    _refuse_nothing(used, left)
    present = len(np.unique(account[known]))
    if present < 2:
        raise InputError("account", people[account[known][0]], "the log has one account; crowding needs others")
    if np.ptp(paid[used]) <= 1e-12 * float(np.abs(paid[used]).max()):
        raise InputError("payoff", paid[used][0], "every used row earned the same: such a log tells nothing")
    others = met.total if summed else met.total / np.maximum(met.number, 1)[:, None]
    periods, period = np.unique(whole[known], return_inverse=True)
    crowded = np.bincount(period, minlength=periods.size)[np.searchsorted(periods, whole[used])]
    accounts_used, index = np.unique(account[used], return_inverse=True)
    health = LogHealth(
        given=given,
        used=int(used.sum()),
        omitted=MappingProxyType({reason: count for reason, count in left.counts.items() if count}),
        rescaled=int(np.sum(np.abs(scale[used] - 1) > 1e-6)),
        missing_rounds=int(periods[-1] - periods[0] + 1 - periods.size),
        absences=int(present * periods.size - known.sum()),
        partial=int(np.sum((crowded < present) & ~met.named[used])),
        unknown_neighbours=int(met.unknown[used].sum()),
    )
    return Cleaned(
        whole[used], index, mended[used], paid[used], others[used], tuple(map(str, people[accounts_used])), health
    )


class _Sieve:
    """Rows still kept, and how many fell for each reason."""

    def __init__(self, rows: int) -> None:
        self.kept = np.ones(rows, bool)
        self.counts: dict[str, int] = {}

    def out(self, reason: str, bad: NDArray[Any]) -> None:
        self.counts[reason] = int(np.sum(self.kept & bad))
        self.kept = self.kept & ~bad


class _Met(NamedTuple):
    total: Array
    number: NDArray[np.int64]
    unknown: NDArray[np.int64]
    named: NDArray[np.bool_]


def _met(
    rounds: NDArray[np.int64],
    names: NDArray[np.object_],
    mixtures: Array,
    known: NDArray[np.bool_],
    neighbours: Sequence[Sequence[str] | None] | None,
) -> _Met:
    """Sum and number of the mixtures each row met in its round: of its named neighbours, else of all the others."""
    size = rounds.size
    _, period = np.unique(rounds, return_inverse=True)
    in_round = np.bincount(period, weights=known).astype(np.int64)
    sums = np.stack([np.bincount(period, weights=column) for column in mixtures.T], axis=1)
    total, number = sums[period] - mixtures, in_round[period] - known
    unknown, named = np.zeros(size, np.int64), np.zeros(size, bool)
    if neighbours is None:
        return _Met(total, number, unknown, named)
    where = {(period[row], names[row]): row for row in np.flatnonzero(known)}
    for row in np.flatnonzero(known):
        wanted = {str(name).strip() for name in neighbours[row] or ()} - {names[row]}
        if not wanted:
            continue
        found = [where[period[row], name] for name in sorted(wanted) if (period[row], name) in where]
        total[row], number[row] = mixtures[found].sum(axis=0), len(found)
        unknown[row], named[row] = len(wanted) - len(found), True
    return _Met(total, number, unknown, named)


def _arrays(
    rounds: ArrayLike,
    accounts: Sequence[str],
    mixtures: ArrayLike,
    payoffs: ArrayLike,
    neighbours: Sequence[Sequence[str] | None] | None,
) -> tuple[Array, Array, Array]:
    number, paid = np.asarray(rounds, np.float64), np.asarray(payoffs, np.float64)
    weights = np.asarray(mixtures, np.float64)
    if weights.ndim != 2 or weights.shape[1] < 2:
        raise InputError("mixtures", f"array of shape {weights.shape}", "expected a row per payoff, 2 groups or more")
    if not len(weights):
        raise InputError("mixtures", "no rows", "the log is empty")
    for name, length in (
        ("rounds", number.size),
        ("accounts", len(accounts)),
        ("payoffs", paid.size),
        ("neighbours", len(weights) if neighbours is None else len(neighbours)),
    ):
        if length != len(weights):
            raise InputError(name, f"{length} entries", f"expected {len(weights)}, one per mixture")
    fraction = np.flatnonzero(~np.isnan(number) & (number != np.rint(number)))
    if fraction.size:
        raise InputError(f"rounds[{fraction[0]}]", number[fraction[0]], "rounds are numbered by whole numbers")
    return number, weights, paid


def _repeated(
    number: Array, names: NDArray[np.object_], weights: Array, paid: Array, kept: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Rows that repeat an earlier one word for word; two that differ are an error, as only one can be true."""
    seen: dict[tuple[float, str], int] = {}
    again = np.zeros(number.size, bool)
    for row in np.flatnonzero(kept):
        first = seen.setdefault((number[row], names[row]), row)
        if first == row:
            continue
        again[row] = True
        same = np.array_equal(weights[first], weights[row]) and np.array_equal(
            paid[first : first + 1], paid[row : row + 1], equal_nan=True
        )
        if not same:
            raise InputError(
                f"account {names[row]!r} in round {int(number[row])}",
                f"rows {first} and {row}, which differ",
                "an account plays one mixture and earns one payoff a round; keep one row",
            )
    return again


def _refuse_nothing(kept: NDArray[np.bool_], left: _Sieve) -> None:
    if not kept.any():
        why = "; ".join(f"{reason}: {count}" for reason, count in left.counts.items() if count)
        raise InputError("log", f"{kept.size} rows, none usable", why)
