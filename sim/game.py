"""The contract between a game and everything that solves, plays or judges it."""

from __future__ import annotations

from typing import Protocol

from numpy.typing import ArrayLike

from sim.arrays import Array


class Game(Protocol):
    """M accounts, each choosing a mixture over D groups; `AlignmentGame` and `HeterogeneousGame` are games."""

    @property
    def accounts(self) -> int:
        """Number of accounts M."""
        ...

    @property
    def dimension(self) -> int:
        """Number of groups D."""
        ...

    def payoffs(self, profile: ArrayLike) -> Array:
        """Utility of each account, shape (M,)."""
        ...

    def gradients(self, profile: ArrayLike) -> Array:
        """Gradient of each account's utility in its own mixture, shape (M, D)."""
        ...

    def best_response(self, account: int, profile: ArrayLike, floor: float = 0.0) -> Array:
        """Best mixture of one account against the rest of `profile`, every weight >= floor, shape (D,)."""
        ...

    def best_responses(self, profile: ArrayLike, floor: float = 0.0) -> Array:
        """Best mixture of every account against the rest of `profile`, shape (M, D)."""
        ...

    def curvature(self, account: int) -> Array:
        """Matrix 2 bI C of the account's own quadratic cost w'(2 bI C)w / 2, shape (D, D)."""
        ...
