"""Levers: numbers the platform can set, and the game that each setting makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from sim.alignment_game import AlignmentGame, Incentives
from sim.arrays import Array, finite_array, positive, read_only
from sim.design.closed_form import COEFFICIENTS
from sim.design.safe import checked_coefficient
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame

AnyGame = AlignmentGame | HeterogeneousGame


class Levers(Protocol):
    """K levers within bounds.

    Attributes:
        names: What each is called, K of them.
        low: Least setting, (K,).
        high: Greatest setting, (K,).
    """

    @property
    def names(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def low(self) -> Array: ...  # noqa: D102

    @property
    def high(self) -> Array: ...  # noqa: D102

    def game(self, theta: Array) -> AnyGame:
        """The game at a setting (K,)."""
        ...

    def slopes(self, theta: Array, rows: Array) -> Array:
        """How every account's gradient moves with each lever while mixtures stay, (K, rows, D).

        Args:
            theta: The setting, (K,).
            rows: Mixtures (M, D), or (1, D) where the accounts are identical and all play it.
        """
        ...


@dataclass(frozen=True, eq=False)
class CoefficientLevers:
    """Coefficients as levers, as logarithms: theta = log(coefficient), so that steps are factors.

    In a game of accounts that differ a lever sets the coefficient of all accounts alike.

    Attributes:
        base: The game; what is no lever stays as it is there.
        coefficients: Some of "attractiveness", "inconsistency" and "diversity".
        low: log of the least coefficients, (K,).
        high: log of the greatest, (K,).
    """

    base: AnyGame
    coefficients: tuple[str, ...]
    low: Array
    high: Array

    @classmethod
    def around(
        cls, base: AnyGame, coefficients: Sequence[str] = COEFFICIENTS, *, factor: float = 100.0
    ) -> CoefficientLevers:
        """Levers that may move by a factor up and down from where they are.

        Args:
            base: The game at present.
            coefficients: Which coefficients are levers; their present values are above zero.
            factor: Largest factor, above 1.

        Raises:
            InputError: Unknown or repeated coefficients, one at zero or different between accounts, or a factor of at
                most 1.
        """
        names = tuple(checked_coefficient(name) for name in coefficients)
        if not names or len(set(names)) < len(names):
            raise InputError("coefficients", names, "expected one or more coefficients, each once")
        if positive("factor", factor) <= 1:
            raise InputError("factor", factor, "expected a factor above 1")
        present = np.log([positive(f"incentives.{name}", _common(base, name)) for name in names])
        return cls(base, names, read_only(present - np.log(factor)), read_only(present + np.log(factor)))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the coefficients."""
        return self.coefficients

    @property
    def present(self) -> Array:
        """The present setting, (K,)."""
        return np.log([_common(self.base, name) for name in self.coefficients])

    def incentives(self, theta: ArrayLike) -> Incentives:
        """All three coefficients at a setting (K,)."""
        values = {name: _common(self.base, name) for name in COEFFICIENTS if name not in self.coefficients}
        changed = zip(self.coefficients, np.exp(np.asarray(theta, np.float64)), strict=True)
        return Incentives(**values, **{name: float(value) for name, value in changed})

    def game(self, theta: Array) -> AnyGame:
        """The game at a setting (K,)."""
        if isinstance(self.base, AlignmentGame):
            return replace(self.base, incentives=self.incentives(theta))
        prices = self.base.incentives.copy()
        for name, value in zip(self.coefficients, np.exp(theta), strict=True):
            prices[:, COEFFICIENTS.index(name)] = value
        return _with_prices(self.base, prices)

    def slopes(self, theta: Array, rows: Array) -> Array:
        """See `Levers`: the terms of the utility are linear in the coefficients."""
        values = np.exp(theta)
        unit = [self._term(name, rows) for name in self.coefficients]
        scaled: Array = values[:, None, None] * np.array(unit)
        return scaled

    def _term(self, name: str, rows: Array) -> Array:
        """Gradient of one term at a coefficient of one, (rows, D)."""
        game, column = self.base, COEFFICIENTS.index(name)
        if isinstance(game, AlignmentGame):
            # Averaged over the others, or summed: what one unit of bD weighs at a common mixture.
            crowd = min(game.accounts - 1, 1 if game.crowding == "mean" else game.accounts)
            terms = (game.attractiveness + 0 * rows, -2 * rows @ game.inconsistency, -crowd * rows @ game.similarity.T)
            return terms[column]
        prices = np.zeros_like(game.incentives)
        prices[:, column] = 1.0
        return pull_at(_with_prices(game, prices), rows)


@dataclass(frozen=True, eq=False)
class MappedLevers:
    """Levers of any kind, given the game that each setting makes: ranking knobs once their incentives are known.

    Slopes are central differences of the gradients at fixed mixtures: exact up to rounding where the game's terms are
    at most quadratic in the levers.

    Attributes:
        make: The game at a setting (K,).
        names: What the levers are called.
        low: Least setting, (K,).
        high: Greatest, (K,).
        step: Of the differences, relative to high - low.
    """

    make: Callable[[Array], AnyGame]
    names: tuple[str, ...]
    low: Array
    high: Array
    step: float = 1e-4

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            object.__setattr__(self, name, finite_array(name, getattr(self, name), ndim=1))
        if not self.low.size == self.high.size == len(self.names):
            raise InputError("low", f"{self.low.size} bounds", f"expected {len(self.names)}, one per lever")
        if (self.low >= self.high).any():
            raise InputError("low", self.low.tolist(), f"expected less than high = {self.high.tolist()}")

    def game(self, theta: Array) -> AnyGame:
        """The game at a setting (K,)."""
        return self.make(theta)

    def slopes(self, theta: Array, rows: Array) -> Array:
        """See `Levers`."""
        found = np.empty((theta.size, *rows.shape))
        for lever, width in enumerate(self.step * (self.high - self.low)):
            ahead, behind = theta.copy(), theta.copy()
            # One-sided at a bound: beyond it there may be no game.
            ahead[lever] = min(theta[lever] + width, self.high[lever])
            behind[lever] = max(theta[lever] - width, self.low[lever])
            rise = pull_at(self.make(ahead), rows) - pull_at(self.make(behind), rows)
            found[lever] = rise / (ahead[lever] - behind[lever])
        return found


def pull_at(game: AnyGame, rows: Array) -> Array:
    """Gradient of every account's utility at a profile (M, D); at (1, D) where all play one mixture."""
    if isinstance(game, AlignmentGame):
        slope: Array = game.incentives.attractiveness * game.attractiveness - rows @ game.consensus_matrix.T
        return slope
    return game.gradients(rows)


def _common(game: AnyGame, name: str) -> float:
    if isinstance(game, AlignmentGame):
        return float(getattr(game.incentives, name))
    values = game.incentives[:, COEFFICIENTS.index(name)]
    if np.ptp(values) > 0:
        raise InputError(
            f"incentives.{name}", f"{values.min():g} to {values.max():g}", "accounts differ in it: use MappedLevers"
        )
    return float(values[0])


def _with_prices(game: HeterogeneousGame, prices: Array) -> HeterogeneousGame:
    return HeterogeneousGame(
        attractiveness=game.attractiveness,
        inconsistency=game.inconsistency,
        similarity=game.similarity,
        incentives=prices,
        kinds=game.kinds,
        network=game.network,
        accounts=game.accounts,
        crowding=game.crowding,
        directed=game.directed,
        groups=game.groups,
    )
