"""A log of play: who played which mixture in which round, what it earned, and whom it met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.alignment_game import Crowding
from sim.arrays import Array, finite_array, read_only, shorten
from sim.errors import InputError
from sim.estimation.induced.cleaning import LogHealth, cleaned
from sim.game_matrices import group_names
from sim.network import Network
from sim.simplex import validated_profile


@dataclass(frozen=True, eq=False, kw_only=True)
class PlayLog:
    """N payoffs with the mixtures that earned them; arrays are read-only.

    Attributes:
        rounds: Round of each row, (N,).
        accounts: Account of each row, an index into `names`, (N,).
        mixtures: What the account played, (N, D).
        payoffs: What it earned, in the platform's own unit, (N,).
        others: What it met: mean or sum of the others' mixtures in that round (its neighbours', where it has
            neighbours), (N, D).
        crowding: "mean" or "sum", as `others` was made.
        names: Names of the accounts.
        groups: Names of the D groups, or None.
        health: What was left out or mended on the way here.
    """

    rounds: NDArray[np.int64]
    accounts: NDArray[np.int64]
    mixtures: Array
    payoffs: Array
    others: Array
    crowding: Crowding
    names: tuple[str, ...]
    groups: tuple[str, ...] | None
    health: LogHealth

    @classmethod
    def of_play(
        cls,
        profiles: ArrayLike,
        payoffs: ArrayLike,
        *,
        crowding: Crowding = "mean",
        network: Network | None = None,
        groups: tuple[str, ...] | None = None,
    ) -> PlayLog:
        """The log of a play in which every account was paid in every round.

        Args:
            profiles: The profile that was played in each round, before anyone learned from it, (T, M, D), M >= 2.
            payoffs: What it paid, (T, M).
            crowding: As in the game.
            network: Who crowds whom; None: everyone everyone. Every account needs a neighbour.
            groups: Names of the groups.

        Raises:
            InputError: Shapes that don't fit together, values that are not finite, rows that are no mixtures, a lone
                account.
        """
        played = finite_array("profiles", profiles, ndim=3)
        rounds, count, dimension = played.shape
        paid = finite_array("payoffs", payoffs, ndim=2)
        if paid.shape != (rounds, count):
            raise InputError("payoffs", f"array of shape {paid.shape}", f"expected {(rounds, count)}: a payoff a row")
        if count < 2:
            raise InputError("profiles", f"{count} account(s)", "crowding shows between accounts: give at least 2")
        rows = validated_profile("profiles", played.reshape(-1, dimension))
        if network is None:
            total = played.sum(axis=1, keepdims=True) - played
            met = np.full(count, count - 1)
        else:
            if network.accounts != count or network.degrees.min() < 1:
                raise InputError("network", f"{network.accounts} accounts", f"expected {count}, each with a neighbour")
            total = np.stack([network.sums(profile) for profile in played])
            met = network.degrees
        others = total / (met[None, :, None] if _checked(crowding) == "mean" else 1)
        return cls(
            rounds=np.repeat(np.arange(rounds), count),
            accounts=np.tile(np.arange(count), rounds),
            mixtures=rows,
            payoffs=read_only(paid.reshape(-1).copy()),
            others=read_only(others.reshape(-1, dimension)),
            crowding=crowding,
            names=tuple(f"account {m}" for m in range(count)),
            groups=group_names(groups, dimension),
            health=LogHealth.whole(rounds * count),
        )

    @classmethod
    def of_rows(
        cls,
        *,
        rounds: ArrayLike,
        accounts: Sequence[str],
        mixtures: ArrayLike,
        payoffs: ArrayLike,
        neighbours: Sequence[Sequence[str] | None] | None = None,
        crowding: Crowding = "mean",
        groups: tuple[str, ...] | None = None,
    ) -> PlayLog:
        """The log of a live platform, gaps and all: what can't be used is left out, counted, and named in `health`.

        Args:
            rounds: Number of the round of each row; NaN is a gap, (N,).
            accounts: Name of the account; "" is a gap.
            mixtures: Weights, NaN is a gap, (N, D). Rows within 0.02 of a sum of one are rescaled.
            payoffs: NaN is a gap, (N,).
            neighbours: Who crowds the account in that round, by name; None or an empty entry: everyone else.
            crowding: "mean" or "sum" over those it met.
            groups: Names of the groups.

        Raises:
            InputError: Nothing usable, one account, payoffs that never vary, fractional rounds, or an account with two
                different rows in one round.
        """
        kept = cleaned(
            rounds=rounds,
            accounts=accounts,
            mixtures=mixtures,
            payoffs=payoffs,
            neighbours=neighbours,
            summed=_checked(crowding) == "sum",
        )
        return cls(
            rounds=kept.rounds,
            accounts=kept.accounts,
            mixtures=read_only(kept.mixtures),
            payoffs=read_only(kept.payoffs),
            others=read_only(kept.others),
            crowding=crowding,
            names=kept.names,
            groups=group_names(groups, kept.mixtures.shape[1]),
            health=kept.health,
        )

    @property
    def rows(self) -> int:
        """Number of rows N."""
        return int(self.payoffs.size)

    @property
    def dimension(self) -> int:
        """Number of groups D."""
        return int(self.mixtures.shape[1])

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the groups; numbered where they have none."""
        return self.groups or tuple(f"group {d}" for d in range(self.dimension))

    def only(self, rows: NDArray[np.bool_]) -> PlayLog:
        """The rows where `rows` is true, with the same others as before."""
        return PlayLog(
            rounds=self.rounds[rows],
            accounts=self.accounts[rows],
            mixtures=read_only(self.mixtures[rows]),
            payoffs=read_only(self.payoffs[rows]),
            others=read_only(self.others[rows]),
            crowding=self.crowding,
            names=self.names,
            groups=self.groups,
            health=self.health,
        )


def _checked(crowding: Crowding) -> Crowding:
    if crowding not in ("mean", "sum"):
        raise InputError("crowding", shorten(crowding), 'expected "mean" or "sum"')
    return crowding
